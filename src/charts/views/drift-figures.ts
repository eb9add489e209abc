// What the pictures of drift need beside the report. Pure.
import type { DriftReport, DriftWindow } from '../../shared/drift-report.ts'
import type { AnyP1Bins, Estimate } from '../../shared/report-parts.ts'
import type { Series } from '../chart.ts'
import { formatDrawn, nameNew, nameTests } from '../findings/drift.ts'
import { formatN } from '../format.ts'
import { listClaims } from '../p1.ts'

/** recall@1 then, as p@1 estimates it now, and as it is where the labels say. */
export function estimateRows({ reference, current }: DriftReport) {
	const row = (name: string, b: Estimate, n = formatDrawn(current)) => ({ name, b, n })
	return [
		row('test posts', reference['recall@1'], formatN(reference.posts, 'titles')),
		row('new titles, from p@1', current.estimate['recall@1']),
		...(current.actual ? [row('new titles, by labels', current.actual['recall@1'])] : []),
	]
}

/** By month: estimated, and true where the labels say. */
export function windowLines(windows: readonly DriftWindow[]) {
	const lineOf = (
		name: string,
		series: Series,
		read: (window: DriftWindow) => Estimate | undefined,
	) => ({
		name,
		series,
		moments: windows.flatMap((window) => {
			const estimate = read(window)
			return estimate ? [{ at: window.from, estimate, posts: window.posts }] : []
		}),
	})
	return [
		lineOf('by the labels', 'b', ({ actual }) => actual?.['recall@1']),
		lineOf('estimated from p@1', 'a', ({ estimate }) => estimate['recall@1']),
	].filter(({ moments }) => moments.length > 0)
}

/** What claims were worth then, and now where the labels say. */
export function claimPoints({ p1, reference, current }: DriftReport) {
	const pointsOf = (bins: AnyP1Bins) =>
		listClaims(bins).map(({ claimed, actual, posts }) => ({
			p1: claimed,
			value: actual.value,
			weight: posts,
		}))
	return [
		{ name: nameTests(reference), series: 'a' as const, points: pointsOf(p1.reference) },
		{ name: nameNew(current), series: 'b' as const, points: pointsOf(p1.current) },
	].filter(({ points }) => points.length > 0)
}
