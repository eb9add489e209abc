// What the kernels of a training work on: one record of numbers and addresses, and the memory that these name.
import type { Checkpoint } from './checkpoint.ts'
import type { Crew } from './crew.ts'
import { GROUP, LISTED_AHEAD, SAMPLE_FIELDS, TRAIN } from './layout.ts'
import type { Samples } from './samples.ts'
import { VECTOR, type Weights } from './weights.ts'

export interface TrainingOptions {
	readonly epochs: number
	/** Adagrad's rate for the vectors of features. */
	readonly inputRate: number
	/** For each row what its rate is multiplied by; 1 where it is left out. */
	readonly rowRates?: Float32Array
	/** Adagrad's rate for the vectors of labels. */
	readonly outputRate: number
	readonly batch: number
	/** Labels that the whole batch shares beside its own; as many as there are labels, or more: full softmax. */
	readonly negatives: number
	/** Whether the labels' chance to be a candidate is taken out of the softmax: for skewed labels. */
	readonly correctSampling: boolean
	/** How far the number of a label's samples is taken out of its score: not at 0, wholly at 1. */
	readonly balance: number
	/** Adagrad's first accumulators, in squared gradients: large ones start slowly. */
	readonly firstSquare: number
	/** Zero vectors that the mean of a title counts beside its features. */
	readonly dilution: number
	/** Of the samples of an epoch, those that are a piece of their title in place of the whole. */
	readonly pieces: number
	/** The first row of an n-gram; the rows before it are words. */
	readonly firstNgram?: number
	readonly seed: number
	/** Keeps what is learnt after an epoch, and brings back what an earlier run has kept. */
	readonly checkpoint?: Checkpoint
}

/** Takes the memory that a training needs. @returns `places`: all of it, to be freed; `orders`: numbers of the samples go there */
export function createJob(
	crew: Crew,
	weights: Weights,
	samples: Samples,
	count: number,
	options: TrainingOptions,
) {
	const { batch, negatives, inputRate, outputRate, seed } = options
	const { rows, labels, stride, input, output } = weights
	const places: number[] = []
	const floats = (length: number) => {
		const place = crew.arena.take(length * 4, 'the training')
		places.push(place)
		return place
	}
	const orders = floats(count)
	const inputSteps = floats(rows * 2)
	const outputSquares = floats(labels * stride)
	const labelBias = floats(labels)
	fillSteps(crew.float32(inputSteps, rows * 2), options)
	crew.float32(outputSquares, labels * stride).fill(options.firstSquare)
	fillBias(crew.float32(labelBias, labels), countLabels(crew, samples, labels), options)
	const steps = Math.ceil(count / batch) * options.epochs
	const job = crew.struct(TRAIN, {
		threads: crew.threads,
		barrier: floats(16),
		samples: samples.address,
		order: orders,
		orderCount: count,
		labels,
		dim: stride,
		batch,
		negatives,
		input,
		inputSteps,
		output,
		outputSquares,
		labelBias,
		seed,
		steps,
		warmup: Math.min(100, Math.ceil(steps / 100)),
		inputRate,
		outputRate,
		lastRate: 0.02,
		...takeScratch(crew, weights, samples, options, floats),
		dilution: options.dilution,
		pieceShare: options.pieces,
		firstNgram: options.firstNgram ?? rows,
	})
	places.push(job.address)
	return { job, orders, places }
}

/** What a batch needs while it is learnt; see kernels/job.ts. */
function takeScratch(
	crew: Crew,
	{ labels, stride }: Weights,
	samples: Samples,
	{ batch, negatives }: TrainingOptions,
	floats: (length: number) => number,
) {
	const width = Math.ceil(Math.min(labels, batch + negatives) / VECTOR) * VECTOR
	const padded = Math.ceil(batch / VECTOR) * VECTOR
	const panelRows = padded + 4
	const most = mostFeatures(crew, samples, [Math.ceil(padded / 4 / crew.threads) * 4, batch])
	const [ownFeatures = 0, batchFeatures = 0] = most.map((features) => features + LISTED_AHEAD)
	const ownBytes = ownScratchBytes({
		labels,
		width,
		stride,
		panelRows,
		ownFeatures,
		batchFeatures,
	})
	return {
		hidden: floats(padded * stride),
		hiddenPanels: floats(panelRows * stride),
		panelRows,
		gradient: floats(padded * stride),
		errors: floats(padded * width),
		losses: floats(padded),
		lengths: floats(padded),
		squares: floats(padded),
		labelPanels: floats(width * stride),
		dimPanels: floats(width * stride),
		candidateBias: floats(width),
		width,
		ownFeatures,
		own: floats((ownBytes / 4) * crew.threads),
		ownBytes,
	}
}

/** What a worker's scratch takes, by the sizes of its parts; a test compares it with `own…` of kernels/job.ts. */
export function ownScratchBytes(sizes: {
	readonly labels: number
	readonly width: number
	readonly stride: number
	readonly panelRows: number
	readonly ownFeatures: number
	readonly batchFeatures: number
}): number {
	const { labels, width, stride, panelRows, ownFeatures, batchFeatures } = sizes
	// Stamps, positions, candidates, rows of gradient, strips of errors, features, work.
	const words = labels * 2 + width + (stride + panelRows) * GROUP + ownFeatures + batchFeatures * 2
	// Two parts begin at a multiple of 16 bytes.
	return Math.ceil(words / 16) * 64 + 128
}

/** The most features that so many samples can have together, for each of `counts`. */
function mostFeatures(crew: Crew, samples: Samples, counts: readonly number[]): number[] {
	const records = crew.uint32(samples.address, samples.count * SAMPLE_FIELDS)
	const lengths = Uint32Array.from(
		{ length: samples.count },
		(_, number) => records[number * SAMPLE_FIELDS + 1] ?? 0,
	).sort()
	return counts.map((count) => lengths.subarray(-count).reduce((sum, length) => sum + length, 0))
}

/** For each row its first accumulator and its rate. */
function fillSteps(steps: Float32Array, { firstSquare, rowRates }: TrainingOptions): void {
	for (let row = 0; row < steps.length / 2; row += 1)
		steps.set([firstSquare, rowRates?.[row] ?? 1], row * 2)
}

/**
 * What is added to a label's score while it is learnt.
 *
 * Balance: the logarithm of how many samples it has beside the mean, so that the score itself says nothing of it, and labels with
 * many samples do not shout down the others (logit adjustment, Menon et al. 2021). Sampling: minus the logarithm of the chance that
 * it is among the candidates of a batch, so that the sampled softmax is an estimate of the full one (Bengio and Senécal 2008; Jean
 * et al. 2015).
 */
function fillBias(
	bias: Float32Array,
	counts: Float64Array,
	{ batch, negatives, balance, correctSampling }: TrainingOptions,
): void {
	const labels = counts.length
	const total = counts.reduce((sum, count) => sum + count, 0)
	// Where every label is a candidate of each batch, there is nothing to correct.
	const corrects = correctSampling && negatives < labels
	const missedByDraws = (1 - 1 / labels) ** negatives
	for (const [label, count] of counts.entries()) {
		const chance = 1 - (1 - count / total) ** batch * missedByDraws
		const balanced = count > 0 ? balance * Math.log((count * labels) / total) : 0
		bias[label] = balanced - (corrects ? Math.log(chance) : 0)
	}
}

/** How many samples each label has. */
function countLabels(crew: Crew, samples: Samples, labels: number): Float64Array {
	const counts = new Float64Array(labels)
	const records = crew.uint32(samples.address, samples.count * SAMPLE_FIELDS)
	for (let number = 0; number < samples.count; number += 1) {
		const label = (records[number * SAMPLE_FIELDS + 2] ?? 0) | 0
		if (label >= 0) counts[label] = (counts[label] ?? 0) + 1
	}
	return counts
}
