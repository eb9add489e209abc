// What fastText's `predict` computes, for many titles at once and to the last bit: each label's product is summed up in the engine's
// order, and SIMD only puts labels side by side.
import { findBest } from '../../../../src/model/kernels/best'
import { softmax } from '../../../../src/model/kernels/softmax'

/** Addresses from here on are the caller's. */
export function heapBase(): usize {
	return __heap_base
}

/** Label vectors [labels][dim] to panels of 8 labels: [label / 8][dim][label % 8]. */
export function packPanels(vectors: usize, labels: usize, dim: usize, panels: usize): void {
	for (let label: usize = 0; label < labels; label++) {
		const panel = panels + (((label >> 3) * dim) << 5) + ((label & 7) << 2)
		const vector = vectors + ((label * dim) << 2)
		for (let k: usize = 0; k < dim; k++)
			store<f32>(panel + (k << 5), load<f32>(vector + (k << 2)))
	}
}

/**
 * The scores of labels for titles: products [title][width] of hidden vectors [title][dim] with panels.
 *
 * @param titles a multiple of 4
 * @param width labels, rounded up to a multiple of 8
 */
export function multiply(
	hidden: usize,
	titles: usize,
	dim: usize,
	panels: usize,
	width: usize,
	products: usize,
): void {
	for (let label: usize = 0; label < width; label += 8)
		for (let title: usize = 0; title < titles; title += 4)
			multiplyTile(
				hidden + ((title * dim) << 2),
				dim << 2,
				panels + ((label * dim) << 2),
				products + ((title * width + label) << 2),
				width << 2,
			)
}

/** 4 titles × 8 labels, which stay in registers. */
// @ts-ignore
@inline
function multiplyTile(hidden: usize, hiddenBytes: usize, panel: usize, product: usize, rowBytes: usize): void {
	let a0 = f32x4.splat(0)
	let a1 = a0
	let b0 = a0
	let b1 = a0
	let c0 = a0
	let c1 = a0
	let d0 = a0
	let d1 = a0
	let p = panel
	for (let h = hidden; h < hidden + hiddenBytes; h += 4) {
		const x0 = v128.load(p)
		const x1 = v128.load(p, 16)
		const a = v128.load_splat<f32>(h)
		a0 = f32x4.add(a0, f32x4.mul(a, x0))
		a1 = f32x4.add(a1, f32x4.mul(a, x1))
		const b = v128.load_splat<f32>(h + hiddenBytes)
		b0 = f32x4.add(b0, f32x4.mul(b, x0))
		b1 = f32x4.add(b1, f32x4.mul(b, x1))
		const c = v128.load_splat<f32>(h + 2 * hiddenBytes)
		c0 = f32x4.add(c0, f32x4.mul(c, x0))
		c1 = f32x4.add(c1, f32x4.mul(c, x1))
		const d = v128.load_splat<f32>(h + 3 * hiddenBytes)
		d0 = f32x4.add(d0, f32x4.mul(d, x0))
		d1 = f32x4.add(d1, f32x4.mul(d, x1))
		p += 32
	}
	v128.store(product, a0)
	v128.store(product, a1, 16)
	v128.store(product + rowBytes, b0)
	v128.store(product + rowBytes, b1, 16)
	v128.store(product + 2 * rowBytes, c0)
	v128.store(product + 2 * rowBytes, c1, 16)
	v128.store(product + 3 * rowBytes, d0)
	v128.store(product + 3 * rowBytes, d1, 16)
}

/**
 * Turns a title's scores into probabilities, in place, and writes its `count` best labels: places at `best`, then what fastText says
 * of each, as [count] u32 and [count] f32. `scratch` has 8 bytes for each of `count + 1`.
 */
export function answer(scores: usize, labels: usize, count: usize, best: usize, scratch: usize): void {
	softmax(scores, labels)
	findBest(scores, labels, count, best, scratch)
}
