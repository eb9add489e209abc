// One batch of mini-batch Adagrad on a softmax over the labels of the batch and some more that the whole batch shares.
// Samples, labels and rows each have one owner among the workers, and sums run in the order of the samples: the same
// bits come out with any number of workers.
import { barrier } from './barrier'
import { mix64 } from './hash'
import { Sample } from './ngrams'
import { multiplyBack, multiplyOutput, multiplyScores } from './products'
import { softmaxErrors } from './softmax'

/** Candidates that fill up the last panel of 8: no sample can want them. */
const NO_SCORE: f32 = -1e30

/** Mirrors TRAIN in layout.ts. */
@unmanaged
export class Train {
	/** Sum of the losses of all samples since the caller zeroed it, in nats, and their number `lossCount`. */
	lossSum: f64
	threads: u32
	barrier: usize
	samples: usize
	/** Numbers of the samples that can be learnt from, shuffled. */
	order: usize
	orderCount: u32
	/** Vectors of features, `dim` floats each, and one accumulator for each. */
	input: usize
	inputSquares: usize
	/** Vectors of labels, and one accumulator for each element. */
	output: usize
	outputSquares: usize
	labels: u32
	/** Minus the logarithm of how likely a label is among the candidates, or zeros. */
	labelBias: usize
	/** Floats of a vector, padded to a multiple of 8. */
	dim: u32
	batch: u32
	negatives: u32
	seed: u32
	step: u32
	steps: u32
	warmup: u32
	inputRate: f32
	outputRate: f32
	/** Learning rates fall linearly to this share of themselves. */
	lastRate: f32
	/** Scratch: hidden and its gradient [batch][dim], hidden in panels, errors [batch][width]. */
	hidden: usize
	hiddenPanels: usize
	gradient: usize
	errors: usize
	losses: usize
	/** Scratch: candidates' vectors in panels of labels and in panels of dimensions; their biases. */
	labelPanels: usize
	dimPanels: usize
	candidateBias: usize
	/** Scratch of each worker, `ownBytes` apart: see `own…` below. */
	own: usize
	ownBytes: u32
	/** Most candidates, a multiple of 8. */
	width: u32
	/** 1 where the output matrix only is learnt. */
	frozenInput: u32
	lossCount: u32
	/** 0 where the last batch was finite. */
	broken: u32
}

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

// A worker's scratch: [labels] stamps, [labels] positions, [width] candidates, 4 rows of output gradient, a strip of errors.
// @ts-ignore
@inline
function ownStamps(job: Train, thread: u32): usize {
	return job.own + <usize>job.ownBytes * thread
}

// @ts-ignore
@inline
function ownPositions(job: Train, thread: u32): usize {
	return ownStamps(job, thread) + ((<usize>job.labels) << 2)
}

// @ts-ignore
@inline
function ownCandidates(job: Train, thread: u32): usize {
	return ownPositions(job, thread) + ((<usize>job.labels) << 2)
}

// @ts-ignore
@inline
function ownRows(job: Train, thread: u32): usize {
	return (ownCandidates(job, thread) + ((<usize>job.width) << 2) + 15) & ~15
}

// @ts-ignore
@inline
function ownStrip(job: Train, thread: u32): usize {
	return ownRows(job, thread) + ((<usize>job.dim) << 4)
}

// @ts-ignore
@inline
function sampleAt(job: Train, first: usize, index: usize): Sample {
	const number = load<u32>(job.order + ((first + index) << 2))
	return changetype<Sample>(job.samples + <usize>number * offsetof<Sample>())
}

/**
 * Trains on the batch that starts at `first` of the order. All workers call it with the same arguments but `thread`.
 *
 * @returns 0, or 1 where a loss is not finite
 */
export function trainBatch(job: Train, thread: u32, round: u32, first: usize): u32 {
	const count = min<usize>(<usize>job.batch, <usize>job.orderCount - first)
	const tiles = (count + 3) >> 2
	const from = ((tiles * thread) / job.threads) << 2
	const to = ((tiles * (thread + 1)) / job.threads) << 2
	const width = chooseCandidates(job, thread, first, count, round)
	const panels = width >> 3
	const labelFrom = ((panels * thread) / job.threads) << 3
	const labelTo = ((panels * (thread + 1)) / job.threads) << 3
	// Read before the first barrier: the first worker counts the step while others still update.
	const rate = rateAt(job)

	gatherHidden(job, first, count, from, to)
	packCandidates(job, thread, labelFrom, labelTo, width)
	barrier(job.barrier, job.threads)

	computeErrors(job, thread, first, count, from, to, width)
	barrier(job.barrier, job.threads)

	updateOutput(job, thread, count, labelFrom, labelTo, width, job.outputRate * rate)
	if (!job.frozenInput) updateInput(job, thread, first, count, job.inputRate * rate)
	if (thread == 0) sumLosses(job, count)
	barrier(job.barrier, job.threads)
	return job.broken
}

function rateAt(job: Train): f32 {
	const done: f32 = <f32>job.step / <f32>job.steps
	const decayed: f32 = <f32>1 - (<f32>1 - job.lastRate) * done
	return job.step < job.warmup ? (decayed * <f32>(job.step + 1)) / <f32>job.warmup : decayed
}

function chooseCandidates(job: Train, thread: u32, first: usize, count: usize, round: u32): usize {
	const stamps = ownStamps(job, thread)
	const positions = ownPositions(job, thread)
	const candidates = ownCandidates(job, thread)
	const stamp = job.step + 1
	let width: usize = 0
	for (let index: usize = 0; index < count; index++)
		width = addCandidate(stamps, positions, candidates, width, sampleAt(job, first, index).label, stamp)
	if (job.negatives >= job.labels) {
		for (let label: u32 = 0; label < job.labels; label++)
			width = addCandidate(stamps, positions, candidates, width, label, stamp)
	} else {
		let state = mix64((<u64>job.seed << 32) ^ (<u64>round << 56) ^ <u64>job.step)
		for (let drawn: u32 = 0; drawn < job.negatives; drawn++) {
			state = mix64(state)
			const label = <u32>(((state >> 32) * <u64>job.labels) >> 32)
			width = addCandidate(stamps, positions, candidates, width, label, stamp)
		}
	}
	const padded = (width + 7) & ~7
	for (let position = width; position < padded; position++)
		store<i32>(candidates + (position << 2), -1)
	return padded
}

// @ts-ignore
@inline
function addCandidate(
	stamps: usize,
	positions: usize,
	candidates: usize,
	width: usize,
	label: u32,
	stamp: u32,
): usize {
	const offset = <usize>label << 2
	if (load<u32>(stamps + offset) == stamp) return width
	store<u32>(stamps + offset, stamp)
	store<u32>(positions + offset, <u32>width)
	store<u32>(candidates + (width << 2), label)
	return width + 1
}

/** Mean of the vectors of each sample's features; zero for the samples that fill up the last tile. */
function gatherHidden(job: Train, first: usize, count: usize, from: usize, to: usize): void {
	const dim: usize = job.dim
	let sink: u32 = 0
	for (let index = from; index < to; index++) {
		const hidden = job.hidden + ((index * dim) << 2)
		if (index >= count) memory.fill(hidden, 0, dim << 2)
		else {
			// Loads of the next sample's cache lines stand in for a prefetch: WebAssembly has none.
			if (index + 1 < min(count, to)) sink ^= touchRows(job, sampleAt(job, first, index + 1), dim)
			meanOfRows(sampleAt(job, first, index), job.input, hidden, dim)
		}
		for (let k: usize = 0; k < dim; k += 8) {
			const panel = job.hiddenPanels + (((k >> 3) * <usize>job.batch + index) << 5)
			v128.store(panel, v128.load(hidden + (k << 2)))
			v128.store(panel, v128.load(hidden + (k << 2), 16), 16)
		}
	}
	if (from < to) store<u32>(job.losses + (from << 2), sink)
}

function touchRows(job: Train, sample: Sample, dim: usize): u32 {
	const end = sample.features + (sample.length << 2)
	let sink: u32 = 0
	for (let feature = sample.features; feature < end; feature += 4) {
		const row = job.input + ((<usize>load<u32>(feature) * dim) << 2)
		for (let line = row; line < row + (dim << 2); line += 64) sink ^= load<u32>(line)
	}
	return sink
}

export function meanOfRows(sample: Sample, input: usize, hidden: usize, dim: usize): void {
	const features: usize = sample.features
	const end = features + (<usize>sample.length << 2)
	const scale = f32x4.splat(sample.length == 0 ? 0 : 1 / <f32>sample.length)
	for (let k: usize = 0; k < dim; k += 8) {
		let a = f32x4.splat(0)
		let b = a
		for (let feature = features; feature < end; feature += 4) {
			const row = input + ((<usize>load<u32>(feature) * dim + k) << 2)
			a = f32x4.add(a, v128.load(row))
			b = f32x4.add(b, v128.load(row, 16))
		}
		v128.store(hidden + (k << 2), f32x4.mul(a, scale))
		v128.store(hidden + (k << 2), f32x4.mul(b, scale), 16)
	}
}

/** Copies the candidates' vectors into both kinds of panels. */
function packCandidates(job: Train, thread: u32, from: usize, to: usize, width: usize): void {
	const candidates = ownCandidates(job, thread)
	for (let position = from; position < to; position++) {
		const label = load<i32>(candidates + (position << 2))
		const bias = job.candidateBias + (position << 2)
		store<f32>(bias, label < 0 ? NO_SCORE : load<f32>(job.labelBias + (<usize>label << 2)))
		packVector(job.output, label, position, width, job.dim, job.labelPanels, job.dimPanels)
	}
}

/** Vector `label` of `output` (zeros for -1) to `position` of panels of 8 labels, and of panels of 8 dimensions unless null. */
export function packVector(
	output: usize,
	label: i32,
	position: usize,
	width: usize,
	dim: usize,
	labelPanels: usize,
	dimPanels: usize,
): void {
	const row = output + ((<usize>max(label, 0) * dim) << 2)
	const panel = labelPanels + (((position >> 3) * dim) << 5) + ((position & 7) << 2)
	for (let k: usize = 0; k < dim; k += 8) {
		const zero = f32x4.splat(0)
		const x0 = label < 0 ? zero : v128.load(row + (k << 2))
		const x1 = label < 0 ? zero : v128.load(row + (k << 2), 16)
		const p = panel + (k << 5)
		store<f32>(p, f32x4.extract_lane(x0, 0))
		store<f32>(p, f32x4.extract_lane(x0, 1), 32)
		store<f32>(p, f32x4.extract_lane(x0, 2), 64)
		store<f32>(p, f32x4.extract_lane(x0, 3), 96)
		store<f32>(p, f32x4.extract_lane(x1, 0), 128)
		store<f32>(p, f32x4.extract_lane(x1, 1), 160)
		store<f32>(p, f32x4.extract_lane(x1, 2), 192)
		store<f32>(p, f32x4.extract_lane(x1, 3), 224)
		if (dimPanels == 0) continue
		const q = dimPanels + (((k >> 3) * width + position) << 5)
		v128.store(q, x0)
		v128.store(q, x1, 16)
	}
}

function computeErrors(
	job: Train,
	thread: u32,
	first: usize,
	count: usize,
	from: usize,
	to: usize,
	width: usize,
): void {
	if (from == to) return
	const dim: usize = job.dim
	const positions = ownPositions(job, thread)
	multiplyScores(job.hiddenPanels, job.batch, job.labelPanels, job.candidateBias, job.errors, width, dim, from, to)
	for (let index = from; index < to; index++) {
		const row = job.errors + ((index * width) << 2)
		if (index >= count) {
			memory.fill(row, 0, width << 2)
			continue
		}
		const label = sampleAt(job, first, index).label
		const target = load<u32>(positions + (<usize>label << 2))
		store<f32>(job.losses + (index << 2), softmaxErrors(row, width, target))
	}
	if (!job.frozenInput)
		multiplyBack(job.errors, job.dimPanels, width, job.gradient, width, dim, from, to)
}

/** Adagrad with one accumulator an element, on the candidates [from, to). */
function updateOutput(
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
function updateInput(job: Train, thread: u32, first: usize, count: usize, rate: f32): void {
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

// @ts-ignore
@inline
function meanSquare(vector: usize, dim: usize): f32 {
	let sums = f32x4.splat(0)
	for (let k: usize = 0; k < dim << 2; k += 16) {
		const x = v128.load(vector + k)
		sums = f32x4.add(sums, f32x4.mul(x, x))
	}
	const sum =
		f32x4.extract_lane(sums, 0) +
		f32x4.extract_lane(sums, 1) +
		(f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
	return sum / <f32>dim
}

function sumLosses(job: Train, count: usize): void {
	let sum: f64 = 0
	for (let index: usize = 0; index < count; index++) sum += <f64>load<f32>(job.losses + (index << 2))
	job.lossSum += sum
	job.lossCount += <u32>count
	if (!(sum < Infinity && sum > -Infinity)) job.broken = 1
	job.step++
}
