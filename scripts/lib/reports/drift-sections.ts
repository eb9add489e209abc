// What a report of drift says, the most wanted first. Pure.
import {
	describeSamples,
	sayDriftVerdict,
	sayEstimate,
	sayMoved,
	sayP1Shift,
	sayWindows,
	sayWords,
} from '../../../src/charts/findings/drift.ts'
import { capitalize } from '../../../src/charts/format.ts'
import type { DriftReport } from '../../../src/shared/drift-report.ts'
import { formatCount, formatSigned } from '../../../src/shared/numbers.ts'
import type { Estimate } from '../../../src/shared/report-parts.ts'
import { digits, interval, percent, type Section, sectionOfRules, type Table } from './document.ts'

const SUBREDDITS_SHOWN = 10

export function driftSections(report: DriftReport): Section[] {
	const { verdict, windows } = report
	return [
		sectionOfRules(sayDriftVerdict(report), verdict.rules),
		{ says: [`${capitalize(describeSamples(report))}. Intervals hold 95%`] },
		{
			says: [
				sayP1Shift(report),
				sayEstimate(report),
				sayWords(report),
				sayMoved(report),
				...(windows.length > 1 ? [sayWindows(report)] : []),
			],
		},
		{ title: 'All figures', isDetail: true, table: tableOfDrift(report) },
		...(windows.length > 0 ? [sectionOfWindows(windows)] : []),
		...sectionsOfMoved(report),
	]
}

function tableOfDrift({ reference, current }: DriftReport): Table {
	const { actual, estimate, predicted } = current
	const { distance, chance } = predicted
	const estimated = (name: string, guess: Estimate | null) =>
		guess ? [[`${name}, estimated`, '', digits(guess.value), interval(guess)]] : []
	const recall = actual?.['recall@1']
	const [words, labels] = [reference.unknownWords, actual?.unknownLabels]
	const rows = [
		['mean p@1', digits(reference.meanP1), digits(current.meanP1), ''],
		[
			'recall@1',
			digits(reference['recall@1'].value),
			recall ? digits(recall.value) : '',
			recall ? interval(recall) : '',
		],
		...estimated('recall@1', estimate['recall@1']),
		['macro F1', digits(reference.macroF1), actual ? digits(actual.macroF1) : '', ''],
		...estimated('macro F1', estimate.macroF1),
		['stability index of p@1', '', digits(current.psi.value), interval(current.psi)],
		['Kolmogorov–Smirnov of p@1', '', digits(current.ks.value), interval(current.ks)],
		[
			'unknown words',
			words ? percent(words.value) : '',
			percent(current.unknownWords.value),
			interval(current.unknownWords, percent),
		],
		[
			'posts of unknown subreddits',
			percent(reference.unknownLabels.value),
			labels ? percent(labels.value) : '',
			labels ? interval(labels, percent) : '',
		],
		[
			'shift of first suggestions',
			'',
			digits(distance),
			`chance: ${digits(chance.mean)}, at most ${digits(chance.high)}`,
		],
	]
	return { head: ['', 'reference', 'now', '95% from … to'], rows, text: [3] }
}

function sectionOfWindows(windows: DriftReport['windows']): Section {
	const rows = windows.map(({ name, posts, meanP1, psi, ks, unknownWords, estimate, actual }) => {
		const guess = estimate['recall@1'].value
		const truth = actual?.['recall@1'].value
		return [
			name,
			formatCount(posts),
			...[meanP1, psi.value, ks.value].map(digits),
			percent(unknownWords.value),
			digits(guess),
			truth === undefined ? '' : digits(truth),
			truth === undefined ? '' : formatSigned(guess - truth, 4),
		]
	})
	const head = ['', 'posts', 'mean p@1', 'PSI', 'KS', 'unknown', 'estimated', 'recall@1', 'off by']
	return { title: 'Month by month', isDetail: true, table: { head, rows } }
}

/** What chance may have moved is no news. */
function sectionsOfMoved({ moved }: DriftReport): Section[] {
	const rows = moved
		.filter(({ change }) => change.low > 0 || change.high < 0)
		.slice(0, SUBREDDITS_SHOWN)
		.map(({ label, before, after, change }) => [
			`r/${label}`,
			percent(before),
			percent(after),
			interval(change, percent),
		])
	if (rows.length === 0) return []
	const head = ['suggested first', 'reference', 'now', 'change, 95%']
	return [{ title: 'Moved most', isDetail: true, table: { head, rows } }]
}
