// The lists of subreddits that the database holds side by side.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { type Database, hasTable, openPostsDatabase } from '../posts/database.ts'
import { formatJsonArgument } from '../posts/json-argument.ts'
import type { ListRow } from './list-row.ts'
import { LISTS_TABLES } from './table.ts'

/** @returns the id of a list that has no rows yet */
export async function startList(database: Database, name: string, now: Date): Promise<number> {
	const { rows } = await database.execute(
		'INSERT INTO subreddit_lists (name, imported_utc) VALUES (?1, ?2) RETURNING id',
		[name, inSeconds(now)],
	)
	return Number(rows[0]?.[0])
}

const KNOWN = `SELECT count(DISTINCT lower(value->>0)), count(DISTINCT CASE
	WHEN EXISTS (SELECT 1 FROM listed_subreddits WHERE name = value->>0)
		OR EXISTS (SELECT 1 FROM subreddits WHERE name = value->>0) THEN lower(value->>0) END)
	FROM json_each(?1)`

// Of two rows about one subreddit the last one decides; that one of them marks it 18+ is enough.
const ADD = `INSERT INTO listed_subreddits (list_id, name, subscribers, over_18, public_description, as_of_utc)
	SELECT ?2, value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(?1) WHERE true
	ON CONFLICT (list_id, name) DO UPDATE SET
		name = excluded.name,
		subscribers = coalesce(excluded.subscribers, subscribers),
		over_18 = max(coalesce(over_18, excluded.over_18), coalesce(excluded.over_18, over_18)),
		public_description = coalesce(excluded.public_description, public_description),
		as_of_utc = coalesce(excluded.as_of_utc, as_of_utc)`

/** All of them or none, in one transaction. */
export async function addRows(
	database: Database,
	list: number,
	rows: readonly ListRow[],
): Promise<{ added: number; updated: number }> {
	if (rows.length === 0) return { added: 0, updated: 0 }
	const json = formatJsonArgument(
		rows.map(({ name, subscribers, over18, description, asOf }) => [
			name,
			subscribers,
			over18 === null ? null : Number(over18),
			description,
			asOf,
		]),
	)
	const [known] = await database.batch([
		{ sql: KNOWN, args: [json] },
		{ sql: ADD, args: [json, list] },
	])
	const [names = 0, updated = 0] = [known?.rows[0]?.[0], known?.rows[0]?.[1]].map(Number)
	return { added: names - updated, updated }
}

export interface FinishedList {
	readonly name: string
	/** Digest of its rows. */
	readonly sha256: string
	/** Unix seconds; null where nothing tells. */
	readonly asOf: number | null
}

// The same rows again, perhaps with a better date, and what a stopped import of the file left.
const REPLACED = `SELECT id FROM subreddit_lists WHERE id < ?1
	AND (sha256 = ?2 OR (finished_utc IS NULL AND name = ?3))`

/** Dates the list, which replaces one of the same rows. */
export async function finishList(
	database: Database,
	list: number,
	{ name, sha256, asOf }: FinishedList,
	now: Date,
): Promise<void> {
	const args = [list, sha256, name]
	await database.batch([
		{ sql: `DELETE FROM listed_subreddits WHERE list_id IN (${REPLACED})`, args },
		{ sql: `DELETE FROM subreddit_lists WHERE id IN (${REPLACED})`, args },
		{
			sql: 'UPDATE subreddit_lists SET as_of_utc = ?2, finished_utc = ?3, sha256 = ?4 WHERE id = ?1',
			args: [list, asOf, inSeconds(now), sha256],
		},
	])
}

export interface StoredList {
	readonly id: number
	readonly name: string
	/** The day that it is of, as in `2025-09-01`; null where nothing tells it. */
	readonly asOf: string | null
	readonly imported: string
	/** Whether its import came to the end. */
	readonly isWhole: boolean
	readonly subreddits: number
	readonly subscribers: number
	readonly over18: number
	readonly marked18: number
	readonly descriptions: number
}

const LISTS = `SELECT id, list.name, list.as_of_utc, imported_utc, finished_utc, count(row.name),
	count(row.subscribers), count(row.over_18), coalesce(sum(row.over_18), 0), count(row.public_description)
	FROM subreddit_lists AS list LEFT JOIN listed_subreddits AS row ON row.list_id = list.id
	GROUP BY list.id ORDER BY list.as_of_utc NULLS FIRST, list.id`

/** The lists of the database, the oldest first. */
export function showLists(effects: Effects): Promise<StoredList[]> {
	return withDatabase(effects, readLists)
}

/** A list of a few subreddits does not tell which others are gone: one with at least half as many as the largest does. */
const TELLING_SHARE = 0.5

/** The newest day of the newest list that tells what is gone, in Unix seconds; null without one. */
export async function readNewestListDate(database: Database): Promise<number | null> {
	if (!(await hasTable(database, 'subreddit_lists'))) return null
	const { rows } =
		await database.execute(`SELECT list.as_of_utc, count(*) FROM subreddit_lists AS list
		JOIN listed_subreddits AS row ON row.list_id = list.id
		WHERE list.as_of_utc IS NOT NULL AND list.finished_utc IS NOT NULL GROUP BY list.id`)
	const largest = Math.max(0, ...rows.map((row) => Number(row[1])))
	const telling = rows.filter((row) => Number(row[1]) >= TELLING_SHARE * largest)
	return telling.length === 0 ? null : Math.max(...telling.map((row) => Number(row[0])))
}

/** @throws AppError `not-found` where there is no such list */
export async function forgetOneList(id: number, effects: Effects): Promise<void> {
	const isGone = await withDatabase(effects, (database) => forgetList(database, id))
	if (!isGone)
		throw new AppError('not-found', `no list #${id}; whichsub subreddits lists prints them`)
}

// Lists may be there before any post is.
async function withDatabase<T>(
	effects: Effects,
	work: (database: Database) => Promise<T>,
): Promise<T> {
	const database = await openPostsDatabase(effects, LISTS_TABLES)
	try {
		return await work(database)
	} finally {
		database.close()
	}
}

async function readLists(database: Database): Promise<StoredList[]> {
	const { rows } = await database.execute(LISTS)
	return rows.map((row) => {
		const [subreddits = 0, subscribers = 0, over18 = 0, marked18 = 0, descriptions = 0] = [
			...Array.from(row).slice(5),
		].map(Number)
		return {
			id: Number(row[0]),
			name: String(row[1]),
			asOf: row[2] === null ? null : formatDay(Number(row[2])),
			imported: formatDay(Number(row[3])),
			isWhole: row[4] !== null,
			...{ subreddits, subscribers, over18, marked18, descriptions },
		}
	})
}

/** @returns whether there was one */
async function forgetList(database: Database, id: number): Promise<boolean> {
	const [, lists] = await database.batch([
		{ sql: 'DELETE FROM listed_subreddits WHERE list_id = ?1', args: [id] },
		{ sql: 'DELETE FROM subreddit_lists WHERE id = ?1', args: [id] },
	])
	return (lists?.rowsAffected ?? 0) > 0
}

/** Unix seconds as a day in UTC. */
export function formatDay(seconds: number): string {
	return new Date(seconds * 1000).toISOString().slice(0, 10)
}

function inSeconds(date: Date): number {
	return Math.floor(date.getTime() / 1000)
}
