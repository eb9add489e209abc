// What comes before the first batch: random vectors and shuffled samples, functions of the seed alone.
import { mix64 } from './hash'

/** Uniform numbers in [-1 / dim, 1 / dim], each a function of seed and row only; rows [from, to). */
export function initRows(rows: usize, from: u32, to: u32, stride: u32, dim: u32, seed: u32): void {
	const range: f32 = 1 / <f32>dim
	for (let row = from; row < to; row++) {
		const place = rows + ((<usize>row * stride) << 2)
		const start = mix64((<u64>seed << 32) | <u64>row)
		for (let k: u32 = 0; k < dim; k++) {
			const draw = mix64(start + <u64>k)
			store<f32>(place + (<usize>k << 2), (<f32>(draw >> 40) / 8388608 - 1) * range)
		}
	}
}

/** Fisher and Yates; the order is a function of seed and round. */
export function shuffle(order: usize, count: u32, seed: u32, round: u32): void {
	let state = mix64((<u64>seed << 32) | <u64>round)
	for (let last = count - 1; last > 0 && last < count; last--) {
		state = mix64(state)
		const other = <u32>(((state >> 32) * <u64>(last + 1)) >> 32)
		const a = order + (<usize>last << 2)
		const b = order + (<usize>other << 2)
		const kept = load<u32>(a)
		store<u32>(a, load<u32>(b))
		store<u32>(b, kept)
	}
}
