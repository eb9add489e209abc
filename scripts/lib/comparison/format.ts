// A comparison as people read it. Pure.

import { formatFigure, formatWindow, SCORES } from '../evaluation/format.ts'
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'
import type { Comparison, ShareChange, SubredditChange } from './compare.ts'
import type { PairedDifference } from './paired-difference.ts'

const SHARES_SHOWN = 3

export function formatComparison(comparison: Comparison): string {
	const { a, b, testSet, minPosts, gained, lost, warnings } = comparison
	return [
		`A: ${a.name}`,
		`B: ${b.name}`,
		`on ${testSet}: ${formatCount(b.metrics.posts)} posts (${formatWindow(comparison)})`,
		...warnings.map((warning) => `careful: ${warning}`),
		'',
		formatFigures(comparison),
		'',
		`B is ${formatVerdict(comparison)}`,
		...formatChanges('gained most', gained, minPosts),
		...formatChanges('lost most', lost, minPosts),
		...formatShares('suggested first more often', comparison.risen),
		...formatShares('suggested first less often', comparison.fallen),
	].join('\n')
}

/** As in `better at recall@5: +0.0120, with 95 % confidence between +0.0100 and +0.0140 (p 0.0001)`. */
export function formatVerdict(comparison: Pick<Comparison, 'verdict' | 'recall@5'>): string {
	const { difference, low, high, p } = comparison['recall@5']
	const what =
		comparison.verdict === 'no clear difference'
			? 'neither better nor worse at recall@5, as far as these posts tell'
			: `${comparison.verdict} at recall@5`
	return `${what}: ${signed(difference)}, with 95 % confidence between ${signed(low)} and ${signed(high)} (${formatP(p)})`
}

function formatFigures(comparison: Comparison): string {
	const { a, b } = comparison
	const interval = (key: (typeof SCORES)[number]) =>
		key === 'recall@1' || key === 'recall@5' ? formatInterval(comparison[key]) : ''
	const rows = SCORES.flatMap((key) => {
		const [before, after] = [a.metrics[key], b.metrics[key]]
		if (before === undefined || after === undefined) return []
		const cells = [formatFigure(key, before), formatFigure(key, after), signed(after - before)]
		return [[key, ...cells, interval(key)]]
	})
	const counts = (['labels', 'unknownLabelPosts'] as const).map((key) => [
		key,
		formatCount(a.metrics[key]),
		formatCount(b.metrics[key]),
		signedCount(b.metrics[key] - a.metrics[key]),
		'',
	])
	return formatTable([['', 'A', 'B', 'B − A', '95 % confidence'], ...rows, ...counts])
}

function formatInterval({ low, high }: PairedDifference): string {
	return `${signed(low)} … ${signed(high)}`
}

function formatChanges(
	title: string,
	changes: readonly SubredditChange[],
	minPosts: number,
): string[] {
	const head = `${title} (f1 of the first suggestion; subreddits with ${minPosts} test posts or more)`
	if (changes.length === 0) return ['', `${head}: none`]
	const rows = changes.map(({ label, posts, a, b }) => [
		`r/${label}`,
		formatCount(posts),
		a.toFixed(3),
		b.toFixed(3),
		signed(b - a),
	])
	return ['', head, formatTable([['', 'posts', 'A', 'B', 'B − A'], ...rows])]
}

/** As in `suggested first more often (share of the titles): r/pics 0.41 % → 0.63 %`; three at most. */
function formatShares(title: string, changes: readonly ShareChange[]): string[] {
	if (changes.length === 0) return []
	const percent = (share: number) => `${(100 * share).toFixed(2)} %`
	const named = changes
		.slice(0, SHARES_SHOWN)
		.map(({ label, a, b }) => `r/${label} ${percent(a)} → ${percent(b)}`)
	return ['', `${title} (share of the titles): ${named.join(', ')}`]
}

function formatP(p: number): string {
	return p < 0.0001 ? 'p < 0.0001' : `p ${p.toFixed(4)}`
}

function signed(value: number): string {
	const text = Math.abs(value).toFixed(4)
	if (Number(text) === 0) return text
	return `${value < 0 ? '−' : '+'}${text}`
}

function signedCount(value: number): string {
	return value === 0 ? '0' : `${value < 0 ? '−' : '+'}${formatCount(Math.abs(value))}`
}
