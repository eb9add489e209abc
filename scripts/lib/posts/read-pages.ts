// Reads posts page by page, each as few columns as titles need, and the next one while the last one is worked on.
import { type Database, haveKeys } from './database.ts'
import type { BesideResult } from './database-beside.ts'
import { monthOf } from './month-of.ts'
import { BEFORE_KEYS } from './post-keys.ts'

const PAGE_POSTS = 20_000
const DAY_SECONDS = 86_400
const [LF, COMMA, ZERO] = [10, 44, 48]

export type PageRow = [id: string, created: number, subreddit: string, title: string]

/** Unix seconds; null is open. */
interface Window {
	readonly from: number | null
	readonly until: number | null
}

/** Posts as bytes, of which only those are decoded that somebody needs as text. */
export interface PackedPage {
	/** Of each: id, NUL, time, NUL, subreddit, NUL, title, LF. */
	readonly bytes: Buffer
	/** How many bytes each title has. */
	readonly titleBytes: readonly number[]
}

/** Posts of one month. */
export interface MonthLines {
	/** As in `2013-06`, in UTC. */
	readonly month: string
	readonly posts: number
	/** Of each a line, as JSON.stringify writes a {@link PageRow}. */
	readonly lines: Uint8Array
}

/** What is read of a page: its columns, and what is made of them. */
export interface PageQuery {
	readonly columns: string
	readonly value: string
}

// A page is one value: the client makes an object with getters of every row, which costs ten times as much.
const TITLES = 'id, created_utc, subreddit, title'
const ROWS = { columns: TITLES, value: `json_group_array(json_array(${TITLES}))` }
const PACKED = {
	columns: TITLES,
	value: `cast(group_concat(id || char(0) || created_utc || char(0) || subreddit || char(0) || title || char(10), '') AS BLOB),
		group_concat(octet_length(title))`,
}
const LINES = {
	columns: TITLES,
	value: `min(created_utc), max(created_utc), count(*), cast(group_concat(json_array(${TITLES}) || char(10), '') AS BLOB)`,
}

/** What a page ends with comes first: a key, or in a database from before there were keys an id. */
const pageOf = (
	place: 'key' | 'id',
	{ columns, value }: PageQuery,
) => `SELECT max(place), ${value} FROM (
	SELECT ${place} AS place, ${columns} FROM posts WHERE ${place} > ?1 AND created_utc >= ?2 AND created_utc < ?3
	ORDER BY ${place} LIMIT ${PAGE_POSTS})`

/** The posts created in [from, until). By id. */
export async function* readPages(database: Database, window: Window): AsyncGenerator<PageRow[]> {
	for await (const [, rows] of readAhead(database, ROWS, window))
		yield JSON.parse(String(rows)) as PageRow[]
}

/** The same. */
export async function* readPackedPages(
	database: Database,
	window: Window,
): AsyncGenerator<PackedPage> {
	for await (const [, bytes, sizes] of readAhead(database, PACKED, window))
		yield {
			bytes: toBuffer(bytes),
			// A list of JSON would take SQLite longer than all else of the page.
			titleBytes: JSON.parse(`[${String(sizes)}]`) as number[],
		}
}

/** The same, parted by months. */
export async function* readMonthLines(
	database: Database,
	window: Window,
): AsyncGenerator<MonthLines> {
	for await (const page of readAhead(database, LINES, window)) {
		const [, oldest, newest, posts, lines] = page
		const month = monthOf(Number(oldest))
		if (month === monthOf(Number(newest)))
			yield { month, posts: Number(posts), lines: toBuffer(lines) }
		else yield* partLines(toBuffer(lines))
	}
}

/** SQLite would sort them by month, which takes three times as long as all else. */
function partLines(lines: Buffer): MonthLines[] {
	const months = new Map<string, Buffer[]>()
	// Of the days so far.
	const monthOfDay = new Map<number, string>()
	for (let start = 0; start < lines.length; ) {
		const end = lines.indexOf(LF, start) + 1
		const created = readTimeOf(lines, start)
		const day = Math.floor(created / DAY_SECONDS)
		const month = monthOfDay.get(day) ?? monthOf(created)
		monthOfDay.set(day, month)
		const others = months.get(month)
		if (others) others.push(lines.subarray(start, end))
		else months.set(month, [lines.subarray(start, end)])
		start = end
	}
	return Array.from(months, ([month, its]) => {
		return { month, posts: its.length, lines: Buffer.concat(its) }
	}).sort((a, b) => (a.month < b.month ? -1 : 1))
}

/** The time is the second value of a line, and an id has no comma. */
function readTimeOf(lines: Buffer, start: number): number {
	let time = 0
	for (let at = lines.indexOf(COMMA, start) + 1; lines[at] !== COMMA; at += 1)
		time = time * 10 + ((lines[at] as number) - ZERO)
	return time
}

/** Each page as one row, which begins with its last place: so the next one is asked for before this one is looked at. */
export async function* readAhead(
	database: Database,
	query: PageQuery,
	{ from, until }: Window,
): AsyncGenerator<readonly unknown[]> {
	const byKey = await haveKeys(database)
	const sql = pageOf(byKey ? 'key' : 'id', query)
	const read = (after: string | number) => {
		const args = [after, from ?? 0, until ?? Number.MAX_SAFE_INTEGER]
		const page = database.executeBeside(sql, args).then(({ rows: [row] }) => toList(row))
		// Where it fails, whoever awaits it hears of it.
		page.catch(() => {})
		return page
	}
	let next = read(byKey ? BEFORE_KEYS : '')
	try {
		for (;;) {
			const row = await next
			const [last] = row
			if (typeof last !== 'string' && typeof last !== 'number') return
			next = read(last)
			yield row
		}
	} finally {
		// The database must not be closed in the middle of it.
		await next.catch(() => {})
	}
}

function toList(row: BesideResult['rows'][number] | undefined): readonly unknown[] {
	return Array.from(row as ArrayLike<unknown>)
}

/** Files give a Buffer, and servers an ArrayBuffer. */
function toBuffer(value: unknown): Buffer {
	return Buffer.isBuffer(value) ? value : Buffer.from(value as ArrayBuffer)
}

/** For a database that gives rows. */
export function packPage(rows: readonly PageRow[]): PackedPage {
	return {
		bytes: Buffer.from(rows.map((row) => `${row.join('\0')}\n`).join('')),
		titleBytes: rows.map(([, , , title]) => Buffer.byteLength(title)),
	}
}

/** For a database that gives rows. */
export function partByMonth(rows: readonly PageRow[]): MonthLines[] {
	const months = new Map<string, string[]>()
	for (const row of rows) {
		const month = monthOf(row[1])
		const lines = months.get(month)
		if (lines) lines.push(`${JSON.stringify(row)}\n`)
		else months.set(month, [`${JSON.stringify(row)}\n`])
	}
	return [...months].map(([month, lines]) => {
		return { month, posts: lines.length, lines: Buffer.from(lines.join('')) }
	})
}
