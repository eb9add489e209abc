// The training itself: weights in the shared memory, epochs of shuffled batches, guards, progress.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Crew } from './crew.ts'
import { GROUP, LISTED_AHEAD, SAMPLE_FIELDS, TRAIN } from './layout.ts'
import { type Samples, trainableSamples } from './samples.ts'
import type { Struct } from './struct.ts'
import { trackProgress } from './training-progress.ts'

const VECTOR = 8
const KNOWN_INPUT_SQUARE = 3e-3
const KNOWN_OUTPUT_SQUARE = 3
/** Times the loss of a blind guess. The first epoch of a useful training stays below twice that. */
const DIVERGED_LOSS = 10

/** Weights in the shared memory, vectors padded with zeros to `stride` floats. */
export interface Weights {
	readonly rows: number
	readonly labels: number
	readonly dim: number
	readonly stride: number
	/** Addresses. */
	readonly input: number
	readonly output: number
}

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
	/** Adagrad's first accumulators, in squared gradients: large ones start slowly. */
	readonly firstSquare: number
	/** What is already learnt, and must not be thrown about by the first steps. */
	readonly known?: Known
	/** Zero vectors that the mean of a title counts beside its features. */
	readonly dilution: number
	/** Of the samples of an epoch, those that are a piece of their title in place of the whole. */
	readonly pieces: number
	/** The first row of an n-gram; the rows before it are words. */
	readonly firstNgram?: number
	readonly seed: number
	/** Learn the label vectors only. */
	readonly frozenInput: boolean
	/** Keeps what is learnt after an epoch, and brings back what an earlier run has kept. */
	readonly checkpoint?: Checkpoint
}

/** Rows and labels that a model to go on from has brought: 1 for these. */
export interface Known {
	readonly rows: Uint8Array
	readonly labels: Uint8Array
}

export interface TrainingResult {
	/** Mean cross-entropy of the last epoch, in nats. */
	readonly loss: number
	readonly steps: number
	readonly seconds: number
}

/** Random vectors for features, zeros for labels; the same for the same seed. */
export async function createWeights(
	crew: Crew,
	{ rows, labels, dim, seed }: { rows: number; labels: number; dim: number; seed: number },
): Promise<Weights> {
	const stride = Math.ceil(dim / VECTOR) * VECTOR
	const input = crew.arena.take(rows * stride * 4, `${rows} vectors of features`)
	const output = crew.arena.take(labels * stride * 4, `${labels} vectors of labels`)
	await crew.runAll((thread) => {
		const from = Math.floor((rows * thread) / crew.threads)
		const to = Math.floor((rows * (thread + 1)) / crew.threads)
		const args = [input, from, to, stride, dim, seed]
		return { mode: 'once', kernel: 'initRows', args }
	})
	return { rows, labels, dim, stride, input, output }
}

/**
 * Trains `weights` in place on the samples that have a label and a feature.
 *
 * @throws AppError `diverged` with the step, `aborted`, `out-of-memory`, `bad-data` where nothing can be learnt from
 */
export async function trainWeights(
	crew: Crew,
	weights: Weights,
	samples: Samples,
	options: TrainingOptions,
	effects: Effects,
): Promise<TrainingResult> {
	const start = performance.now()
	const numbers = trainableSamples(crew, samples)
	if (numbers.length === 0)
		throw new AppError('bad-data', 'no line of the training text has a label and a known word')
	const { job, orders, places } = createJob(crew, weights, samples, numbers.length, options)
	const state = stateOf(crew, weights, job)
	crew.uint32(orders, numbers.length).set(numbers)
	const epochsDone = (await options.checkpoint?.restore(state)) ?? 0
	const stepsPerEpoch = Math.ceil(numbers.length / options.batch)
	job.set({ step: epochsDone * stepsPerEpoch })
	const progress = trackProgress(job, numbers.length, options, effects)
	try {
		for (let epoch = 0; epoch < options.epochs; epoch += 1) {
			// Each epoch shuffles the order of the one before: those that are done are shuffled again.
			const args = [orders, numbers.length, options.seed, epoch]
			await crew.run(0, { mode: 'once', kernel: 'shuffle', args })
			if (epoch < epochsDone) continue
			job.set({ lossSum: 0, lossCount: 0 })
			const results = await crew.runAll((thread) => ({
				mode: 'sweep',
				kernel: 'trainBatch',
				args: [job.address, thread, epoch],
				from: 0,
				to: numbers.length,
				step: options.batch,
			}))
			if (results.some((result) => result !== 0)) throw overflowed(job, stepsPerEpoch)
			checkLoss(job, epoch, weights.labels)
			if (epoch === options.epochs - 1) break
			const problem = await options.checkpoint?.save(epoch + 1, state)
			if (problem) progress.say(problem)
		}
		return {
			loss: job.get('lossSum') / job.get('lossCount'),
			steps: job.get('step'),
			seconds: (performance.now() - start) / 1000,
		}
	} finally {
		progress.finish()
		crew.arena.free(...places)
	}
}

/** All that an epoch leaves to the next one but the order of the samples; views of the shared memory. */
function stateOf(
	crew: Crew,
	{ rows, labels, stride, input, output }: Weights,
	job: Struct<typeof TRAIN>,
): Uint8Array[] {
	const floats = (address: number, length: number) =>
		new Uint8Array(crew.buffer, address, length * 4)
	return [
		floats(input, rows * stride),
		floats(output, labels * stride),
		floats(job.get('inputSteps'), rows * 2),
		floats(job.get('outputSquares'), labels * stride),
	]
}

function createJob(
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
	if (options.known) fillKnown(crew, { inputSteps, outputSquares }, weights, options.known)
	if (options.correctSampling) fillBias(crew, labelBias, labels, samples, options)
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
		frozenInput: options.frozenInput ? 1 : 0,
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
	for (let row = 0; row < steps.length / 2; row += 1) {
		steps[row * 2] = firstSquare
		steps[row * 2 + 1] = rowRates?.[row] ?? 1
	}
}

/** A file keeps no accumulators: what is known starts from what is usual at the end of a training. */
function fillKnown(
	crew: Crew,
	{ inputSteps, outputSquares }: { inputSteps: number; outputSquares: number },
	{ rows, labels, stride }: Weights,
	known: Known,
): void {
	const steps = crew.float32(inputSteps, rows * 2)
	for (const [row, isKnown] of known.rows.entries())
		if (isKnown) steps[row * 2] = KNOWN_INPUT_SQUARE
	const outputs = crew.float32(outputSquares, labels * stride)
	for (const [label, isKnown] of known.labels.entries())
		if (isKnown) outputs.fill(KNOWN_OUTPUT_SQUARE, label * stride, (label + 1) * stride)
}

/**
 * Minus the logarithm of the chance that a label is among the candidates of a batch: the sampled softmax is then an
 * estimate of the full one (Bengio and Senécal 2008; Jean et al. 2015).
 */
function fillBias(
	crew: Crew,
	address: number,
	labels: number,
	samples: Samples,
	{ batch, negatives }: TrainingOptions,
): void {
	const counts = new Float64Array(labels)
	const records = crew.uint32(samples.address, samples.count * SAMPLE_FIELDS)
	let total = 0
	for (let number = 0; number < samples.count; number += 1) {
		const label = (records[number * SAMPLE_FIELDS + 2] ?? 0) | 0
		if (label < 0) continue
		counts[label] = (counts[label] ?? 0) + 1
		total += 1
	}
	if (negatives >= labels) return
	const missedByDraws = (1 - 1 / labels) ** negatives
	const bias = crew.float32(address, labels)
	for (let label = 0; label < labels; label += 1) {
		const missed = (1 - (counts[label] ?? 0) / total) ** batch * missedByDraws
		bias[label] = -Math.log(1 - missed)
	}
}

/** Numbers far too large are finite for long: a loss many times that of a blind guess will not come back. */
function checkLoss(job: Struct<typeof TRAIN>, epoch: number, labels: number): void {
	const loss = job.get('lossSum') / job.get('lossCount')
	const guess = Math.log(Math.max(labels, 2))
	if (loss <= DIVERGED_LOSS * guess) return
	throw new AppError(
		'diverged',
		`training diverged: the loss of epoch ${epoch + 1} is ${loss.toPrecision(3)}, a blind guess has ${guess.toPrecision(3)}; lower --learning-rate`,
	)
}

function overflowed(job: Struct<typeof TRAIN>, stepsPerEpoch: number): AppError {
	const step = job.get('step')
	const epoch = Math.ceil(step / stepsPerEpoch)
	return new AppError(
		'diverged',
		`training diverged: the loss stopped being a number at step ${step} (epoch ${epoch}); lower --learning-rate`,
	)
}
