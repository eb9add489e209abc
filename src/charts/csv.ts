// Tables as CSV that spreadsheets open without harm. Pure.
import type { ChartTable } from './chart.ts'

/** What a spreadsheet takes for the beginning of a formula, after white space, too. A number may have its sign. */
const FORMULA = /^[\s\0]*(?:[=+@＝＋－＠\t\r]|-(?![\d.,]+\s*%?$))/u

/** RFC 4180; a cell that a spreadsheet would take for a formula has an apostrophe in front. */
export function formatCsv({ head, rows }: ChartTable): string {
	return [head, ...rows].map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')
}

function formatCell(cell: string | number | null): string {
	if (cell === null) return ''
	if (typeof cell === 'number') return String(cell)
	const text = FORMULA.test(cell) ? `'${cell}` : cell
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
