// Adagrad's steps for one batch: each label and each row is changed by the worker that owns it.
import { ownCandidates, ownRows, ownStrip, sampleAt, Train } from './job'
import { Sample } from './ngrams'
import { multiplyOutput } from './products'
import { meanSquare } from './vectors'

/** Adagrad with one accumulator an element, on the candidates [from, to). */
export function updateOutput(
	job: Train,
	thread: u32,
	count: usize,
	from: usize,
	to: usize,
	width: usize,
	rate: f32,
): void {
	const dim: usize = job.dim
	const candidates = ownCandidates(job, thread)
	const strip = ownStrip(job, thread)
	const rows = ownRows(job, thread)
	const padded = (count + 3) & ~3
	const speed = f32x4.splat(rate)
	for (let position = from; position < to; position += 4) {
		for (let index: usize = 0; index < padded; index++)
			v128.store(
				strip + (index << 4),
				v128.load(job.errors + ((index * width + position) << 2)),
			)
		multiplyOutput(strip, job.hiddenPanels, job.batch, padded, rows, dim)
		for (let lane: usize = 0; lane < 4; lane++) {
			const label = load<i32>(candidates + ((position + lane) << 2))
			if (label < 0) continue
			const offset = (<usize>label * dim) << 2
			const gradient = rows + ((lane * dim) << 2)
			for (let k: usize = 0; k < dim << 2; k += 16) {
				const g = v128.load(gradient + k)
				const squares = f32x4.add(v128.load(job.outputSquares + offset + k), f32x4.mul(g, g))
				v128.store(job.outputSquares + offset + k, squares)
				const change = f32x4.div(f32x4.mul(g, speed), f32x4.sqrt(squares))
				const place = job.output + offset + k
				v128.store(place, f32x4.sub(v128.load(place), change))
			}
		}
	}
}

/** Adagrad with one accumulator a row, on the rows that this worker owns; one update for each occurrence. */
export function updateInput(job: Train, thread: u32, first: usize, count: usize, rate: f32): void {
	const dim: usize = job.dim
	const threads = job.threads
	let sink: u32 = 0
	for (let index: usize = 0; index < count; index++) {
		if (index + 1 < count) sink ^= touchOwnRows(job, sampleAt(job, first, index + 1), dim, thread)
		const sample = sampleAt(job, first, index)
		const gradient = job.gradient + ((index * dim) << 2)
		const share: f32 = 1 / <f32>sample.length
		const square = meanSquare(gradient, dim) * share * share
		const end = sample.features + (sample.length << 2)
		for (let feature = sample.features; feature < end; feature += 4) {
			const row = load<u32>(feature)
			if (row % threads != thread) continue
			const squares = load<f32>(job.inputSquares + (<usize>row << 2)) + square
			store<f32>(job.inputSquares + (<usize>row << 2), squares)
			const speed = f32x4.splat((rate * share) / sqrt<f32>(squares))
			const vector = job.input + ((<usize>row * dim) << 2)
			for (let k: usize = 0; k < dim << 2; k += 32) {
				const x0 = f32x4.mul(v128.load(gradient + k), speed)
				const x1 = f32x4.mul(v128.load(gradient + k, 16), speed)
				v128.store(vector + k, f32x4.sub(v128.load(vector + k), x0))
				v128.store(vector + k, f32x4.sub(v128.load(vector + k, 16), x1), 16)
			}
		}
	}
	store<u32>(ownStrip(job, thread), sink)
}

function touchOwnRows(job: Train, sample: Sample, dim: usize, thread: u32): u32 {
	const end = sample.features + (sample.length << 2)
	let sink: u32 = 0
	for (let feature = sample.features; feature < end; feature += 4) {
		const number = load<u32>(feature)
		if (number % job.threads != thread) continue
		sink ^= load<u32>(job.inputSquares + (<usize>number << 2))
		const row = job.input + ((<usize>number * dim) << 2)
		for (let line = row; line < row + (dim << 2); line += 64) sink ^= load<u32>(line)
	}
	return sink
}
