// What the pictures of drift say, in words and with the number. Pure.
import type { DriftReport } from '../../shared/drift-report.ts'
import { formatCount, formatDay, formatMonth, formatShare } from '../../shared/numbers.ts'
import type { Sample } from '../../shared/report-parts.ts'
import { capitalize, formatN, formatPeriod } from '../format.ts'

/** The limit that says from when on p@1 has shifted; textbooks' limits are too wide for it (docs/drift.md). */
const P1_LIMIT = 'maxPsi'

export function sayDriftVerdict({ verdict, current, release }: DriftReport): string {
	const failed = verdict.rules.filter(({ passed }) => !passed)
	const what = `the posts that release ${release} was tested on`
	const name = capitalize(nameNew(current))
	if (!verdict.drifted)
		return `${name}: close to ${what}; all ${verdict.rules.length} limits are kept`
	return `${name}: drifted from ${what}; ${failed.length} of ${verdict.rules.length} limits are exceeded`
}

/**
 * In the page: that another release is served than the one whose drift this is, and where the drift of that one is.
 *
 * @param learntUntil the instant before which production's release has learnt posts; null where it is not known
 */
export function sayServed(
	{ release, current }: DriftReport,
	production: string,
	{ hasDrift, learntUntil }: { readonly hasDrift: boolean; readonly learntUntil: string | null },
): string {
	const served = `Production serves release ${production}, not release ${release}`
	if (hasDrift) return `${served}; its own drift is in the list`
	const until = Date.parse(learntUntil ?? '')
	// Not known is not after.
	if (!(until > Date.parse(current.from))) return `${served}: its own drift has not been published`
	const lastDay = formatDay(new Date(until - 1).toISOString())
	return `${served}: it has learnt posts until ${lastDay}, ${until < Date.parse(current.until) ? 'some of ' : ''}these among them, and its own drift has not been published`
}

export function sayP1Shift({ current, reference, verdict }: DriftReport): string {
	const isKept = verdict.rules.find(({ name }) => name === P1_LIMIT)?.passed ?? true
	const size = isKept ? 'hardly differs' : 'has shifted'
	return `p@1 ${size} from the test set's: ${formatShare(current.meanP1)} on average now, ${formatShare(reference.meanP1)} then (stability index ${formatIndex(current.psi.value)})`
}

/** `0.0188`; a month gives a ten-thousandth. */
export function formatIndex(index: number): string {
	return index.toFixed(4)
}

export function sayEstimate({ current, reference }: DriftReport): string {
	const estimated = current.estimate['recall@1'].value
	const was = reference['recall@1'].value
	const estimate = `Judged by p@1 alone, the first suggestion is right for ${formatShare(estimated)} of new posts; for the test posts it was ${formatShare(was)}`
	if (!current.actual) return estimate
	const actual = current.actual['recall@1'].value
	return `${estimate}; in fact it is right for ${formatShare(actual)}, so the estimate is ${sayOff(estimated - actual)}`
}

/** A difference of two shares, as in `too high by 3.0 points`. */
function sayOff(difference: number): string {
	const points = Math.abs(100 * difference)
	if (points < 0.05) return 'off by less than 0.1 points'
	return `too ${difference > 0 ? 'high' : 'low'} by ${points.toFixed(1)} points`
}

export function sayWindows({ windows }: DriftReport): string {
	const [first, last] = [windows[0], windows.at(-1)]
	if (!first || !last) return 'No window was asked for'
	const recallOf = (window: typeof first) => (window.actual ?? window.estimate)['recall@1'].value
	const change = recallOf(last) - recallOf(first)
	if (first === last)
		return `In ${formatMonth(first.from)}, the first suggestion is right for ${formatShare(recallOf(first))} of posts`
	const way = change < 0 ? 'falls' : 'rises'
	const said = `From ${formatMonth(first.from)} to ${formatMonth(last.from)}, recall@1 ${way} from ${formatShare(recallOf(first))} to ${formatShare(recallOf(last))}`
	if (!first.actual || !last.actual) return said
	const [then, now] = [first.estimate['recall@1'].value, last.estimate['recall@1'].value]
	return `${said}; p@1 alone would say from ${formatShare(then)} to ${formatShare(now)}`
}

export function sayWords({ current, reference }: DriftReport): string {
	const now = formatSmall(current.unknownWords.value)
	if (!reference.unknownWords) return `The model does not know ${now} of the words`
	return `The model does not know ${now} of the words; in the test posts it was ${formatSmall(reference.unknownWords.value)}`
}

export function sayMoved({ moved, current }: DriftReport): string {
	const first = moved[0]
	const { distance, chance } = current.predicted
	const whole = `${formatShare(distance)} of first suggestions go to other subreddits than on the test posts; by chance alone it could be ${formatShare(chance.high)}`
	if (!first) return whole
	return `${whole}. r/${first.label} moved most, from ${formatSmall(first.before)} of them to ${formatSmall(first.after)}`
}

/** Of one subreddit among thousands: `0.0014` → `0.14%`. */
export function formatSmall(share: number): string {
	return formatShare(share, 2)
}

type Times = Pick<Sample, 'from' | 'until'>

/** The two samples by when they were posted, as keys call them; the files that they are of are in the notes. */
export const nameTests = ({ from, until }: Times) => `test posts, ${formatPeriod(from, until)}`
export const nameNew = ({ from, until }: Times) => `new titles, ${formatPeriod(from, until)}`

/** As in `n = 80,000 of 165,147 titles, drawn at random`. */
export function formatDrawn({ posts, total }: DriftReport['current']): string {
	if (posts === total) return formatN(posts, 'titles')
	return `n = ${formatCount(posts)} of ${formatCount(total)} titles, drawn at random`
}

/** As in `test posts, June 2013 (RS_2013-06.zst): n = 9 titles; new titles, July 2013 (…): n = 8 of 9 titles, drawn at random`. */
export function describeSamples({
	reference,
	current,
}: Pick<DriftReport, 'reference' | 'current'>): string {
	return `${nameTests(reference)} (${reference.name}): ${formatN(reference.posts, 'titles')}; ${nameNew(current)} (${current.name}): ${formatDrawn(current)}`
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
