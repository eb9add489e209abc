// The contract of a learned reranker: a small network that corrects the order of a title's best candidates.
import * as v from 'valibot'
import { Numbers } from './schema-parts.ts'

const BOUNDS = { least: -1e6, most: 1e6 }
const MOST_UNITS = 256
const Units = Numbers(BOUNDS, MOST_UNITS)

/**
 * A multilayer perceptron with one hidden layer. It corrects the logarithm of a candidate's score:
 *
 *     score = temperature · log(p · evidence) + Σ_h output[h] · max(0, bias[h] + Σ_f hidden[h][f] · feature[f])
 *
 * The features are raw: their standardisation is part of `hidden` and `bias`. Only differences between the scores of a title's
 * candidates mean anything, so there is no bias of the output.
 */
export const Reranker = v.pipe(
	v.object({
		/** Which features they are. The first rerankers do not say it. */
		version: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
		temperature: v.pipe(v.number(), v.minValue(BOUNDS.least), v.maxValue(BOUNDS.most)),
		/** A row for each hidden unit, with a weight for each feature. */
		hidden: v.pipe(v.array(Numbers(BOUNDS, 64)), v.minLength(1), v.maxLength(MOST_UNITS)),
		/** One for each hidden unit, as is `output`. */
		bias: Units,
		output: Units,
	}),
	v.check(
		({ hidden, bias, output }) => bias.length === hidden.length && output.length === hidden.length,
		'expected as many biases and outputs as hidden units',
	),
	v.check(
		({ hidden }) => hidden.every((row) => row.length === hidden[0]?.length),
		'expected a weight for each feature in every hidden unit',
	),
)
export type Reranker = v.InferOutput<typeof Reranker>
