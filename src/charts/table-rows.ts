// The rows of a long table: filtered, sorted, and those of them that are in sight. Pure.
import type { PostedTitle } from './example-titles.ts'

export interface Column<Row> {
	readonly name: string
	/** Null sorts last. */
	readonly value: (row: Row) => number | string | null
	readonly format: (row: Row) => string
}

/** Rows that something else chose, as a bar does. */
export interface Choice<Row> {
	/** In words, as in `f1 from 0.25 to 0.30`. */
	readonly says: string
	readonly test: (row: Row) => boolean
	/** Titles behind it; where it does not say, those of its rows' subreddits. */
	readonly isBehind?: (title: PostedTitle) => boolean
}

export interface Order {
	/** The name of a column. */
	readonly column: string
	readonly isDescending: boolean
}

/** The name of the column that {@link orderByPosts} sorts by. */
export const POSTS = 'posts'

/** By posts, most first; where most subreddits have equally many, that order would be one of names, so by another column. */
export function orderByPosts(rows: readonly { readonly posts: number }[], other: string): Order {
	const most = rows.reduce((so, { posts }) => Math.max(so, posts), 0)
	const equal = rows.filter(({ posts }) => posts === most).length
	return { column: equal > rows.length / 2 ? other : POSTS, isDescending: true }
}

export function sortRows<Row>(
	rows: readonly Row[],
	columns: readonly Column<Row>[],
	{ column: name, isDescending }: Order,
): Row[] {
	const column = columns.find((one) => one.name === name)
	if (!column) throw new RangeError(`a table without a column ${name} can't be sorted by it`)
	const keyed = rows.map((row) => ({ row, key: column.value(row) }))
	const sign = isDescending ? -1 : 1
	return keyed.sort((one, other) => compareKeys(one.key, other.key, sign)).map(({ row }) => row)
}

function compareKeys(
	one: number | string | null,
	other: number | string | null,
	sign: number,
): number {
	if (one === null || other === null) return Number(one === null) - Number(other === null)
	if (one === other) return 0
	return (one < other ? -1 : 1) * sign
}

/** @param text part of a name, with or without `r/` in front */
export function filterByName<Row extends { readonly label: string }>(
	rows: readonly Row[],
	text: string,
): readonly Row[] {
	const part = text.trim().toLowerCase().replace(/^r\//, '')
	return part === '' ? rows : rows.filter(({ label }) => label.toLowerCase().includes(part))
}

/** Rows beyond both edges, so that a quick scroll shows no gap. */
const OVERSCAN = 12

export interface Sight {
	readonly scrollTop: number
	/** Of the box, in pixels. */
	readonly height: number
	readonly rowHeight: number
}

/** The rows in sight: from the first index on, and before the second. */
export function rowsInSight(
	count: number,
	{ scrollTop, height, rowHeight }: Sight,
): { readonly from: number; readonly until: number } {
	// An even number of rows, so that a pattern of two stays where it is.
	const first = Math.floor(scrollTop / rowHeight) - OVERSCAN
	const from = Math.min(Math.max(0, first - (first % 2)), Math.max(0, count - 1))
	return { from, until: Math.min(count, from + Math.ceil(height / rowHeight) + 2 * OVERSCAN) }
}
