// Measures weights on samples: how often the right label is first, or among the first five, of all labels.
import { AppError } from '../../../src/shared/app-error.ts'
import { columnRanges } from './columns.ts'
import type { Crew } from './crew.ts'
import { packLabels } from './label-panels.ts'
import { RANK } from './layout.ts'
import type { Samples } from './samples.ts'
import type { Weights } from './weights.ts'

const BATCH = 64
const PURPOSE = 'the evaluation'

export interface Recall {
	/** All lines count, also those that have no known label or no known word. */
	readonly posts: number
	readonly recall1: number
	readonly recall5: number
}

/** @throws AppError `diverged` where a weight is no number */
export async function measureRecall(
	crew: Crew,
	weights: Weights,
	samples: Samples,
	dilution: number,
): Promise<Recall> {
	await checkWeights(crew, weights)
	const inputs = {
		samples: samples.address,
		sampleCount: samples.count,
		input: weights.input,
		dilution,
	}
	const ranks = await runBatches(crew, weights, 'rankBatch', inputs)
	const share = (k: number) =>
		ranks.reduce((hits, rank) => hits + (rank >= 0 && rank < k ? 1 : 0), 0) /
		Math.max(1, samples.count)
	return { posts: samples.count, recall1: share(1), recall5: share(5) }
}

/** For each row of the input matrix from `first` on, the label that it speaks for most. */
export async function topLabels(crew: Crew, weights: Weights, first: number): Promise<Int32Array> {
	const input = weights.input + first * weights.stride * 4
	const inputs = { samples: 0, sampleCount: weights.rows - first, input, dilution: 0 }
	return runBatches(crew, weights, 'labelBatch', inputs)
}

/** Runs a kernel of kernels/rank.ts on batches, shared out among the workers. @returns one number for each sample */
async function runBatches(
	crew: Crew,
	weights: Weights,
	kernel: 'rankBatch' | 'labelBatch',
	inputs: { samples: number; sampleCount: number; input: number; dilution: number },
): Promise<Int32Array> {
	const { arena } = crew
	const packed = await packLabels(crew, weights, BATCH)
	const ranks = arena.take(inputs.sampleCount * 4, PURPOSE)
	const job = crew.struct(RANK, { ...inputs, ...packed, dim: weights.stride, batch: BATCH, ranks })
	await crew.runAll((thread) => ({
		mode: 'sweep',
		kernel,
		args: [job.address, thread],
		from: thread * BATCH,
		to: inputs.sampleCount,
		step: BATCH * crew.threads,
	}))
	const results = new Int32Array(crew.buffer, ranks, inputs.sampleCount).slice()
	arena.free(packed.labelPanels, packed.bias, packed.own, ranks, job.address)
	return results
}

/** A comparison with NaN is false, so a broken model would rank every label first: none gets that far. */
export async function checkWeights(crew: Crew, weights: Weights): Promise<void> {
	const { rows, labels, stride } = weights
	for (const [address, count] of [
		[weights.input, rows],
		[weights.output, labels],
	] as const) {
		const { lows, highs } = await columnRanges(crew, address, count, stride)
		if (!lows.every(Number.isFinite) || !highs.every(Number.isFinite))
			throw new AppError('diverged', 'a weight of the model is not a number; train it again')
	}
}
