// A comparison as people read it. Pure.
import type {
	ComparisonReport,
	F1Change,
	F1Changes,
	FirstShare,
	GateVerdict,
	GroupComparison,
} from '../../../src/shared/comparison-report.ts'
import { formatShare, formatSigned, withSign } from '../../../src/shared/numbers.ts'
import { formatFigure, formatPrior, formatWindow, SCORES } from '../evaluation/format.ts'
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'

const SHARES_SHOWN = 3
const LABELS_SHOWN = 10

export function formatComparison(comparison: ComparisonReport): string {
	const { a, b, testSet, minPosts, gained, lost, warnings, gate } = comparison
	return [
		`A: ${a.name}`,
		`B: ${b.name}`,
		`on ${testSet}: ${formatCount(b.metrics.posts)} posts (${formatWindow(comparison)})`,
		...warnings.map((warning) => `warning: ${warning}`),
		'',
		formatFigures(comparison),
		...formatPriors(comparison),
		'',
		`B is ${formatVerdict(comparison)}`,
		...formatChanges('gained most', gained, minPosts),
		...formatChanges('lost most', lost, minPosts),
		...formatSpread(comparison.f1Changes),
		...formatGroups(comparison.groups),
		...formatShares('suggested first more often', comparison.risen),
		...formatShares('suggested first less often', comparison.fallen),
		...formatLabels('new subreddits that can be suggested', comparison.came),
		...formatLabels('subreddits that can no longer be suggested', comparison.went),
		'',
		formatChurn(comparison),
		...(gate ? ['', formatGate(gate)] : []),
	].join('\n')
}

/** As in `better at recall@5: +0.0120, with 95% confidence between +0.0100 and +0.0140 (p 0.0001)`. */
export function formatVerdict(comparison: Pick<ComparisonReport, 'verdict' | 'recall@5'>): string {
	const { difference, low, high, p } = comparison['recall@5']
	const what =
		comparison.verdict === 'no clear difference'
			? 'neither better nor worse at recall@5, as far as these posts tell'
			: `${comparison.verdict} at recall@5`
	return `${what}: ${signed(difference)}, with 95% confidence between ${signed(low)} and ${signed(high)} (${formatP(p)})`
}

/** One line a rule, then what follows from them. */
export function formatGate({ passed, rules }: GateVerdict): string {
	const lines = rules.map((rule) => `  ${rule.passed ? 'ok    ' : 'FAILED'}  ${rule.says}`)
	const failed = rules.filter((rule) => !rule.passed).length
	return [
		passed
			? `gate: passed, all ${rules.length} rules hold`
			: `gate: FAILED, ${failed} of ${rules.length} rules do not hold`,
		...lines,
	].join('\n')
}

function formatFigures(comparison: ComparisonReport): string {
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
		withSign(b.metrics[key] - a.metrics[key], formatCount),
		'',
	])
	return formatTable([['', 'A', 'B', 'B − A', '95% confidence'], ...rows, ...counts])
}

function formatPriors({ a, b }: ComparisonReport): string[] {
	const line = (side: string, { prior }: ComparisonReport['a']) =>
		prior ? [`prior of ${side}: ${formatPrior(prior)}`] : []
	return [...line('A', a), ...line('B', b)]
}

function formatInterval({ low, high }: { readonly low: number; readonly high: number }): string {
	return `${signed(low)} … ${signed(high)}`
}

function formatChanges(title: string, changes: readonly F1Change[], minPosts: number): string[] {
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

function formatSpread(changes: F1Changes | null): string[] {
	if (!changes) return []
	const { subreddits, within20, deviation, chance, swapped } = changes
	const bySwapping = `chance alone, between models as good as each other: ${formatShare(swapped.within20)}, ${swapped.deviation.toFixed(3)}`
	const byHalves = chance
		? `; between two halves of these posts, B alone: ${formatShare(chance.within20)}, ${chance.deviation.toFixed(3)}`
		: ''
	return [
		'',
		`f1 of ${formatCount(subreddits)} subreddits: ${formatShare(within20)} changed by at most 0.20; typical change ${deviation.toFixed(3)}`,
		`  ${bySwapping}${byHalves}`,
	]
}

function formatGroups(groups: readonly GroupComparison[]): string[] {
	if (groups.length === 0) return []
	const rows = groups.map(({ name, posts, 'recall@5': recall }) => [
		name,
		formatCount(posts),
		recall.a.toFixed(4),
		recall.b.toFixed(4),
		signed(recall.difference),
		formatInterval(recall),
	])
	const head = ['', 'posts', 'A', 'B', 'B − A', '95% confidence']
	return ['', 'recall@5 of groups', formatTable([head, ...rows])]
}

/** As in `suggested first more often (share of the titles): r/pics 0.41% → 0.63%`; three at most. */
function formatShares(title: string, changes: readonly FirstShare[]): string[] {
	if (changes.length === 0) return []
	const two = (share: number) => formatShare(share, 2)
	const named = changes
		.slice(0, SHARES_SHOWN)
		.map(({ label, a, b }) => `r/${label} ${two(a)} → ${two(b)}`)
	return ['', `${title} (share of the titles): ${named.join(', ')}`]
}

function formatLabels(title: string, labels: ComparisonReport['came']): string[] {
	if (labels.length === 0) return []
	const named = labels.slice(0, LABELS_SHOWN).map(({ label }) => `r/${label}`)
	const more = labels.length - named.length
	return [
		'',
		`${title} (${formatCount(labels.length)}): ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
	]
}

function formatChurn({ churn }: ComparisonReport): string {
	const rows = churn.map(({ name, posts, first, five }) => [
		name,
		formatCount(posts),
		formatShare(first.value),
		formatShare(five.value),
	])
	return [
		'suggestions that differ, whoever is right',
		formatTable([['', 'posts', 'the first', 'of the five'], ...rows]),
	].join('\n')
}

function formatP(p: number): string {
	return p < 0.0001 ? 'p < 0.0001' : `p ${p.toFixed(4)}`
}

function signed(value: number): string {
	return formatSigned(value, 4)
}
