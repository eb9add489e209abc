// What recall@1 and macro F1 must be by p@1 alone, and how sure that is. Pure.
import type { FittedCurve } from '../../../src/shared/drift-report.ts'
import type { EvaluationReport, SubredditFigures } from '../../../src/shared/evaluation-report.ts'
import type { AnyP1Bins, Estimate } from '../../../src/shared/report-parts.ts'
import { Z95 } from '../../../src/shared/statistics.ts'
import { countPosts } from '../statistics/p1-tally.ts'
import { findKnots, meanOfCurve, readCurve } from './curves.ts'

const WEEK_MS = 7 * 86_400_000

/** A week with fewer posts says nothing about how weeks differ. */
const LEAST_WEEK_POSTS = 500
/** Fewer weeks say nothing about it, either. */
const LEAST_WEEKS = 3

/** Beyond so many times as many or as few posts as the reference has, subreddits' f1 are of another kind. */
const MOST_TIMES_POSTS = 2

/** What an estimate stands on. */
export interface Basis {
	readonly reference: Pick<EvaluationReport, 'p1' | 'weeks' | 'subreddits' | 'metrics'>
	/** As of `fitRecallCurve` and `fitF1Curve`, of the reference. */
	readonly curves: { readonly 'recall@1': FittedCurve; readonly f1: FittedCurve }
}

/**
 * The recall@1 that labels would show: the reference's, moved by how much the curve's mean moved.
 *
 * The interval adds up three variances: the curve's, of each knot as of a share of its posts; that of what these very posts
 * happen to be; and how much weeks differ from each other by more than chance, in recall less p@1, which no p@1 can foresee
 * (DerSimonian & Laird 1986, "Meta-analysis in clinical trials"; only where the reference has three weeks). It knows nothing of
 * a change that no week of the reference had.
 *
 * Source: average confidence, as in Guillory et al. 2021, "Predicting with confidence on unseen distributions".
 */
export function estimateRecall(
	{ reference, curves }: Basis,
	bins: AnyP1Bins,
	window: { readonly from: string; readonly until: string },
): Estimate {
	const curve = curves['recall@1']
	const moved = meanOfCurve(curve, bins) - meanOfCurve(curve, reference.p1.bins)
	const value = clamp(reference.metrics['recall@1'] + moved)
	const posts = countPosts(bins)
	const weeks = Math.max(1, (Date.parse(window.until) - Date.parse(window.from)) / WEEK_MS)
	const variance =
		curveVariance(curve, bins, posts) +
		varianceOfShare(value, posts) +
		betweenWeeks(reference.weeks, weeks)
	return around(value, Math.sqrt(variance))
}

/** Of the curve's mean over these posts: knots are independent, and each is a share of its own posts. */
function curveVariance(curve: FittedCurve, bins: AnyP1Bins, total: number): number {
	const weights = new Float64Array(curve.length)
	for (const { posts, sum } of bins) {
		if (posts === 0) continue
		const { below, above, share } = findKnots(curve, sum / posts)
		weights[below] = (weights[below] ?? 0) + (posts / total) * (1 - share)
		weights[above] = (weights[above] ?? 0) + (posts / total) * share
	}
	return curve.reduce(
		(variance, { value, weight }, knot) =>
			variance + (weights[knot] ?? 0) ** 2 * varianceOfShare(value, weight),
		0,
	)
}

// Drawn towards one half by two posts on either side, so that three hits of three leave room for a miss (Agresti & Coull 1998,
// "Approximate is better than exact for interval estimation of binomial proportions").
function varianceOfShare(share: number, posts: number): number {
	const drawn = (share * posts + 2) / (posts + 4)
	return (drawn * (1 - drawn)) / posts
}

/** By how much weeks differ, as it bears on a difference of the reference's weeks and so many others. */
export function betweenWeeks(weeks: Basis['reference']['weeks'], currentWeeks: number): number {
	const large = weeks.filter(({ posts }) => posts >= LEAST_WEEK_POSTS)
	if (large.length < LEAST_WEEKS) return 0
	const residuals = large.map((week) => {
		const recall = week['recall@1']
		return {
			value: recall - week.meanP1,
			weight: week.posts / Math.max(1e-9, recall * (1 - recall)),
		}
	})
	const sum = (figure: (residual: (typeof residuals)[number]) => number) =>
		residuals.reduce((total, residual) => total + figure(residual), 0)
	const weights = sum(({ weight }) => weight)
	const mean = sum(({ value, weight }) => value * weight) / weights
	const spread = sum(({ value, weight }) => weight * (value - mean) ** 2)
	const freedom = residuals.length - 1
	const scale = weights - sum(({ weight }) => weight ** 2) / weights
	const variance = Math.max(0, (spread - freedom) / scale)
	return variance * (1 / residuals.length + 1 / currentWeeks)
}

/**
 * The macro F1 that labels would show: the reference's, moved by how much the mean of the curve over the subreddits that are
 * suggested moved; the interval is that of a mean of so many subreddits that scatter around the curve. Null where the samples'
 * sizes differ so much that a subreddit's f1 is not the same thing in both.
 */
export function estimateMacroF1(
	{ reference, curves }: Basis,
	current: Pick<EvaluationReport, 'subreddits' | 'metrics'>,
): Estimate | null {
	const times = current.metrics.posts / reference.metrics.posts
	if (times > MOST_TIMES_POSTS || times < 1 / MOST_TIMES_POSTS) return null
	const [before, now] = [reference, current].map(({ subreddits }) =>
		subreddits.filter(({ predicted }) => predicted > 0),
	) as [SubredditFigures[], SubredditFigures[]]
	if (before.length === 0 || now.length === 0) return null
	const meanOf = (subreddits: readonly SubredditFigures[]) =>
		subreddits.reduce((sum, { meanP1 }) => sum + readCurve(curves.f1, meanP1), 0) /
		subreddits.length
	// Subreddits that are never suggested have an f1 of 0, and nothing says how many of them there are now.
	const suggested = before.length / reference.subreddits.length
	const value = clamp(reference.metrics.macroF1 + suggested * (meanOf(now) - meanOf(before)))
	const scatter =
		before.reduce((sum, { meanP1, f1 }) => sum + (f1 - readCurve(curves.f1, meanP1)) ** 2, 0) /
		before.length
	return around(value, suggested * Math.sqrt(scatter / before.length + scatter / now.length))
}

function around(value: number, error: number): Estimate {
	return { value, low: clamp(value - Z95 * error), high: clamp(value + Z95 * error) }
}

function clamp(share: number): number {
	return Math.min(1, Math.max(0, share))
}
