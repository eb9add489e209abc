// The contract of `feedback stats`: what people picked, and whether it was one of the five.
import * as v from 'valibot'
import { SUGGESTION_COUNT } from './calibration.ts'
import { AnyP1Bins, Estimate, P1Bins } from './report-parts.ts'
import { Count, Instant, ReleaseVersion, SubredditName, UnitInterval } from './schema-parts.ts'

/** The most subreddits that are listed. */
export const MAX_NAMED = 50

/** How picks went: one for each title. Intervals are Wilson's. */
const PickFigures = v.object({
	/** A release, a channel, or a month as in `2013-07`. */
	name: v.string(),
	picks: Count,
	/** The usefulness: the share of titles for which people took one of the five. */
	useful: Estimate,
	/** The first suggestion was taken. */
	first: Estimate,
	/** A subreddit that was not suggested was named. */
	named: Estimate,
	/** None of these, and no other one named. */
	none: Estimate,
})
export type PickFigures = v.InferOutput<typeof PickFigures>

/** People's titles beside the test set's, for one release. */
const P1Figures = v.object({
	release: ReleaseVersion,
	/** p@1 as it was shown; `hits` are picks of the first suggestion. */
	people: P1Bins,
	meanP1: UnitInterval,
	/** Null where the release's report is not here, or too old to hold it. */
	test: v.nullable(v.object({ bins: AnyP1Bins, meanP1: UnitInterval, ks: Estimate })),
})
export type P1Figures = v.InferOutput<typeof P1Figures>

/** The canary's release beside what production served since its first pick. */
const CanaryTest = v.object({
	release: ReleaseVersion,
	from: Instant,
	production: PickFigures,
	canary: PickFigures,
	/** Usefulness of the canary minus production's, in [-1, 1]. */
	difference: Estimate,
	verdict: v.picklist(['better', 'worse', 'no clear difference']),
})
export type CanaryTest = v.InferOutput<typeof CanaryTest>

export const UseReport = v.object({
	schema: v.literal(1),
	created: Instant,
	picks: Count,
	/** When the first and the last title was picked for; null where there are no picks. */
	from: v.nullable(Instant),
	until: v.nullable(Instant),
	/** Titles to train on; those of them that were picked for different subreddits; picks without a subreddit or a word. */
	titles: Count,
	conflicts: Count,
	unusable: Count,
	/** All picks; null where there are none. */
	total: v.nullable(PickFigures),
	/** Share of all picks that took the suggestion at each rank, first one first. */
	ranks: v.pipe(
		v.array(
			v.object({
				rank: v.pipe(Count, v.minValue(1), v.maxValue(SUGGESTION_COUNT)),
				picks: Count,
				share: Estimate,
			}),
		),
		v.maxLength(SUGGESTION_COUNT),
	),
	releases: v.array(PickFigures),
	channels: v.array(PickFigures),
	/** Oldest first. */
	months: v.array(PickFigures),
	/** What people named where none of the five was right, most frequent first. */
	named: v.pipe(
		v.array(
			v.object({
				subreddit: SubredditName,
				/** Found among the names that the release knows, learnt or not, and typed by hand. */
				searched: Count,
				typed: Count,
			}),
		),
		v.maxLength(MAX_NAMED),
	),
	p1: v.array(P1Figures),
	/** Null where no release is the canary, or nothing was picked from it, or nothing of production beside it. */
	canary: v.nullable(CanaryTest),
})
export type UseReport = v.InferOutput<typeof UseReport>
