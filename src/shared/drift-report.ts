// The contract of `drift`: how far new posts are from those that a release was tested on, and what that does to its figures.
import * as v from 'valibot'
import { AnyP1Bins, Estimate, JudgedRule, P1Bins, Sample, ShareChange } from './report-parts.ts'
import { Count, ReleaseVersion, UnitInterval } from './schema-parts.ts'

/** The most subreddits that are listed. */
export const MAX_MOVED = 50

/** The most windows of a report; a month each, they are eighty years. */
const MAX_WINDOWS = 1_000

/** Half the sum of all shares' absolute differences: 0 for equal distributions, 1 for such with nothing in common. */
const TotalVariation = v.object({
	/** Between the two samples as they are. */
	distance: UnitInterval,
	/** What samples of these sizes would have between them by chance: on average, and at most in 95 of 100 cases. */
	chance: v.object({ mean: UnitInterval, high: UnitInterval }),
})
export type TotalVariation = v.InferOutput<typeof TotalVariation>

/** macro F1 is null where too few posts say something about a subreddit. */
const Scores = v.object({ 'recall@1': Estimate, macroF1: v.nullable(Estimate) })

const ActualScores = {
	'recall@1': Estimate,
	'recall@5': Estimate,
	/** Posts of subreddits that the release does not know, of all posts: misses that no p@1 foresees. */
	unknownLabels: Estimate,
}

const Drifts = {
	meanP1: UnitInterval,
	/** Population stability index of p@1, in the bins of {@link DriftReport}'s `psiEdges`, less what chance adds to it. */
	psi: Estimate,
	/** Kolmogorov–Smirnov distance of p@1. */
	ks: Estimate,
	/** Words unknown to the model, of all words. */
	unknownWords: Estimate,
	/** Of the subreddits that are suggested first. */
	predicted: TotalVariation,
	/** From p@1 alone, by the fitted curve. */
	estimate: v.object({ 'recall@1': Estimate }),
	/** What the labels say; null where there are none. */
	actual: v.nullable(v.object(ActualScores)),
}

const DriftWindow = v.object({ ...Sample.entries, ...Drifts })
export type DriftWindow = v.InferOutput<typeof DriftWindow>

const Knot = v.object({
	p1: UnitInterval,
	/** What that p@1 was worth. */
	value: UnitInterval,
	/** How many posts or subreddits say so. */
	weight: Count,
})

/** Linear between its knots, flat outside them; p@1 strictly ascending, values ascending. */
export const FittedCurve = v.pipe(
	v.array(Knot),
	v.check(
		(knots) =>
			knots.every((knot, index) => {
				const before = knots[index - 1]
				return !before || (before.p1 < knot.p1 && before.value <= knot.value)
			}),
		'expected ascending knots',
	),
)
export type FittedCurve = v.InferOutput<typeof FittedCurve>

export const DriftReport = v.object({
	schema: v.literal(1),
	release: ReleaseVersion,
	reference: v.object({
		...Sample.entries,
		meanP1: UnitInterval,
		'recall@1': Estimate,
		macroF1: UnitInterval,
		unknownLabels: Estimate,
		/** Null where the reference does not say. */
		unknownWords: v.nullable(Estimate),
	}),
	current: v.object({
		...Sample.entries,
		/** How many posts there are: `posts` of them were drawn at random and measured. */
		total: Count,
		...Drifts,
		estimate: Scores,
		actual: v.nullable(v.object({ ...ActualScores, macroF1: UnitInterval })),
	}),
	p1: v.object({ reference: P1Bins, current: AnyP1Bins }),
	/** Between these the population stability index counts, as in [0, 0.1, …, 1]. */
	psiEdges: v.array(UnitInterval),
	/** Fitted on the reference: what a p@1 was worth. */
	curves: v.object({
		/** For posts: how often the first suggestion was right. */
		'recall@1': FittedCurve,
		/** For subreddits: f1, by the mean p@1 of the titles that it was suggested first for. */
		f1: FittedCurve,
	}),
	/** The subreddits whose share of the first suggestions moved most, largest move first. */
	moved: v.pipe(v.array(ShareChange), v.maxLength(MAX_MOVED)),
	/** The current posts by month, if asked for; oldest first. */
	windows: v.pipe(v.array(DriftWindow), v.maxLength(MAX_WINDOWS)),
	verdict: v.object({ drifted: v.boolean(), rules: v.array(JudgedRule) }),
})
export type DriftReport = v.InferOutput<typeof DriftReport>
