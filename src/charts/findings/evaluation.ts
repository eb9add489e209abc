// What the pictures of an evaluation say, in words and with the number. Pure.
import type { StoredEvaluationReport } from '../../shared/evaluation-report.ts'
import { sayNewest } from '../../shared/metrics.ts'
import {
	formatCount,
	formatDay,
	formatPlural,
	formatPoints,
	formatShare,
} from '../../shared/numbers.ts'
import type { Estimate, P1Bins } from '../../shared/report-parts.ts'
import { differenceOfShares, wilson } from '../../shared/statistics.ts'
import { formatPeriod } from '../format.ts'
import { type Claim, shareBetween } from '../p1.ts'

const SURE = 0.5
const UNSURE = 0.1

const SPLITS = {
	time: 'newer than all that the measured model has learnt',
	newest: 'newer than what the measured model has learnt of the same subreddit',
	random: 'held back at random, which flatters',
	external: 'from dumps',
}

type TestPosts = Pick<
	StoredEvaluationReport,
	'metrics' | 'split' | 'newest' | 'testFrom' | 'testUntil'
>

/**
 * As in `150,049 posts of June 2013, newer than all that the measured model has learnt`, or in
 * `108,302 posts, each subreddit's newest 8, of 5 June 2013 to 3 July 2025, newer than …`.
 */
export function describeTest(report: TestPosts): string {
	const which = report.split === 'newest' ? `, ${sayNewest(report.newest)},` : ''
	return `${formatPlural(report.metrics.posts, 'post')}${which} of ${formatPeriod(report.testFrom, report.testUntil)}, ${SPLITS[report.split]}`
}

/** Of a release that has learnt its test posts, too: whose figures it has. @param trainedUntil the twin's, an instant */
export function describeTwin(
	{ trainedUntil }: { readonly trainedUntil: string },
	{ split, newest }: Pick<TestPosts, 'split' | 'newest'>,
): string {
	const trained =
		split === 'newest'
			? `trained without ${sayNewest(newest)}`
			: `trained only on posts from before ${formatDay(trainedUntil)}`
	return `The figures are those of its twin: the same recipe, ${trained}. The release itself has learnt the test posts, too`
}

export function sayRecall(report: Pick<StoredEvaluationReport, 'metrics'>): string {
	const { metrics } = report
	return `The right subreddit is among the five for ${formatShare(metrics['recall@5'])} of posts, and first for ${formatShare(metrics['recall@1'])}`
}

/** The recalls of a report with their intervals. */
export function recallEstimates({ metrics }: Pick<StoredEvaluationReport, 'metrics'>) {
	const { posts } = metrics
	return {
		'recall@1': estimateShare(metrics['recall@1'], posts),
		'recall@5': estimateShare(metrics['recall@5'], posts),
	}
}

/** A share of so many posts with its interval. */
export function estimateShare(share: number, posts: number): Estimate {
	return wilson(Math.round(share * posts), posts)
}

export function sayP1(bins: P1Bins): string {
	const sure = formatShare(shareBetween(bins, SURE, 1))
	const unsure = formatShare(shareBetween(bins, 0, UNSURE))
	return `The model is sure of ${sure} of titles (p@1 of 50% or more), and has hardly a clue for ${unsure} (below 10%)`
}

/** The largest distance, of bars with enough posts to tell. */
export function sayReliability(claims: readonly Claim[], ece: number): string {
	const gap = ({ claimed, actual }: Claim) => Math.abs(claimed - actual.value)
	const solid = claims.filter(({ posts }) => posts >= 100)
	const worst = [...solid].sort((one, other) => gap(other) - gap(one))[0]
	const error = `What the model claims is off by ${(100 * ece).toFixed(1)} points on average`
	if (!worst) return error
	const way = worst.claimed > worst.actual.value ? 'too sure' : 'too modest'
	return `${error}, and at most by ${(100 * gap(worst)).toFixed(1)} (${way}, where it claims ${formatShare(worst.claimed)})`
}

/** What each count of subreddits counts. */
export function sayCounts({
	metrics,
	subreddits,
}: Pick<StoredEvaluationReport, 'metrics' | 'subreddits'>): string {
	const tested = subreddits.filter(({ posts }) => posts > 0).length
	return `The measured model knows ${formatPlural(metrics.labels, 'subreddit')}; the test posts are of ${formatCount(tested)}, and ${formatCount(subreddits.length)} have test posts or were suggested first: macro F1 is the mean of these`
}

export function sayWeeks(weeks: readonly { 'recall@5': number; posts: number }[]): string {
	const whole = weeks.filter(({ posts }) => posts >= 100)
	const values = whole.map((week) => week['recall@5'])
	const [low, high] = [Math.min(...values), Math.max(...values)]
	if (whole.length === 0) return 'No week has enough posts to tell'
	return `Week by week, the right one is among the five for ${formatShare(low)} to ${formatShare(high)} of posts`
}

export function saySubreddits(subreddits: StoredEvaluationReport['subreddits']): string {
	const tested = subreddits.filter(({ posts }) => posts > 0)
	const f1s = tested.map(({ f1 }) => f1).sort((one, other) => one - other)
	const median = f1s[Math.floor(f1s.length / 2)] ?? 0
	const never = tested.filter(({ hits1 }) => hits1 === 0).length
	return `Half of the ${formatCount(tested.length)} subreddits with test posts have an f1 above ${median.toFixed(2)}; ${formatCount(never)} were never found first`
}

export function sayConfusions(
	confusions: readonly { actual: string; predicted: string; posts: number }[],
): string {
	const first = confusions[0]
	if (!first) return 'No subreddit is taken for another one'
	return `Most often, r/${first.actual} is taken for r/${first.predicted}: ${formatPlural(first.posts, 'post')}`
}

type Split = Pick<StoredEvaluationReport, 'metrics' | 'split' | 'newest'>

/** How much a random split flatters. */
export function saySplits(one: Split, other: Split): string {
	const random = [one, other].find(({ split }) => split === 'random')
	const honest = [one, other].find(({ split }) => split !== 'random')
	if (!random || !honest) return 'The same recipe on posts that were split in another way'
	const seen = recallEstimates(random)['recall@5']
	const later = recallEstimates(honest)['recall@5']
	const { value, low, high } = differenceOfShares(later, seen)
	const seems = low > 0 ? 'better than it is' : high < 0 ? 'worse than it is' : 'as good as it is'
	return `Split at random, the same recipe would seem ${seems}: recall@5 ${formatShare(seen.value)} where it is ${formatShare(later.value)} on later posts (${formatPoints(value)}, 95% from ${formatPoints(low)} to ${formatPoints(high)})`
}

function nameSplit({ split, newest }: Split): string {
	if (split === 'newest') return sayNewest(newest)
	return { time: 'split by time', random: 'split at random', external: 'other posts' }[split]
}

/** What two splits are called beside each other; of the same kind, the other one by who measured it. */
export function nameSplits(one: Split, other: Split & { readonly name: string }) {
	const [own, beside] = [nameSplit(one), nameSplit(other)]
	return { own, beside: own === beside ? other.name : beside }
}
