// The prior: labels are not equally likely, though the training posts hold about as many of each.
import { AppError } from '../shared/app-error.ts'
import type { Prior } from '../shared/prior.ts'
import type { Prediction } from './engine.ts'
import { sortLabels } from './sort-labels.ts'

/** How many of the engine's best labels are reranked; those below never reach the first five. */
export const PRIOR_CANDIDATES = 120

/** What is added to a label's log-probability. */
export type LabelWeights = ReadonlyMap<string, number>

/** Says what a title's labels weigh. */
export class PriorIndex {
	/** Weights by the most known words of a title that they hold for, ascending. */
	readonly #steps: readonly { readonly knownWords: number; readonly weights: LabelWeights }[]

	/** @throws AppError `bad-data` where the prior was made for other labels */
	constructor({ weights, short = [] }: Prior, labels: readonly string[]) {
		if (weights.length !== labels.length)
			throw new AppError(
				'bad-data',
				`the prior has ${weights.length} weights for ${labels.length} labels; publish the release again`,
			)
		const sorted = sortLabels(labels)
		const weigh = (times: number) =>
			new Map(sorted.map((label, index) => [label, times * (weights[index] as number)]))
		const steps = [...short, { knownWords: Number.POSITIVE_INFINITY, times: 1 }]
		this.#steps = steps.map(({ knownWords, times }) => ({ knownWords, weights: weigh(times) }))
	}

	/** For a title of which so many words are known. */
	weightsFor(knownWords: number): LabelWeights {
		const step = this.#steps.find((step) => knownWords <= step.knownWords)
		if (!step) throw new RangeError(`known words: ${knownWords}`)
		return step.weights
	}
}

/**
 * Reranks predictions: multiplies each score by e^weight and scales the scores to a sum of 1. Most probable first.
 *
 * Source: Saerens, Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori probabilities";
 * Menon et al. 2020, "Long-tail learning via logit adjustment".
 */
export function weighPredictions(
	predictions: readonly Prediction[],
	weights: LabelWeights,
): Prediction[] {
	const weighed = predictions.map(({ label, score }) => ({
		label,
		score: score * Math.exp(weights.get(label) ?? 0),
	}))
	const sum = weighed.reduce((total, { score }) => total + score, 0)
	if (!(sum > 0)) return [...predictions]
	return weighed
		.map(({ label, score }) => ({ label, score: score / sum }))
		.sort((a, b) => b.score - a.score)
}
