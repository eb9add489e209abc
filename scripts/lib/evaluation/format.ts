// Figures as people read them. Pure.
import type { StoredEvaluationReport, WeekFigures } from '../../../src/shared/evaluation-report.ts'
import { type Metrics, sayNewest } from '../../../src/shared/metrics.ts'
import { formatShare } from '../../../src/shared/numbers.ts'
import type { PriorStrengths } from '../../../src/shared/prior.ts'
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'

/** What each figure is called, in the order of the table. */
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

/** The scores among the figures: shares between 0 and 1; an evaluation may lack some of them. */
export const SCORES = [
	'recall@1',
	'recall@5',
	'recall@5.weighted',
	'unseen.recall@5',
	'macroF1',
	'meanP1',
	'ece',
	'ece@5',
] as const satisfies readonly (keyof Metrics)[]

const CONFUSIONS_SHOWN = 5

export function formatEvaluation(name: string, report: StoredEvaluationReport): string {
	const { metrics, unknownTitlePosts } = report
	const beside = 'beside' in report ? report.beside : undefined
	const rows = FIGURES.flatMap(([key, label]) => {
		const value = metrics[key]
		const other = beside?.metrics[key]
		if (value === undefined) return []
		const cells = [formatFigure(key, value), other === undefined ? '' : formatFigure(key, other)]
		return [[label, ...cells.slice(0, beside ? 2 : 1)]]
	})
	rows.push(['titles without a known word', formatCount(unknownTitlePosts)])
	const lines = rows.map(
		([label = '', ...cells]) =>
			`  ${label.padEnd(30)}${cells.map((cell) => ` ${cell.padStart(10)}`).join('')}`,
	)
	const besides = beside ? [`  beside ${beside.name}: ${formatWindow(beside)}`] : []
	return [name, `  ${formatWindow(report)}`, ...besides, ...lines, ...formatMore(report)].join('\n')
}

/** What reports say since there was more than figures for each subreddit. */
function formatMore(report: StoredEvaluationReport): string[] {
	if (report.schema === 1) return []
	const { words, weeks, confusions, prior } = report
	const shown = confusions
		.slice(0, CONFUSIONS_SHOWN)
		.map(({ actual, predicted, posts }) => `r/${actual} as r/${predicted} ${formatCount(posts)}`)
	return [
		`  ${'unknown words'.padEnd(30)} ${formatShare(words.unknownShare.value, 2).padStart(10)}`,
		...(prior ? [`  ${'prior'.padEnd(30)} ${formatPrior(prior)}`] : []),
		...(weeks.length > 1 ? ['', formatWeeks(weeks)] : []),
		...(shown.length > 0
			? ['', `posts taken for another subreddit most: ${shown.join(', ')}`]
			: []),
	]
}

/** As in `beta 0.20, 0.70 for the order of the five, gamma 0.00; 3 times as strong for 1 known word, 2.5 times for 2, 1.5 times for 3 to 4`. */
export function formatPrior({ alpha, beta, gamma, order, short = [] }: PriorStrengths): string {
	const numbers = short.map(({ knownWords }, index) => {
		const least = (short[index - 1]?.knownWords ?? 0) + 1
		return least === knownWords ? `${least}` : `${least} to ${knownWords}`
	})
	const times = short.map(({ times }, index) =>
		index === 0
			? `${times} times as strong for ${numbers[0]} known word${numbers[0] === '1' ? '' : 's'}`
			: `${times} times for ${numbers[index]}`,
	)
	const bySize = beta === undefined ? `alpha ${alpha.toFixed(2)}` : `beta ${beta.toFixed(2)}`
	const byOrder = order === undefined ? '' : `, ${order.toFixed(2)} for the order of the five`
	const strengths = `${bySize}${byOrder}, gamma ${gamma.toFixed(2)}`
	return times.length > 0 ? `${strengths}; ${times.join(', ')}` : strengths
}

function formatWeeks(weeks: readonly WeekFigures[]): string {
	const rows = weeks.map((week) => [
		formatInstant(week.from),
		formatCount(week.posts),
		...[week['recall@1'], week['recall@5'], week.meanP1].map((value) => value.toFixed(4)),
	])
	return formatTable([['week from', 'posts', 'recall@1', 'recall@5', 'mean p@1'], ...rows])
}

/** As in `split by time, posts from 2013-06-01 until 2013-07-01`. */
export function formatWindow({
	split,
	newest,
	testFrom,
	testUntil,
}: Pick<StoredEvaluationReport, 'split' | 'newest' | 'testFrom' | 'testUntil'>): string {
	const how = {
		time: 'split by time',
		newest: sayNewest(newest),
		random: 'split at random',
		external: 'dumps',
	}
	return `${how[split]}, posts from ${formatInstant(testFrom)} until ${formatInstant(testUntil)}`
}

export function formatFigure(key: keyof Metrics, value: number): string {
	return SCORES.some((score) => score === key) ? value.toFixed(4) : formatCount(value)
}

/** A day where the instant is one's begin. */
export function formatInstant(instant: string): string {
	return instant.replace(/T00:00:00(\.000)?Z$/, '')
}
