// Measures weights on samples: how often the right label is first, or among the first five, of all labels.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Crew } from './crew.ts'
import { RANK } from './layout.ts'
import type { Samples } from './samples.ts'
import type { Weights } from './training.ts'

const BATCH = 64
const VECTOR = 8

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
): Promise<Recall> {
	const { arena } = crew
	const { labels, stride } = weights
	checkWeights(crew, weights)
	const width = Math.ceil(labels / VECTOR) * VECTOR
	const ownBytes = (stride + BATCH * stride + BATCH * width) * 4
	const floats = (length: number) => arena.take(length * 4, 'the evaluation')
	const places = {
		labelPanels: floats(width * stride),
		bias: floats(width),
		ranks: floats(samples.count),
		own: floats((ownBytes / 4) * crew.threads),
	}
	const job = crew.struct(RANK, {
		...{ samples: samples.address, sampleCount: samples.count, input: weights.input },
		...{ ...places, dim: stride, width, batch: BATCH, ownBytes },
	})
	const pack = [job.address, weights.output, labels]
	await crew.run(0, { mode: 'once', kernel: 'packLabels', args: pack })
	await crew.runAll((thread) => ({
		...{ mode: 'sweep', kernel: 'rankBatch', args: [job.address, thread] },
		...{ from: thread * BATCH, to: samples.count, step: BATCH * crew.threads },
	}))
	const ranks = new Int32Array(crew.buffer, places.ranks, samples.count)
	const share = (k: number) =>
		ranks.reduce((hits, rank) => hits + (rank >= 0 && rank < k ? 1 : 0), 0) /
		Math.max(1, samples.count)
	const recall = { posts: samples.count, recall1: share(1), recall5: share(5) }
	arena.free(...Object.values(places), job.address)
	return recall
}

/** A comparison with NaN is false, so a broken model would rank every label first: none gets that far. */
export function checkWeights(crew: Crew, weights: Weights): void {
	for (const [address, length] of [
		[weights.input, weights.rows * weights.stride],
		[weights.output, weights.labels * weights.stride],
	] as const) {
		let sum = 0
		for (const value of crew.float32(address, length)) sum += value
		if (!Number.isFinite(sum))
			throw new AppError('diverged', 'a weight of the model is not a number; train it again')
	}
}
