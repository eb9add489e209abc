// What the workers of a training share, and the scratch that each has for itself.
import { Sample } from './ngrams'

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
	/** Vectors of features, `dim` floats each; for each its accumulator and how fast it learns beside the others. */
	input: usize
	inputSteps: usize
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
	/** Rows of a panel of `hiddenPanels`: a few more than a batch has, so that panels do not share their cache sets. */
	panelRows: u32
	gradient: usize
	errors: usize
	losses: usize
	/** Scratch: features of each sample of the batch, and the mean square of what each sends back to one feature. */
	lengths: usize
	squares: usize
	/** Room for the features of one worker's samples of a batch. */
	ownFeatures: u32
	/** Scratch: candidates' vectors in panels of labels and in panels of dimensions; their biases. */
	labelPanels: usize
	dimPanels: usize
	candidateBias: usize
	/** Scratch of each worker, `ownBytes` apart: see `own…` below. */
	own: usize
	ownBytes: u32
	/** Most candidates, a multiple of 8. */
	width: u32
	lossCount: u32
	/** 0 where the last batch was finite. */
	broken: u32
	/** Zero vectors that the mean counts beside the features. */
	dilution: f32
	/** Of the samples of an epoch, those that are a piece of their title. */
	pieceShare: f32
	/** The first row of an n-gram; what comes before are words. */
	firstNgram: u32
}

// A worker's scratch: [labels] stamps, [labels] positions, [width] candidates, 16 rows of output gradient, strips of errors,
// features of its samples, work on its rows.
// @ts-ignore
@inline
export function ownStamps(job: Train, thread: u32): usize {
	return job.own + <usize>job.ownBytes * thread
}

// @ts-ignore
@inline
export function ownPositions(job: Train, thread: u32): usize {
	return ownStamps(job, thread) + ((<usize>job.labels) << 2)
}

// @ts-ignore
@inline
export function ownCandidates(job: Train, thread: u32): usize {
	return ownPositions(job, thread) + ((<usize>job.labels) << 2)
}

// @ts-ignore
@inline
export function ownRows(job: Train, thread: u32): usize {
	return (ownCandidates(job, thread) + ((<usize>job.width) << 2) + 15) & ~15
}

// @ts-ignore
@inline
export function ownStrip(job: Train, thread: u32): usize {
	return ownRows(job, thread) + ((<usize>job.dim) << 6)
}

// @ts-ignore
@inline
export function ownFeatures(job: Train, thread: u32): usize {
	return ownStrip(job, thread) + (<usize>job.panelRows << 6)
}

// @ts-ignore
@inline
export function ownWork(job: Train, thread: u32): usize {
	return (ownFeatures(job, thread) + ((<usize>job.ownFeatures) << 2) + 15) & ~15
}

/** Where the samples of a worker begin; those of the next one begin where they end. Whole tiles of 4. */
// @ts-ignore
@inline
export function ownRange(count: usize, thread: u32, threads: u32): usize {
	return ((((count + 3) >> 2) * thread) / threads) << 2
}

// @ts-ignore
@inline
export function lengthAt(job: Train, index: usize): usize {
	return job.lengths + (index << 2)
}

// @ts-ignore
@inline
export function sampleAt(job: Train, first: usize, index: usize): Sample {
	const number = load<u32>(job.order + ((first + index) << 2))
	return changetype<Sample>(job.samples + <usize>number * offsetof<Sample>())
}
