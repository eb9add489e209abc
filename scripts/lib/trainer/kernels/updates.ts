// Adagrad's steps for one batch: each label and each row is changed by the worker that owns it.
import { askWorkAhead, listWork } from './features'
import { lengthAt, ownCandidates, ownRows, ownStrip, ownWork, Train } from './job'
import { multiplyOutput } from './products'

/** Candidates whose errors are packed together: a cache line of them. Mirrors GROUP in layout.ts. */
export const GROUP: usize = 16

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
	for (let position = from; position < to; position += GROUP) {
		const strips = min(GROUP, to - position) >> 2
		packStrips(job.errors + (position << 2), width << 2, padded, strip, strips)
		multiplyOutput(strip, strips, job.hiddenPanels, job.panelRows, padded, rows, dim)
		for (let lane: usize = 0; lane < strips << 2; lane++) {
			const label = load<i32>(candidates + ((position + lane) << 2))
			if (label >= 0) stepOutput(job, label, rows + ((lane * dim) << 2), dim, rate)
		}
	}
}

/** Columns of `errors` → strips [sample][4] one after the other: a group of them reads each cache line once. */
function packStrips(errors: usize, rowBytes: usize, samples: usize, strip: usize, strips: usize): void {
	const stripBytes = samples << 4
	let row = errors
	for (let s = strip; s < strip + stripBytes; s += 16) {
		for (let column: usize = 0; column < strips; column++)
			v128.store(s + column * stripBytes, v128.load(row + (column << 4)))
		row += rowBytes
	}
}

// @ts-ignore
@inline
function stepOutput(job: Train, label: usize, gradient: usize, dim: usize, rate: f32): void {
	const speed = f32x4.splat(rate)
	const row = job.output + ((label * dim) << 2)
	const rowSquares = job.outputSquares + ((label * dim) << 2)
	for (let k: usize = 0; k < dim << 2; k += 16) {
		const g = v128.load(gradient + k)
		const squares = f32x4.add(v128.load(rowSquares + k), f32x4.mul(g, g))
		v128.store(rowSquares + k, squares)
		const change = f32x4.div(f32x4.mul(g, speed), f32x4.sqrt(squares))
		v128.store(row + k, f32x4.sub(v128.load(row + k), change))
	}
}

/** Adagrad with one accumulator a row, on the rows that this worker owns; one update for each occurrence. */
export function updateInput(job: Train, thread: u32, count: usize, rate: f32): void {
	const dim: usize = job.dim
	const end = listWork(job, thread, count)
	let sink: u32 = 0
	for (let work = ownWork(job, thread); work < end; work += 8) {
		sink ^= askWorkAhead(work, job)
		const row: usize = load<u32>(work)
		const index: usize = load<u32>(work, 4)
		const share: f32 = 1 / (<f32>load<u32>(lengthAt(job, index)) + job.dilution)
		const step = job.inputSteps + (row << 3)
		const squares = load<f32>(step) + load<f32>(job.squares + (index << 2))
		store<f32>(step, squares)
		const speed = f32x4.splat((rate * share * load<f32>(step, 4)) / sqrt<f32>(squares))
		const gradient = job.gradient + ((index * dim) << 2)
		const vector = job.input + ((row * dim) << 2)
		for (let k: usize = 0; k < dim << 2; k += 32) {
			const x0 = f32x4.mul(v128.load(gradient + k), speed)
			const x1 = f32x4.mul(v128.load(gradient + k, 16), speed)
			v128.store(vector + k, f32x4.sub(v128.load(vector + k), x0))
			v128.store(vector + k, f32x4.sub(v128.load(vector + k, 16), x1), 16)
		}
	}
	store<u32>(ownStrip(job, thread), sink)
}
