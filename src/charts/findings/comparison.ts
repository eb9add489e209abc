// What the pictures of a comparison say, in words and with the number. Pure.
import { formatCount, formatPlural } from '../../shared/numbers.ts'
import type { ComparisonFigures, GroupChange } from '../comparison-figures.ts'
import { capitalize, formatPoints, formatShare } from '../format.ts'

/** B beside A, by recall@5; whether it is more than chance where both were asked the same posts. */
export function sayVerdict({ a, b, paired }: ComparisonFigures): string {
	const change = b.metrics['recall@5'] - a.metrics['recall@5']
	const values = `recall@5 ${formatShare(a.metrics['recall@5'])} → ${formatShare(b.metrics['recall@5'])}`
	if (!paired)
		return `${capitalize(b.name)} has ${formatPoints(change)} of recall@5 beside ${a.name} (${values})`
	const { low, high } = paired
	const range = `${formatPoints(change)}, 95% from ${formatPoints(low)} to ${formatPoints(high)}`
	const verdict =
		low > 0 ? 'is better than' : high < 0 ? 'is worse than' : 'is neither better nor worse than'
	return `${capitalize(b.name)} ${verdict} ${a.name}: ${values} (${range})`
}

export function sayChanges({ changes, chance }: ComparisonFigures): string {
	if (!changes) return 'No subreddit has enough test posts to tell how its f1 changed'
	const stayed = `${formatShare(changes.within20)} of subreddits changed their f1 by at most 0.20`
	if (!chance) return stayed
	return `${stayed}; between two halves of one month, with nothing changed, ${formatShare(chance.halves.within20)} do`
}

export function sayScatter({ subreddits, minPosts }: ComparisonFigures): string {
	const solid = subreddits.filter(({ posts }) => posts >= minPosts)
	const better = solid.filter(({ a, b }) => b > a).length
	const worse = solid.filter(({ a, b }) => b < a).length
	return `${formatPlural(better, 'subreddit')} got better, ${formatCount(worse)} worse`
}

export function sayGroups(groups: readonly GroupChange[]): string {
	const size = ({ change }: GroupChange) => Math.abs(change.difference)
	const [first] = [...groups].sort((one, other) => size(other) - size(one))
	if (!first) return 'No group was named'
	return `Of the named groups, ${first.name} changed most: recall@5 ${formatShare(first.a.value)} → ${formatShare(first.b.value)}`
}

export function sayChurn(churn: ComparisonFigures['churn']): string {
	const first = churn[0]
	if (!first) return 'No older posts were asked'
	return `On ${first.name}, ${formatShare(first.first.value)} of titles get another first suggestion than before, and ${formatShare(first.five.value)} of their five suggestions are others`
}

/** Two reports side by side know only which subreddits were suggested, not which can be. */
export function sayCameAndWent({ came, went, paired }: ComparisonFigures): string {
	const where = paired ? '' : ' among the first suggestions'
	if (came.length === 0 && went.length === 0) return `No subreddit came${where} and none went`
	return `${formatPlural(came.length, 'subreddit')} came${where}, ${went.length === 0 ? 'none' : formatCount(went.length)} went`
}

export function sayGate(rules: NonNullable<ComparisonFigures['rules']>): string {
	const failed = rules.filter(({ passed }) => !passed).length
	if (failed === 0) return `The gate is open: ${formatPlural(rules.length, 'limit')} kept`
	return `The gate is shut: ${failed} of ${formatPlural(rules.length, 'limit')} not kept`
}
