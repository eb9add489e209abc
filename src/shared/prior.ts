// The contract of a prior: how much likelier each label is than the training posts say. The manifest carries it.
import * as v from 'valibot'
import { Numbers } from './schema-parts.ts'

const Weights = Numbers({ least: -50, most: 50 }, 1_000_000)
const Strength = v.pipe(v.number(), v.minValue(0), v.maxValue(10))

/** The weights of a title of which at most `knownWords` words are known are multiplied by `times`. */
const ShortTitles = v.object({
	knownWords: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)),
	times: Strength,
})

/** How strong it is; the rule by which it was chosen is the help of `adjust`. */
const strengths = {
	/** Strength of the subscribers by their logarithm: a label gets alpha · log(subscribers + 100). 0 since there is beta. */
	alpha: Strength,
	/**
	 * Strength of the subscribers: a label gets log(1 + beta · subscribers / their mean). Absent in releases from before it.
	 */
	beta: v.exactOptional(Strength),
	/** Strength of the share of a label's training posts that are recent. */
	gamma: Strength,
	/** By ascending number of words; the first that holds for a title counts. Absent in releases from before there were any. */
	short: v.exactOptional(
		v.pipe(
			v.array(ShortTitles),
			v.maxLength(20),
			v.check(
				(steps) => steps.every((step, at) => step.knownWords > (steps[at - 1]?.knownWords ?? 0)),
				'numbers of known words that do not ascend',
			),
		),
	),
}

/** Which five and in which order are two questions: as beta, for the order of the five. Absent where beta decides both. */
const order = v.exactOptional(Strength)

export const PriorStrengths = v.object({ ...strengths, order })
export type PriorStrengths = v.InferOutput<typeof PriorStrengths>

export const Prior = v.pipe(
	v.object({
		...strengths,
		order,
		/** What is added to each label's log-probability; labels in ascending order of their names, by code unit. */
		weights: Weights,
	}),
	v.check(
		({ alpha, beta = 0, gamma, order }) =>
			order === undefined || (alpha === 0 && gamma === 0 && beta > 0),
		'an order by size needs weights of beta alone',
	),
)
export type Prior = v.InferOutput<typeof Prior>
