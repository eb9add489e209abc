// What a report says, the most wanted first: the commands print it, and comments on pull requests have it in Markdown. Pure.
import {
	type ComparisonFigures,
	readComparison,
	type SubredditChange,
} from '../../../src/charts/comparison-figures.ts'
import {
	sayCameAndWent,
	sayChance,
	sayChanges,
	sayChurn,
	sayGate,
	sayGroups,
	sayVerdict,
} from '../../../src/charts/findings/comparison.ts'
import {
	describeTest,
	describeTwin,
	recallEstimates,
	sayConfusions,
	sayCounts,
	sayP1,
	sayRecall,
	sayReliability,
	saySplits,
	saySubreddits,
	sayWeeks,
} from '../../../src/charts/findings/evaluation.ts'
import { listClaims } from '../../../src/charts/p1.ts'
import type { ReportData } from '../../../src/charts/report/report-data.ts'
import type { ComparisonReport } from '../../../src/shared/comparison-report.ts'
import type { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import type { Metrics } from '../../../src/shared/metrics.ts'
import {
	formatCount,
	formatPoints,
	formatShare,
	formatSigned,
	withSign,
} from '../../../src/shared/numbers.ts'
import type { Estimate } from '../../../src/shared/report-parts.ts'
import { formatInstant, formatPrior, formatWindow } from '../evaluation/format.ts'
import { digits, interval, type Section, sectionOfRules, type Table } from './document.ts'
import { driftSections } from './drift-sections.ts'
import { useSections } from './use-sections.ts'

const SUBREDDITS_SHOWN = 10
const SHARES_SHOWN = 3

export function sectionsOf(data: ReportData): Section[] {
	if (data.kind === 'evaluation') return evaluationSections(data)
	if (data.kind === 'comparison') return figuresSections(data.figures, null)
	return data.kind === 'drift' ? driftSections(data.report) : useSections(data.report)
}

/** What each figure is called, in the order of the tables. */
const FIGURES: readonly (readonly [keyof Metrics, string])[] = [
	['posts', 'posts'],
	['labels', 'labels of the model'],
	['unknownLabelPosts', 'posts with an unknown label'],
	['recall@1', 'recall@1'],
	['recall@5', 'recall@5'],
	['recall@5.weighted', 'recall@5 by subscribers'],
	['unseen.recall@5', 'unseen subreddits: recall@5'],
	['macroF1', 'macro F1'],
	['meanP1', 'mean p@1'],
	['ece', 'calibration error'],
	['ece@5', 'calibration error of all five'],
]
const COUNTS: readonly (keyof Metrics)[] = ['posts', 'labels', 'unknownLabelPosts']

const formatFigure = (key: keyof Metrics) => (COUNTS.includes(key) ? formatCount : digits)

interface Evaluated {
	readonly report: StoredEvaluationReport
	/** Where the report is that of a twin, until when that was trained. */
	readonly twin?: { readonly trainedUntil: string } | undefined
}

export function evaluationSections({ report, twin }: Evaluated): Section[] {
	const full = report.schema === 2 ? report : null
	const { beside, prior, reranker, weeks = [] } = full ?? {}
	const says = [
		`On ${describeTest(report)}`,
		...(twin ? [describeTwin(twin, report)] : []),
		sayCounts(report),
		...(reranker
			? [
					`Reranker: ${reranker.hiddenUnits} hidden units, temperature ${reranker.temperature.toFixed(2)}`,
				]
			: []),
		...(prior ? [`Prior: ${formatPrior(prior)}`] : []),
		...(beside ? [`Beside it, ${beside.name}: ${formatWindow(beside)}`] : []),
	]
	const findings = [
		...(full
			? [
					sayP1(full.p1.bins),
					sayReliability(listClaims(full.p1.bins), full.metrics.ece),
					`${formatShare(full.words.unknownShare.value, 2)} of the words are unknown to the model; ${formatCount(full.unknownTitlePosts)} titles have no word that it knows`,
				]
			: []),
		...(weeks.length > 1 ? [sayWeeks(weeks)] : []),
		saySubreddits(report.subreddits),
		...(full && full.confusions.length > 0 ? [sayConfusions(full.confusions)] : []),
		...(full && beside ? [saySplits(full, beside)] : []),
	]
	return [
		{ title: sayRecall(report) },
		{ says, table: tableOfEvaluation(report, beside) },
		{ says: findings },
		...(weeks.length > 1 ? [sectionOfWeeks(weeks)] : []),
	]
}

function tableOfEvaluation(
	report: StoredEvaluationReport,
	beside: { readonly name: string; readonly metrics: Metrics } | undefined,
): Table {
	const recalls: Partial<Record<keyof Metrics, Estimate>> = recallEstimates(report)
	const rows = FIGURES.flatMap(([key, name]) => {
		const [value, other] = [report.metrics[key], beside?.metrics[key]]
		if (value === undefined) return []
		const format = formatFigure(key)
		const recall = recalls[key]
		const cells = [name, format(value), recall ? interval(recall) : '']
		return [beside ? [...cells, other === undefined ? '' : format(other)] : cells]
	})
	return { head: ['', 'value', '95% from … to', ...(beside ? [beside.name] : [])], rows }
}

type Weeks = Extract<StoredEvaluationReport, { readonly schema: 2 }>['weeks']

function sectionOfWeeks(weeks: Weeks): Section {
	const rows = weeks.map((week) => [
		formatInstant(week.from),
		formatCount(week.posts),
		...[week['recall@1'], week['recall@5'], week.meanP1].map(digits),
	])
	const head = ['week from', 'posts', 'recall@1', 'recall@5', 'mean p@1']
	return { title: 'Week by week', isDetail: true, table: { head, rows } }
}

export function comparisonSections(report: ComparisonReport): Section[] {
	return figuresSections(readComparison(report), report)
}

/** @param report null where two evaluations are all that is known */
function figuresSections(figures: ComparisonFigures, report: ComparisonReport | null): Section[] {
	const { rules, groups, churn, twins, warnings, test } = figures
	return [
		{ title: sayVerdict(figures) },
		...warnings.map((title) => ({ title, isWarning: true }) as const),
		...(rules ? [sectionOfRules(sayGate(rules), rules)] : []),
		{
			says: [`On ${test}`, ...(twins === '' ? [] : [twins]), ...sayPriors(report)],
			table: tableOfComparison(figures, report),
		},
		{
			says: [
				sayChanges(figures),
				sayChance(figures),
				...(groups.length > 0 ? [sayGroups(groups)] : []),
				...(churn.length > 0 ? [sayChurn(churn)] : []),
				...sayShares('more', report?.risen),
				...sayShares('less', report?.fallen),
				`${sayCameAndWent(figures)}${nameSome(figures.came)}${nameSome(figures.went)}`,
			],
		},
		...(groups.length > 0 ? [sectionOfGroups(groups)] : []),
		...sectionsOfChanges(
			'Gained most',
			figures,
			(one, other) => other.b - other.a - (one.b - one.a),
		),
		...sectionsOfChanges('Lost most', figures, (one, other) => one.b - one.a - (other.b - other.a)),
		...(churn.length > 0 ? [sectionOfChurn(churn)] : []),
	]
}

function tableOfComparison({ a, b }: ComparisonFigures, report: ComparisonReport | null): Table {
	const rows = FIGURES.flatMap(([key, name]) => {
		const [before, after] = [a.metrics[key], b.metrics[key]]
		if (before === undefined || after === undefined) return []
		const format = formatFigure(key)
		const change = withSign(after - before, format)
		return [[name, format(before), format(after), change, sayInterval(key, report)]]
	})
	return { head: ['', a.name, b.name, 'change', '95% from … to'], rows }
}

function sayInterval(key: keyof Metrics, report: ComparisonReport | null): string {
	if (!report || (key !== 'recall@1' && key !== 'recall@5')) return ''
	const { p } = report[key]
	const signed = (value: number) => formatSigned(value, 4)
	return `${interval(report[key], signed)} (${p < 0.0001 ? 'p < 0.0001' : `p ${digits(p)}`})`
}

function sayPriors(report: ComparisonReport | null): string[] {
	return [report?.a, report?.b].flatMap((measured) =>
		measured?.prior ? [`Prior of ${measured.name}: ${formatPrior(measured.prior)}`] : [],
	)
}

/** The subreddits whose share of the first suggestions changed most. */
function sayShares(way: 'more' | 'less', changes: ComparisonReport['risen'] = []): string[] {
	if (changes.length === 0) return []
	const named = changes
		.slice(0, SHARES_SHOWN)
		.map(({ label, a, b }) => `r/${label} (${formatShare(a, 2)} → ${formatShare(b, 2)})`)
	return [`Suggested first ${way} often, as a share of the titles: ${named.join(', ')}`]
}

function nameSome(labels: readonly string[]): string {
	if (labels.length === 0) return ''
	const more = labels.length - SUBREDDITS_SHOWN
	const named = labels.slice(0, SUBREDDITS_SHOWN).map((label) => `r/${label}`)
	return `; ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function sectionOfGroups(groups: ComparisonFigures['groups']): Section {
	const rows = groups.map(({ name, posts, a, b, change }) => [
		name,
		formatCount(posts),
		formatShare(a.value),
		formatShare(b.value),
		formatPoints(change.difference),
		`${formatPoints(change.low)} … ${formatPoints(change.high)}`,
	])
	const head = ['group', 'posts', 'recall@5 before', 'now', 'change', '95% from … to']
	return { title: 'Groups of subreddits', isDetail: true, table: { head, rows } }
}

/** Nothing where no subreddit has enough posts. */
function sectionsOfChanges(
	title: string,
	{ subreddits, minPosts }: ComparisonFigures,
	order: (one: SubredditChange, other: SubredditChange) => number,
): Section[] {
	const rows = subreddits
		.filter(({ posts }) => posts >= minPosts)
		.sort(order)
		.slice(0, SUBREDDITS_SHOWN)
		.map(({ label, posts, a, b }) => [
			`r/${label}`,
			formatCount(posts),
			a.toFixed(3),
			b.toFixed(3),
			formatSigned(b - a),
		])
	if (rows.length === 0) return []
	const what = `${title}: f1 of the ${rows.length} subreddits with ${minPosts} test posts or more`
	const head = ['', 'posts', 'f1 before', 'now', 'change']
	return [{ title: what, isDetail: true, table: { head, rows } }]
}

function sectionOfChurn(churn: ComparisonReport['churn']): Section {
	const rows = churn.map(({ name, posts, first, five }) => [
		name,
		formatCount(posts),
		formatShare(first.value),
		formatShare(five.value),
	])
	const head = ['', 'posts', 'the first', 'of the five']
	return {
		title: 'Suggestions that differ, whoever is right',
		isDetail: true,
		table: { head, rows },
	}
}
