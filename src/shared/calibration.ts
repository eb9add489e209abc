// The contract of a fitted calibration: the manifest carries it, the page applies it.
import * as v from 'valibot'
import { UnitInterval } from './schema-parts.ts'

/** How many suggestions a title gets. */
export const SUGGESTION_COUNT = 5

const Curve = v.pipe(
	v.object({
		/** The engine's raw scores, strictly ascending. */
		scores: v.pipe(v.array(UnitInterval), v.minLength(1), v.maxLength(256)),
		/** The share of posts at that score whose suggestion was right, ascending. */
		probabilities: v.pipe(v.array(UnitInterval), v.minLength(1), v.maxLength(256)),
	}),
	v.check(
		({ scores, probabilities }) => scores.length === probabilities.length,
		'expected as many probabilities as scores',
	),
	v.check(({ scores }) => isAscending(scores, true), 'expected ascending scores'),
	v.check(
		({ probabilities }) => isAscending(probabilities, false),
		'expected ascending probabilities',
	),
)
export type Curve = v.InferOutput<typeof Curve>

/** One monotone curve for each rank, first suggestion first; linear between its knots, flat outside them. */
export const Calibration = v.object({
	method: v.literal('isotonic'),
	posts: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	ranks: v.pipe(v.array(Curve), v.length(SUGGESTION_COUNT)),
})
export type Calibration = v.InferOutput<typeof Calibration>

function isAscending(numbers: readonly number[], strictly: boolean): boolean {
	return numbers.every((number, index) => {
		const before = numbers[index - 1]
		return before === undefined || (strictly ? before < number : before <= number)
	})
}
