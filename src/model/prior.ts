// The prior: labels are not equally likely, though the training posts hold about as many of each.
import { AppError } from '../shared/app-error.ts'
import type { Prior, PriorStrengths } from '../shared/prior.ts'
import type { Prediction } from './engine.ts'
import { Largest } from './largest.ts'
import { placeLabels } from './sort-labels.ts'

/** How many of the engine's best labels are asked for where a prior or a reranker follows; those below never reach the first five. */
export const PRIOR_CANDIDATES = 120

/** What is added to a label's log-probability. */
export type LabelWeights = Pick<ReadonlyMap<string, number>, 'get'>

/** Says what a title's labels weigh. */
export class PriorIndex {
	readonly #choice: readonly Step[]
	/** Null where the same weights say which five and in which order. */
	readonly #order: readonly Step[] | null

	/** @throws AppError `bad-data` where the prior was made for other labels */
	constructor(prior: Prior, labels: readonly string[]) {
		const { weights, short = [] } = prior
		if (weights.length !== labels.length)
			throw new AppError(
				'bad-data',
				`the prior has ${weights.length} weights for ${labels.length} labels; publish the release again`,
			)
		const places = placeLabels(labels)
		const steps = [...short, { knownWords: Number.POSITIVE_INFINITY, times: 1 }]
		const makeSteps = (each: readonly number[]) =>
			steps.map(({ knownWords, times }) => ({ knownWords, weights: weigh(places, each, times) }))
		this.#choice = makeSteps(weights)
		const order = weighOrder(prior)
		this.#order = order && makeSteps(order)
	}

	/** By which the five are chosen, for a title of which so many words are known. */
	weightsFor(knownWords: number): LabelWeights {
		return findStep(this.#choice, knownWords)
	}

	/** By which the five are ordered; null: by those that chose them. */
	orderFor(knownWords: number): LabelWeights | null {
		return this.#order && findStep(this.#order, knownWords)
	}
}

function weigh(
	places: ReadonlyMap<string, number>,
	each: readonly number[],
	times: number,
): LabelWeights {
	return {
		get(label) {
			const place = places.get(label)
			return place === undefined ? undefined : times * (each[place] as number)
		},
	}
}

/** Weights, and the most known words of a title that they hold for; steps ascend. */
interface Step {
	readonly knownWords: number
	readonly weights: LabelWeights
}

function findStep(steps: readonly Step[], knownWords: number): LabelWeights {
	const step = steps.find((one) => knownWords <= one.knownWords)
	if (!step) throw new RangeError(`known words: ${knownWords}`)
	return step.weights
}

/**
 * log(1 + order · subscribers / mean) of each label, from log(1 + beta · subscribers / mean) + c: the smallest label counts as one
 * without subscribers. Null where the prior has no order of its own.
 */
export function weighOrder({
	beta = 0,
	order,
	weights,
}: Omit<PriorStrengths, 'alpha' | 'gamma' | 'short'> & {
	readonly weights: readonly number[]
}): number[] | null {
	if (order === undefined || beta === 0) return null
	const least = weights.reduce((least, weight) => Math.min(least, weight))
	return weights.map((weight) => Math.log1p((order * Math.expm1(weight - least)) / beta))
}

/**
 * Reranks predictions: multiplies each score by e^weight and scales the scores to a sum of 1. Most probable first; of equals the
 * one that comes first.
 *
 * Source: Saerens, Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori probabilities";
 * Menon et al. 2020, "Long-tail learning via logit adjustment".
 */
export function weighPredictions(
	predictions: readonly Prediction[],
	weights: LabelWeights,
	{ isWanted = () => true, most = predictions.length }: WeighOptions = {},
): Prediction[] {
	const scores = new Float64Array(predictions.length)
	let sum = 0
	for (const [rank, { label, score }] of predictions.entries()) {
		const weighed = score * Math.exp(weights.get(label) ?? 0)
		scores[rank] = weighed
		sum += weighed
	}
	if (!(sum > 0)) return predictions.filter(({ label }) => isWanted(label)).slice(0, most)
	const best = new Largest(Math.min(most, predictions.length))
	for (const [rank, { label }] of predictions.entries()) {
		scores[rank] = (scores[rank] as number) / sum
		if (isWanted(label)) best.offer(rank, scores[rank] as number)
	}
	return Array.from(best.take(), (rank) => ({
		label: (predictions[rank] as Prediction).label,
		score: scores[rank] as number,
	}))
}

export interface WeighOptions {
	/** Whether a label is kept; the others still count in the sum. All are, where it is absent. */
	readonly isWanted?: (label: string) => boolean
	/** How many are kept, the most probable ones. All are, where it is absent. */
	readonly most?: number
}
