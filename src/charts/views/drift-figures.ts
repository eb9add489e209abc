// What the pictures of drift need beside the report. Pure.
import type { DriftReport, DriftWindow } from '../../shared/drift-report.ts'
import type { AnyP1Bins, Estimate } from '../../shared/report-parts.ts'
import type { Series } from '../chart.ts'
import { formatN } from '../format.ts'
import { listClaims } from '../p1.ts'

/** recall@1 then, as p@1 estimates it now, and as it is where the labels say. */
export function estimateRows({ reference, current }: DriftReport) {
	const row = (name: string, b: Estimate, posts: number) => ({
		name,
		b,
		n: formatN(posts, 'titles'),
	})
	return [
		row('test posts', reference['recall@1'], reference.posts),
		row('now, from p@1', current.estimate['recall@1'], current.posts),
		...(current.actual ? [row('now, by labels', current.actual['recall@1'], current.posts)] : []),
	]
}

/** By month: estimated, and true where the labels say. */
export function windowLines(windows: readonly DriftWindow[]) {
	const lineOf = (
		name: string,
		series: Series,
		of: (window: DriftWindow) => Estimate | undefined,
	) => ({
		name,
		series,
		moments: windows.flatMap((window) => {
			const estimate = of(window)
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
		{ name: reference.name, series: 'a' as const, points: pointsOf(p1.reference) },
		{ name: current.name, series: 'b' as const, points: pointsOf(p1.current) },
	].filter(({ points }) => points.length > 0)
}
