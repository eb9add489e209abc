// What the pictures of drift say, in words and with the number. Pure.
import type { DriftReport } from '../../shared/drift-report.ts'
import { formatMonth } from '../../shared/numbers.ts'
import { formatPoints, formatShare } from '../format.ts'

/** The usual reading of a population stability index (Siddiqi 2006, "Credit risk scorecards"). */
const LITTLE_PSI = 0.1
const MUCH_PSI = 0.25

export function sayDriftVerdict({ verdict, current, release }: DriftReport): string {
	const failed = verdict.rules.filter(({ passed }) => !passed)
	const what = `what release ${release} was tested on`
	if (!verdict.drifted)
		return `${current.name}: close to ${what}; all ${verdict.rules.length} limits are kept`
	return `${current.name}: drifted from ${what}; ${failed.length} of ${verdict.rules.length} limits are not kept`
}

export function sayP1Shift({ current, reference }: DriftReport): string {
	const { value } = current.psi
	const size =
		value < LITTLE_PSI ? 'hardly differs' : value < MUCH_PSI ? 'has shifted' : 'has shifted a lot'
	return `p@1 ${size} from the test set's: ${formatShare(current.meanP1)} on average now, ${formatShare(reference.meanP1)} then (stability index ${value.toFixed(3)})`
}

export function sayEstimate({ current, reference }: DriftReport): string {
	const estimated = current.estimate['recall@1'].value
	const was = reference['recall@1'].value
	const estimate = `From p@1 alone, the first suggestion is right for ${formatShare(estimated)} of posts now; it was for ${formatShare(was)}`
	if (!current.actual) return estimate
	const off = estimated - current.actual['recall@1'].value
	return `${estimate}; the labels say ${formatShare(current.actual['recall@1'].value)}, so the estimate is off by ${Math.abs(off) < 0.0005 ? 'less than 0.1 points' : formatPoints(off)}`
}

export function sayWindows({ windows }: DriftReport): string {
	const [first, last] = [windows[0], windows.at(-1)]
	if (!first || !last) return 'No window was asked for'
	const of = (window: typeof first) => (window.actual ?? window.estimate)['recall@1'].value
	const change = of(last) - of(first)
	if (first === last)
		return `In ${formatMonth(first.from)}, the first suggestion is right for ${formatShare(of(first))} of posts`
	const way = change < 0 ? 'falls' : 'rises'
	return `From ${formatMonth(first.from)} to ${formatMonth(last.from)}, recall@1 ${way} from ${formatShare(of(first))} to ${formatShare(of(last))}`
}

export function sayWords({ current, reference }: DriftReport): string {
	const now = formatShare(current.unknownWords.value)
	if (!reference.unknownWords) return `${now} of the words are unknown to the model`
	return `${now} of the words are unknown to the model; of the test posts' it was ${formatShare(reference.unknownWords.value)}`
}

export function sayMoved({ moved, current }: DriftReport): string {
	const first = moved[0]
	const { distance, chance } = current.predicted
	const whole = `Of the first suggestions ${formatShare(distance)} go elsewhere than on the test posts (${formatShare(chance.mean)} by chance alone)`
	if (!first) return whole
	const way = first.change.value < 0 ? 'lost' : 'gained'
	return `${whole}; r/${first.label} ${way} most, ${formatPoints(first.change.value)}`
}

/** Linear between the knots, flat outside them. */
export function readCurve(curve: DriftReport['curves']['f1'], p1: number): number | null {
	const after = curve.findIndex((knot) => knot.p1 >= p1)
	const [next, last] = [curve[after], curve.at(-1)]
	if (!last) return null
	if (!next) return last.value
	const before = curve[after - 1]
	if (!before) return next.value
	return before.value + ((next.value - before.value) * (p1 - before.p1)) / (next.p1 - before.p1)
}
