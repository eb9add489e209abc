// The pieces that the contracts of reports share: estimates, bins, rules. Figures only: no report holds a post's title.
import * as v from 'valibot'
import { Count, Instant, SubredditName, UnitInterval } from './schema-parts.ts'

const Finite = v.pipe(v.number(), v.finite())

/** Holds the true value in 95 of 100 cases, as far as chance goes. */
export const Interval = v.pipe(
	v.object({ low: Finite, high: Finite }),
	v.check(({ low, high }) => low <= high, 'expected low to be at most high'),
)
export type Interval = v.InferOutput<typeof Interval>

/** A figure with its interval of 95%. Every number is finite: what could not be computed is left out or null. */
export const Estimate = v.pipe(
	v.object({ value: Finite, low: Finite, high: Finite }),
	v.check(
		({ value, low, high }) => low <= value && value <= high,
		'expected the value inside its interval',
	),
)
export type Estimate = v.InferOutput<typeof Estimate>

/** A histogram: bins of equal width over [from, to]. The last bin holds its upper end, too. */
export const Bins = v.pipe(
	v.object({ from: Finite, to: Finite, counts: v.pipe(v.array(Count), v.minLength(1)) }),
	v.check(({ from, to }) => from < to, 'expected from to be below to'),
)
export type Bins = v.InferOutput<typeof Bins>

/** Bins of p@1, of equal width over [0, 1]. The last one holds 1, too. */
export const P1_BINS = 100

const P1BinCounts = {
	posts: Count,
	/** Of the posts' p@1: their mean, not the middle of the bin, is what they claim. */
	sum: v.pipe(Finite, v.minValue(0)),
}

const ofAllBins = <Bin extends v.GenericSchema>(bin: Bin) =>
	v.pipe(v.array(bin), v.length(P1_BINS, `expected ${P1_BINS} bins`))

/**
 * p@1 of posts whose subreddit is known, in {@link P1_BINS} bins: histogram, reliability curve and the reference of drift
 * come from it. A title without a known word has a p@1 of 0.
 */
export const P1Bins = ofAllBins(v.object({ ...P1BinCounts, hits: Count }))
export type P1Bins = v.InferOutput<typeof P1Bins>

/** The same; `hits` is null where the posts' subreddits are not known. */
export const AnyP1Bins = ofAllBins(v.object({ ...P1BinCounts, hits: v.nullable(Count) }))
export type AnyP1Bins = v.InferOutput<typeof AnyP1Bins>

/** Posts: what they are called, and when they were created: from the first instant on, and before the second. */
export const Sample = v.object({
	/** As in `test posts of release 20200602.0` or `RS_2013-07.zst`. */
	name: v.string(),
	from: Instant,
	until: Instant,
	posts: Count,
})
export type Sample = v.InferOutput<typeof Sample>

/** A subreddit's share of all first suggestions, before and after. */
export const ShareChange = v.object({
	label: SubredditName,
	before: UnitInterval,
	after: UnitInterval,
	/** After minus before, in [-1, 1]. */
	change: Estimate,
})
export type ShareChange = v.InferOutput<typeof ShareChange>

/** A limit that something was held against. */
export const JudgedRule = v.object({
	/** As the parameters name it. */
	name: v.string(),
	/** What the limit was held against. */
	value: Finite,
	limit: Finite,
	passed: v.boolean(),
	/** One sentence for people. */
	says: v.string(),
})
export type JudgedRule = v.InferOutput<typeof JudgedRule>
