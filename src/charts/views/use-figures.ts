// What the pictures of use need beside the report. Pure.
import type { UseReport } from '../../shared/use-report.ts'
import { formatN } from '../format.ts'

type Figures = UseReport['months'][number]

export function figureRows(figures: readonly Figures[]) {
	return figures.map(({ name, useful, picks }) => ({ name, b: useful, n: formatN(picks, 'picks') }))
}

/** A month is named `2013-07`. */
export function monthMoments(months: readonly Figures[]) {
	return months.map(({ name, useful, picks }) => ({
		at: `${name}-01T00:00:00Z`,
		estimate: useful,
		posts: picks,
	}))
}
