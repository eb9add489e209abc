// A report as a comment on a pull request: what a reader wants first, tables behind a click, never longer than GitHub takes. Pure.
import {
	type ComparisonFigures,
	pairFigures,
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
	describeSamples,
	sayDriftVerdict,
	sayEstimate,
	sayMoved,
	sayP1Shift,
	sayWindows,
	sayWords,
} from '../../../src/charts/findings/drift.ts'
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
import {
	sayCanary,
	sayMonths,
	sayNamed,
	sayPeopleP1,
	sayRanks,
	sayUsefulness,
} from '../../../src/charts/findings/use.ts'
import { capitalize, formatRange } from '../../../src/charts/format.ts'
import { listClaims } from '../../../src/charts/p1.ts'
import type { ReportData } from '../../../src/charts/report/report-data.ts'
import type { ComparisonReport } from '../../../src/shared/comparison-report.ts'
import type { DriftReport } from '../../../src/shared/drift-report.ts'
import {
	formatCount,
	formatPoints,
	formatShare,
	formatSigned,
} from '../../../src/shared/numbers.ts'
import type { JudgedRule } from '../../../src/shared/report-parts.ts'
import type { UseReport } from '../../../src/shared/use-report.ts'

/** GitHub refuses a comment with more characters. */
export const MAX_COMMENT_CHARACTERS = 65_536

const SUBREDDITS_SHOWN = 10
const LEFT_OUT = '*The rest is left out: a comment can hold no more.*'
/** For what a caller puts before the parts. */
const SPARE_CHARACTERS = 200

export function formatMarkdown(data: ReportData): string {
	return joinParts([`## ${escapeMarkdown(data.heading)}`, ...formatParts(data)])
}

/** Whole parts, as many as a comment holds, and then the last one, if there is one. */
export function joinParts(parts: readonly string[], last?: string): string {
	const ends = last === undefined ? [] : [last]
	const room = MAX_COMMENT_CHARACTERS - SPARE_CHARACTERS - LEFT_OUT.length - (last?.length ?? 0)
	let length = 0
	const tooLong = parts.findIndex((part) => {
		length += part.length + 2
		return length > room
	})
	const fitting = tooLong === -1 ? parts : [...parts.slice(0, tooLong), LEFT_OUT]
	return `${[...fitting, ...ends].join('\n\n')}\n`
}

/** The sections of a comparison's and of a drift's comment, the most wanted first. */
export function formatSections({
	comparison,
	drift,
}: {
	readonly comparison: ComparisonReport | null
	readonly drift: DriftReport | null
}): string[] {
	return [
		...(comparison ? formatComparison(readComparison(comparison)) : []),
		...(drift ? formatDrift(drift) : []),
	]
}

function formatParts(data: ReportData): string[] {
	if (data.kind === 'evaluation') return formatEvaluation(data)
	if (data.kind === 'comparison') return formatComparison(data.figures)
	if (data.kind === 'drift') return formatDrift(data.report)
	return formatUse(data.report)
}

type EvaluationData = Extract<ReportData, { readonly kind: 'evaluation' }>

function formatEvaluation({ report, twin }: EvaluationData): string[] {
	const recalls = recallEstimates(report)
	const { metrics } = report
	const full = report.schema === 2 ? report : null
	const findings = [
		...(full ? [sayP1(full.p1.bins), sayReliability(listClaims(full.p1.bins), metrics.ece)] : []),
		...(full && full.weeks.length > 1 ? [sayWeeks(full.weeks)] : []),
		saySubreddits(report.subreddits),
		...(full && full.confusions.length > 0 ? [sayConfusions(full.confusions)] : []),
		...(full?.beside ? [saySplits(full, full.beside)] : []),
	]
	return [
		`**${escapeMarkdown(sayRecall(report))}.**\n\nOn ${escapeMarkdown(describeTest(report))}. ${twin ? `${escapeMarkdown(describeTwin(twin, report))}. ` : ''}${sayCounts(report)}.`,
		formatTable(
			['', 'value', '95% from … to'],
			[
				['recall@5', formatShare(metrics['recall@5']), formatRange(recalls['recall@5'])],
				['recall@1', formatShare(metrics['recall@1']), formatRange(recalls['recall@1'])],
				['macro F1', metrics.macroF1.toFixed(3), ''],
				['mean p@1', formatShare(metrics.meanP1), ''],
				['calibration error', formatShare(metrics.ece), ''],
			],
		),
		formatFindings(findings),
	]
}

function formatComparison(figures: ComparisonFigures): string[] {
	const { a, b, rules, groups, churn, twins, warnings } = figures
	return [
		`**${escapeMarkdown(sayVerdict(figures))}.**`,
		...warnings.map((warning) => `> [!WARNING]\n> ${escapeMarkdown(warning)}`),
		...(rules ? [formatRules(sayGate(rules), rules)] : []),
		formatTable(
			['', escapeMarkdown(a.name), escapeMarkdown(b.name), 'change'],
			pairFigures(figures).map(({ name, before, after }) => [
				name,
				before.toFixed(4),
				after.toFixed(4),
				formatSigned(after - before, 4),
			]),
		),
		`On ${escapeMarkdown(figures.test)}.${twins && ` ${escapeMarkdown(twins)}.`}`,
		formatFindings([
			sayChanges(figures),
			...(groups.length > 0 ? [sayGroups(groups)] : []),
			...(churn.length > 0 ? [sayChurn(churn)] : []),
			sayCameAndWent(figures),
		]),
		...(groups.length > 0 ? [formatGroups(groups)] : []),
		`${sayChance(figures)}.`,
		formatChanges('Gained most', figures, (one, other) => other.b - other.a - (one.b - one.a)),
		formatChanges('Lost most', figures, (one, other) => one.b - one.a - (other.b - other.a)),
	]
}

function formatGroups(groups: ComparisonFigures['groups']): string {
	const rows = groups.map(({ name, posts, a, b, change }) => [
		escapeMarkdown(name),
		formatCount(posts),
		formatShare(a.value),
		formatShare(b.value),
		formatPoints(change.difference),
		`${formatPoints(change.low)} … ${formatPoints(change.high)}`,
	])
	const head = ['group', 'posts', 'recall@5 before', 'now', 'change', '95% from … to']
	return fold('Groups of subreddits', formatTable(head, rows))
}

function formatChanges(
	title: string,
	{ subreddits, minPosts }: ComparisonFigures,
	order: (one: SubredditChange, other: SubredditChange) => number,
): string {
	const rows = subreddits
		.filter(({ posts }) => posts >= minPosts)
		.sort(order)
		.slice(0, SUBREDDITS_SHOWN)
		.map(({ label, posts, a, b }) => [
			escapeMarkdown(`r/${label}`),
			formatCount(posts),
			a.toFixed(3),
			b.toFixed(3),
			formatSigned(b - a),
		])
	return fold(
		`${title}: f1 of the ${rows.length} subreddits with ${minPosts} test posts or more`,
		formatTable(['', 'posts', 'f1 before', 'now', 'change'], rows),
	)
}

function formatDrift(report: DriftReport): string[] {
	const { verdict, windows } = report
	return [
		formatRules(sayDriftVerdict(report), verdict.rules),
		`${escapeMarkdown(capitalize(describeSamples(report)))}. Intervals hold 95%.`,
		formatFindings([
			sayP1Shift(report),
			sayEstimate(report),
			sayWords(report),
			sayMoved(report),
			...(windows.length > 1 ? [sayWindows(report)] : []),
		]),
	]
}

function formatUse(report: UseReport): string[] {
	return [
		`**${escapeMarkdown(sayUsefulness(report))}.**`,
		formatFindings([
			sayRanks(report),
			sayMonths(report),
			sayNamed(report),
			...(report.canary ? [sayCanary(report.canary)] : []),
			...report.p1.map(sayPeopleP1),
		]),
	]
}

function formatRules(
	heading: string,
	rules: readonly Pick<JudgedRule, 'name' | 'passed' | 'says'>[],
): string {
	const rows = rules.map(({ passed, name, says }) => [
		passed ? '✅' : '❌',
		escapeMarkdown(name),
		escapeMarkdown(says),
	])
	return `### ${escapeMarkdown(heading)}\n\n${formatTable(['', 'limit', ''], rows)}`
}

function formatFindings(findings: readonly string[]): string {
	return findings.map((finding) => `- ${escapeMarkdown(finding)}`).join('\n')
}

function fold(title: string, content: string): string {
	return `<details><summary>${escapeMarkdown(title)}</summary>\n\n${content}\n\n</details>`
}

export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
	const rule = head.map((_, column) => (column === 0 ? ':--' : '--:'))
	return [line(head), line(rule), ...rows.map(line)].join('\n')
}

/**
 * So that a text stands there as it is, whoever wrote it: one line, no emphasis, no cell, no tag, no link, nobody is mentioned,
 * and `#12` is no issue of the repository.
 */
export function escapeMarkdown(text: string): string {
	return text
		.replace(/\s+/g, ' ')
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replace(/[\\`*_[\]|~]/g, '\\$&')
		.replace(/#(?=\d)|(?<!\w)@(?=\w)|:(?=\/\/)|www(?=\.)/gi, '$&<!-- -->')
}
