// What the pictures of a comparison say, in words and with the number. Pure.
import { formatCount, formatPlural, formatPoints, formatShare } from '../../shared/numbers.ts'
import { differenceOfShares, verdictOf } from '../../shared/statistics.ts'
import type { ComparisonFigures, GroupChange, SubredditChange } from '../comparison-figures.ts'
import { capitalize, formatN, formatPeriod, formatShares } from '../format.ts'
import { recallEstimates } from './evaluation.ts'

/** B beside A, by recall@5 and, where that says otherwise, by recall@1; whether it is more than chance where both were asked the same posts. */
export function sayVerdict(figures: ComparisonFigures): string {
	const { a, b, paired } = figures
	const [nameA, nameB] = [a.name, capitalize(b.name)]
	const change = b.metrics['recall@5'] - a.metrics['recall@5']
	const values = `recall@5 ${sayShares(figures, 'recall@5')}`
	if (!paired) return `${nameB} beside ${nameA}: ${values} (${formatPoints(change)})`
	const { low, high } = paired
	const [from, to] = [formatPoints(low), formatPoints(high)]
	const all =
		from === to ? values : `${values} (${formatPoints(change)}, 95% from ${from} to ${to})`
	const first = changeOfFirst(figures)
	if (verdictOf(paired) === 'no clear difference' && first)
		return `${nameB} puts the right subreddit first ${first === 'worse' ? 'less' : 'more'} often than ${nameA}${first === 'worse' && isOpen(figures) ? ', which no limit of the gate forbids' : ''}: recall@1 ${sayShares(figures, 'recall@1')}; among the five it is as often: ${all}`
	const verdict =
		low > 0 ? 'is better than' : high < 0 ? 'is worse than' : 'is neither better nor worse than'
	const isOpposite = first !== null && first !== verdictOf(paired)
	const but = isOpposite
		? `, but recall@1 ${first === 'worse' ? 'fell' : 'rose'}: ${sayShares(figures, 'recall@1')}`
		: ''
	return `${nameB} ${verdict} ${nameA}${sayAllowed(figures)}: ${all}${but}`
}

function sayShares({ a, b }: ComparisonFigures, name: 'recall@1' | 'recall@5'): string {
	return formatShares(a.metrics[name], b.metrics[name]).join(' → ')
}

/** Worse above an open gate would be a riddle. */
function sayAllowed(figures: ComparisonFigures): string {
	const isWorse = figures.paired && figures.paired.high < 0
	return isWorse && isOpen(figures) ? ', by less than the gate forbids' : ''
}

function isOpen({ rules }: ComparisonFigures): boolean {
	return rules?.every(({ passed }) => passed) === true
}

/** Whether recall@1 differs by more than chance, as of two samples: of the same posts the interval is narrower, so what differs here does. */
function changeOfFirst({ a, b }: ComparisonFigures): 'better' | 'worse' | null {
	const verdict = verdictOf(
		differenceOfShares(recallEstimates(a)['recall@1'], recallEstimates(b)['recall@1']),
	)
	return verdict === 'no clear difference' ? null : verdict
}

export function sayRecallChange({ a, b }: ComparisonFigures): string {
	const [before, after] = formatShares(a.metrics['recall@5'], b.metrics['recall@5'])
	return `The right subreddit is among the five for ${after} of posts; it was for ${before}`
}

export function sayChanges({ changes, chance }: ComparisonFigures): string {
	if (!changes) return 'No subreddit has enough test posts to tell how its f1 changed'
	const stayed = `${formatShare(changes.within20)} of subreddits changed their f1 by at most 0.20`
	if (!chance) return stayed
	return `${stayed}; between two halves of one month, with nothing changed, ${formatShare(chance.halves.within20)} do`
}

/** How wide chance is, subreddit by subreddit. */
export function sayChance({ chance }: ComparisonFigures): string {
	const { to, counts } = chance?.swapped.bins ?? { to: 0, counts: [] }
	const middle = (counts.length - 1) / 2
	const total = counts.reduce((sum, count) => sum + count, 0)
	if (total === 0) return 'How much of a change is chance is not measured here'
	let [reach, within] = [0, counts[middle] ?? 0]
	while (within < 0.95 * total && reach < middle) {
		reach += 1
		within += (counts[middle - reach] ?? 0) + (counts[middle + reach] ?? 0)
	}
	const change = ((2 * reach + 1) * to) / counts.length
	return `By chance alone, between two equally good models that disagree as often, the f1 of ${formatShare(within / total)} of subreddits changes by less than ${change.toFixed(3)}, and as many rise as fall`
}

export function sayScatter({ subreddits, minPosts }: ComparisonFigures): string {
	const solid = subreddits.filter(({ posts }) => posts >= minPosts)
	const better = solid.filter(({ a, b }) => b > a).length
	const worse = solid.filter(({ a, b }) => b < a).length
	return `${formatPlural(better, 'subreddit')} got better, ${formatCount(worse)} worse`
}

/** Which subreddits changed most, of those with enough posts. */
export function sayMost({ subreddits, minPosts }: ComparisonFigures): string {
	const change = ({ a, b }: SubredditChange) => b - a
	const solid = subreddits.filter(({ posts }) => posts >= minPosts)
	if (solid.length === 0)
		return `No subreddit has ${formatCount(minPosts)} test posts or more, so the change of a single one is mostly chance`
	const sorted = solid.sort((one, other) => change(other) - change(one))
	const say = (row: SubredditChange | undefined, sign: number) =>
		row && sign * change(row) > 0
			? `r/${row.label} (f1 ${row.a.toFixed(3)} → ${row.b.toFixed(3)}, ${formatN(row.posts, 'posts')})`
			: 'none'
	return `Most gained: ${say(sorted[0], 1)}; most lost: ${say(sorted.at(-1), -1)}`
}

export function sayGroups(groups: readonly GroupChange[]): string {
	const size = ({ change }: GroupChange) => Math.abs(change.difference)
	const isSure = ({ change: { low, high } }: GroupChange) => low > 0 || high < 0
	const sure = groups.filter(isSure)
	const [first] = [...(sure.length > 0 ? sure : groups)].sort(
		(one, other) => size(other) - size(one),
	)
	if (!first) return 'No group was named'
	if (size(first) === 0)
		return `recall@5 changed in none of ${formatPlural(groups.length, 'named group')}`
	const { name, posts, a, b, change } = first
	const figures = `${formatShare(a.value)} → ${formatShare(b.value)} (${formatPoints(change.difference)}, 95% from ${formatPoints(change.low)} to ${formatPoints(change.high)}; ${formatN(posts, 'posts')})`
	return `${sure.length === 0 ? 'None' : sure.length} of ${formatPlural(groups.length, 'named group')} changed by more than chance; ${name} changed most: recall@5 ${figures}`
}

export function sayChurn(churn: ComparisonFigures['churn']): string {
	const first = churn[0]
	if (!first) return 'No older posts were asked'
	return `For ${formatShare(first.first.value)} of ${nameChurned(first)} the first suggestion changed, and ${formatShare(first.five.value)} of their five suggestions did`
}

/** As in `posts of June 2013`. */
export function nameChurned({ kind, from, until }: ComparisonFigures['churn'][number]): string {
	return `${kind === 'test' ? 'test posts' : 'posts'} of ${formatPeriod(from, until)}`
}

/** Two reports side by side know only which subreddits were suggested first, not which can be. */
export function sayCameAndWent({ a, b, came, went, paired }: ComparisonFigures): string {
	if (came.length + went.length === 0)
		return `No subreddit ${paired ? 'can be suggested' : 'is suggested first'} by only one of the two`
	return `${paired ? 'Can be suggested' : 'Suggested first'} by ${b.name} only: ${formatPlural(came.length, 'subreddit')}; by ${a.name} only: ${formatCount(went.length)}`
}

export function sayGate(rules: NonNullable<ComparisonFigures['rules']>): string {
	const failed = rules.filter(({ passed }) => !passed).length
	if (failed === 0) return `The gate is open: ${formatPlural(rules.length, 'limit')} kept`
	return `The gate is shut: ${failed} of ${formatPlural(rules.length, 'limit')} not kept`
}
