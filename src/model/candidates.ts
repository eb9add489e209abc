// What a model's vectors say to a title: its best labels by their numbers. A thousand objects for each title would take longer than
// all that is computed with them. Pure: browser and Node.
import { AppError } from '../shared/app-error.ts'

/** Most probable first. */
export interface Candidates {
	/** Places among the model's labels, each once. */
	readonly labels: Uint32Array
	/** In [0, 1]. */
	readonly scores: Float64Array
}

/**
 * @param labels copied, as they may lie in a memory that changes
 * @param probabilities as fastText says them
 * @throws AppError `damaged` where one is no number
 */
export function readCandidates(labels: Uint32Array, probabilities: Float32Array): Candidates {
	const scores = new Float64Array(probabilities)
	for (let rank = 0; rank < scores.length; rank += 1)
		scores[rank] = readScore(scores[rank] as number)
	return { labels: labels.slice(), scores }
}

/** The `count` first, with their labels' names. @param labels of the model */
export function nameCandidates(
	labels: readonly string[],
	candidates: Candidates,
	count: number,
): { readonly label: string; readonly score: number }[] {
	return Array.from(candidates.labels.subarray(0, count), (label, rank) => ({
		label: labels[label] as string,
		score: candidates.scores[rank] as number,
	}))
}

/** @param probability with the offset of probability-offset.ts */
function readScore(probability: number): number {
	if (!Number.isFinite(probability))
		throw new AppError(
			'damaged',
			`the model gives ${probability} as a probability; it must be trained again`,
		)
	return Math.min(1, Math.max(0, probability))
}
