// The training itself: epochs of shuffled batches, guards, progress.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import type { Crew } from './crew.ts'
import type { TRAIN } from './layout.ts'
import { type Samples, trainableSamples } from './samples.ts'
import type { Struct } from './struct.ts'
import { createJob, type TrainingOptions } from './training-job.ts'
import { trackProgress } from './training-progress.ts'
import type { Weights } from './weights.ts'

/** Times the loss of a blind guess. The first epoch of a useful training stays below twice that. */
const DIVERGED_LOSS = 10

export interface TrainingResult {
	/** Mean cross-entropy of the last epoch, in nats. */
	readonly loss: number
	readonly steps: number
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
		return { loss: job.get('lossSum') / job.get('lossCount'), steps: job.get('step') }
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
