// A drift report as people read it. Pure.
import type { DriftReport, DriftWindow } from '../../../src/shared/drift-report.ts'
import { formatShare, formatSigned } from '../../../src/shared/numbers.ts'
import type { Estimate, Sample } from '../../../src/shared/report-parts.ts'
import { formatInstant } from '../evaluation/format.ts'
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'

const MOVED_SHOWN = 8

export function formatDrift(report: DriftReport): string {
	const { release, reference, current, windows, verdict } = report
	const parts = [
		`release ${release}`,
		`  reference: ${formatSample(reference)}`,
		`  now:       ${formatSample(current)}${formatDrawn(current)}`,
		'',
		formatFigures(report),
		...formatWindows(windows),
		...formatMoved(report),
		'',
		...verdict.rules.map(({ passed, says }) => `${passed ? 'ok  ' : 'DRIFT'} ${says}`),
		'',
		verdict.drifted
			? 'these posts have drifted from what the release was tested on: retrain'
			: 'no drift beyond the limits',
	]
	return parts.join('\n')
}

function formatSample({ name, from, until, posts }: Sample): string {
	return `${name}, ${formatCount(posts)} posts from ${formatInstant(from)} until ${formatInstant(until)}`
}

function formatDrawn({ posts, total }: DriftReport['current']): string {
	return posts === total ? '' : `, drawn from ${formatCount(total)}`
}

type Row = readonly [name: string, reference: string, now: string, interval: string]

function formatFigures({ reference, current }: DriftReport): string {
	const rows = [
		row('mean p@1', digits(reference.meanP1), digits(current.meanP1)),
		...formatScores({ reference, current }),
		row('stability index of p@1', '', digits(current.psi.value), interval(current.psi)),
		row('Kolmogorov–Smirnov of p@1', '', digits(current.ks.value), interval(current.ks)),
		...formatUnknown({ reference, current }),
		formatShift(current.predicted),
	]
	return formatTable([row('', 'reference', 'now', '95% confidence'), ...rows], { lastIsText: true })
}

type Samples = Pick<DriftReport, 'reference' | 'current'>

/** What the labels say, and what p@1 alone predicts. */
function formatScores({ reference, current: { actual, estimate } }: Samples): Row[] {
	const off = (figure: number | undefined, guess: Estimate | null) =>
		figure === undefined || !guess ? '' : `estimate off by ${formatSigned(guess.value - figure, 4)}`
	const estimated = (name: string, guess: Estimate | null) =>
		guess ? [row(`${name}, estimated`, '', digits(guess.value), interval(guess))] : []
	const recall = actual?.['recall@1'].value
	return [
		row(
			'recall@1',
			digits(reference['recall@1'].value),
			recall === undefined ? '' : digits(recall),
			off(recall, estimate['recall@1']),
		),
		...estimated('recall@1', estimate['recall@1']),
		row(
			'macro F1',
			digits(reference.macroF1),
			actual ? digits(actual.macroF1) : '',
			off(actual?.macroF1, estimate.macroF1),
		),
		...estimated('macro F1', estimate.macroF1),
	]
}

function formatUnknown({ reference, current: { actual, unknownWords } }: Samples): Row[] {
	return [
		row(
			'unknown words',
			reference.unknownWords ? percent(reference.unknownWords.value) : '',
			percent(unknownWords.value),
			interval(unknownWords, percent),
		),
		row(
			'posts of unknown subreddits',
			percent(reference.unknownLabels.value),
			actual ? percent(actual.unknownLabels.value) : '',
			actual ? interval(actual.unknownLabels, percent) : '',
		),
	]
}

function formatShift({ distance, chance }: DriftReport['current']['predicted']): Row {
	return row(
		'shift of first suggestions',
		'',
		digits(distance),
		`chance: ${digits(chance.mean)}, at most ${digits(chance.high)}`,
	)
}

function row(...[name, reference, now, range = '']: [string, string, string, string?]): Row {
	return [name, reference, now, range]
}

function formatWindows(windows: readonly DriftWindow[]): string[] {
	if (windows.length === 0) return []
	const head = ['', 'posts', 'mean p@1', 'PSI', 'KS', 'unknown', 'estimated', 'recall@1', 'off by']
	const rows = windows.map(({ name, posts, meanP1, psi, ks, unknownWords, estimate, actual }) => {
		const guess = estimate['recall@1'].value
		const truth = actual?.['recall@1'].value
		return [
			name,
			formatCount(posts),
			digits(meanP1),
			digits(psi.value),
			digits(ks.value),
			percent(unknownWords.value),
			digits(guess),
			truth === undefined ? '' : digits(truth),
			truth === undefined ? '' : formatSigned(guess - truth, 4),
		]
	})
	return ['', formatTable([head, ...rows])]
}

function formatMoved({ moved }: DriftReport): string[] {
	// What chance may have moved is no news.
	const sure = moved.filter(({ change }) => change.low > 0 || change.high < 0).slice(0, MOVED_SHOWN)
	if (sure.length === 0) return []
	const rows = sure.map(({ label, before, after, change }) => [
		`r/${label}`,
		percent(before),
		percent(after),
		interval(change, percent),
	])
	const head = ['suggested first', 'reference', 'now', 'change, 95%']
	return ['', formatTable([head, ...rows])]
}

function interval({ low, high }: Estimate, format: (value: number) => string = digits): string {
	return `${format(low)} … ${format(high)}`
}

const percent = (share: number) => formatShare(share, 2)

function digits(value: number): string {
	return value.toFixed(4)
}
