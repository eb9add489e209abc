// The contract of a fitted calibration: the manifest carries it, the page applies it.
import * as v from 'valibot'
import { Numbers, UnitInterval } from './schema-parts.ts'

/** How many suggestions a title gets. */
export const SUGGESTION_COUNT = 5

const Shares = Numbers({ least: 0, most: 1 }, 256)

const Curve = v.pipe(
	v.object({
		/** What is looked up, strictly ascending. */
		scores: Shares,
		/** The share of posts at that score that were hits, ascending. */
		probabilities: Shares,
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

/** Monotone curves, linear between their knots and flat outside them: one for each rank, and one for all five together. */
const Curves = v.object({
	/** First suggestion first; from a suggestion's score to the share of posts that it was right for. */
	ranks: v.pipe(v.array(Curve), v.length(SUGGESTION_COUNT)),
	/**
	 * From the sum of a post's five calibrated probabilities, made falling and cut off at 1, to the share of posts whose
	 * subreddit was among the five: curves that are each right for their rank add up to more than is right.
	 */
	total: Curve,
})
export type Curves = v.InferOutput<typeof Curves>

const Posts = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** One set of curves for every title: the releases from before there were groups have it. */
const Isotonic = v.object({
	method: v.literal('isotonic'),
	posts: Posts,
	...Curves.entries,
})

/**
 * A set of curves for each group of titles, as a score means less where less of a title is known. A title belongs to the last
 * group whose bounds it reaches, or to the first one.
 *
 * The curves were fitted on titles of the validation posts: whole ones, first words of them, and such with some words made
 * unknown. They hold for posts that come as those did: each subreddit as often as people posted there.
 */
const IsotonicByKnownWords = v.object({
	method: v.literal('isotonic-by-known-words'),
	/** Titles, the made ones included. */
	posts: Posts,
	groups: v.pipe(
		v.array(
			v.object({
				/** The least number of known words, and the least share of the title's words that are known. */
				knownWords: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
				knownShare: UnitInterval,
				posts: Posts,
				...Curves.entries,
			}),
		),
		v.minLength(1),
		v.maxLength(64),
	),
})

export const Calibration = v.variant('method', [Isotonic, IsotonicByKnownWords])
export type Calibration = v.InferOutput<typeof Calibration>

function isAscending(numbers: readonly number[], strictly: boolean): boolean {
	return numbers.every((number, index) => {
		const before = numbers[index - 1]
		return before === undefined || (strictly ? before < number : before <= number)
	})
}
