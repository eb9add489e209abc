// Figures as people read them. Pure.
import type { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import type { Metrics } from '../../../src/shared/metrics.ts'
import { formatCount } from '../progress.ts'

/** What each figure is called, in the order of the table. */
const FIGURES: readonly (readonly [keyof Metrics, string])[] = [
	['posts', 'posts'],
	['labels', 'labels of the model'],
	['unknownLabelPosts', 'posts with an unknown label'],
	['recall@1', 'recall@1'],
	['recall@5', 'recall@5'],
	['recall@5.weighted', 'recall@5 by subscribers'],
	['macroF1', 'macro F1'],
	['meanP1', 'mean p@1'],
	['ece', 'calibration error'],
	['ece@5', 'calibration error of all five'],
]

/** The scores among the figures: shares between 0 and 1; an evaluation may lack some of them. */
export const SCORES = [
	'recall@1',
	'recall@5',
	'recall@5.weighted',
	'macroF1',
	'meanP1',
	'ece',
	'ece@5',
] as const satisfies readonly (keyof Metrics)[]

export function formatEvaluation(name: string, report: StoredEvaluationReport): string {
	const { metrics, unknownTitlePosts } = report
	const rows = FIGURES.flatMap(([key, label]) => {
		const value = metrics[key]
		return value === undefined ? [] : [[label, formatFigure(key, value)] as const]
	})
	rows.push(['titles without a known word', formatCount(unknownTitlePosts)])
	const lines = rows.map(([label, value]) => `  ${label.padEnd(30)} ${value.padStart(10)}`)
	return [name, `  ${formatWindow(report)}`, ...lines].join('\n')
}

/** As in `split by time, 2013-06-01 to 2013-07-01`. */
export function formatWindow({
	split,
	testFrom,
	testUntil,
}: Pick<StoredEvaluationReport, 'split' | 'testFrom' | 'testUntil'>): string {
	const how = split === 'time' ? 'split by time' : split === 'random' ? 'split at random' : 'dumps'
	return `${how}, posts from ${formatInstant(testFrom)} until ${formatInstant(testUntil)}`
}

export function formatFigure(key: keyof Metrics, value: number): string {
	return SCORES.some((score) => score === key) ? value.toFixed(4) : formatCount(value)
}

/** A day where the instant is one's begin. */
export function formatInstant(instant: string): string {
	return instant.replace(/T00:00:00(\.000)?Z$/, '')
}
