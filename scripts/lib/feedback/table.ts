// The table of feedback in the posts' database: one row for each id.
import * as v from 'valibot'
import { Feedback } from '../../../src/shared/feedback.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import {
	type Database,
	type DatabaseEffects,
	hasTable,
	openPostsDatabase,
} from '../posts/database.ts'
import type { SourcedFeedback } from './choose.ts'

const PAGE_LINES = 5_000

/**
 * `line` is the whole line as JSON; the other columns are for queries. `time` always has milliseconds, so that it sorts as
 * text; `subreddit` is null where a pick names none.
 */
const FEEDBACK_TABLE = `CREATE TABLE IF NOT EXISTS feedback (
	id TEXT PRIMARY KEY,
	time TEXT NOT NULL,
	release TEXT NOT NULL,
	how TEXT NOT NULL,
	subreddit TEXT,
	line TEXT NOT NULL,
	imported_utc INTEGER NOT NULL,
	source TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID`

const NEW_ROWS = `SELECT value->>0 AS id, value->>1 AS time, value->>2 AS release, value->>3 AS how,
	value->>4 AS subreddit, value->>5 AS line FROM json_each(?1)`

const insertWhere = (isTaken: string) =>
	`INSERT INTO feedback (id, time, release, how, subreddit, line, imported_utc, source)
	SELECT *, ?2, ?3 FROM (${NEW_ROWS}) WHERE ${isTaken} ON CONFLICT (id) DO NOTHING`

const amendWhere = (isTaken: string) =>
	`UPDATE feedback SET time = new.time, release = new.release, how = new.how, subreddit = new.subreddit,
	line = new.line, imported_utc = ?2
	FROM (${NEW_ROWS}) AS new WHERE feedback.id = new.id AND new.time > feedback.time AND ${isTaken}`

/** Who sent a pick that was not imported, as a hash of a secret. A row goes with its pick. */
const SENDERS_TABLE = `CREATE TABLE IF NOT EXISTS feedback_senders (
	id TEXT PRIMARY KEY,
	sender TEXT NOT NULL
) WITHOUT ROWID`

/** What was imported, or sent by somebody else, stays theirs. */
const CLAIM = `INSERT INTO feedback_senders (id, sender)
	SELECT value->>0, ?2 FROM json_each(?1) WHERE value->>0 NOT IN (SELECT id FROM feedback)
	ON CONFLICT (id) DO NOTHING`

/** Whose pick is replaced by an imported line can't take that back. Runs before {@link amendWhere}. */
const DISOWN = `DELETE FROM feedback_senders WHERE id IN (SELECT new.id FROM (${NEW_ROWS}) AS new
	JOIN feedback ON feedback.id = new.id WHERE new.time > feedback.time)`

const TAKE_BACK = ['feedback', 'feedback_senders'].map(
	(table) => `DELETE FROM ${table} WHERE id IN (SELECT id FROM feedback_senders
	WHERE sender = ?2 AND id IN (SELECT value FROM json_each(?1)))`,
)

const HAS_SOURCE = `SELECT 1 FROM pragma_table_info('feedback') WHERE name = 'source'`
const ADD_SOURCE = `ALTER TABLE feedback ADD COLUMN source TEXT NOT NULL DEFAULT ''`

/** The rule, as help texts state it. */
export const AMENDMENT_RULE = `Someone who changes a pick on the page writes a line with the same id and a newer time. A line replaces the stored one
with its id if its time is newer; otherwise it counts as known. So files can be imported in any order, and again.`

export interface FeedbackCounts {
	/** Lines whose id was new. */
	readonly added: number
	/** Lines that replaced an older one with their id. */
	readonly amended: number
	/** Lines that were stored already, or are older than the stored one with their id. */
	readonly known: number
}

/** @throws AppError as of {@link openPostsDatabase} */
export async function openFeedback(effects: DatabaseEffects): Promise<Database> {
	const database = await openPostsDatabase(effects, [FEEDBACK_TABLE, SENDERS_TABLE])
	try {
		await addSource(database)
		return database
	} catch (error) {
		database.close()
		throw error
	}
}

// Databases of earlier versions lack the column of a line's source.
async function addSource(database: Database): Promise<void> {
	if ((await database.execute(HAS_SOURCE)).rows.length === 0) await database.execute(ADD_SOURCE)
}

export interface Origin {
	readonly imported: Date
	readonly source: string
	/** Of a person whose lines are not trusted: the ids that nobody else has become theirs, and only theirs are written. */
	readonly sender?: string
}

/** Adds and amends lines by {@link AMENDMENT_RULE}: all of them or none. */
export async function writeFeedback(
	database: Database,
	lines: readonly Feedback[],
	{ imported, source, sender }: Origin,
): Promise<FeedbackCounts> {
	const byId = new Map<string, Feedback>()
	for (const line of lines) {
		const before = byId.get(line.id)
		if (!before || toSortable(line.time) > toSortable(before.time)) byId.set(line.id, line)
	}
	const rows = JSON.stringify([...byId.values()].map(toColumns))
	const args = [rows, Math.floor(imported.getTime() / 1000)]
	const own = (place: string) =>
		`EXISTS (SELECT 1 FROM feedback_senders AS own WHERE own.id = ${place} AND own.sender =`
	const written = await database.batch(
		sender === undefined
			? [
					{ sql: DISOWN, args: [rows] },
					{ sql: insertWhere('true'), args: [...args, source] },
					{ sql: amendWhere('true'), args },
				]
			: [
					{ sql: CLAIM, args: [rows, sender] },
					{ sql: insertWhere(`${own('id')} ?4)`), args: [...args, source, sender] },
					{ sql: amendWhere(`${own('new.id')} ?3)`), args: [...args, sender] },
				],
	)
	const [added = 0, amended = 0] = written.slice(-2).map(({ rowsAffected }) => rowsAffected)
	return { added, amended, known: lines.length - added - amended }
}

/** Removes picks that this sender sent. @returns how many there were */
export async function removeSent(
	database: Database,
	ids: readonly string[],
	sender: string,
): Promise<number> {
	const args = [JSON.stringify(ids), sender]
	const [deleted] = await database.batch(TAKE_BACK.map((sql) => ({ sql, args })))
	return deleted?.rowsAffected ?? 0
}

/** All lines, oldest first; none where nothing was imported yet. */
export async function* readFeedback(database: Database): AsyncGenerator<SourcedFeedback> {
	if (!(await hasTable(database, 'feedback'))) return
	// A database that may only be read keeps its old table.
	const source = (await database.execute(HAS_SOURCE)).rows.length > 0 ? 'source' : `''`
	let [time, id] = ['', '']
	for (;;) {
		const { rows } = await database.execute(
			`SELECT time, id, line, ${source} AS source FROM feedback WHERE (time, id) > (?, ?) ORDER BY time, id LIMIT ?`,
			[time, id, PAGE_LINES],
		)
		for (const row of rows) {
			const stored = v.parse(Row, row)
			time = stored.time
			id = stored.id
			const line = parseJsonWith(Feedback, stored.line, `feedback ${id} in ${database.location}`)
			yield { line, source: stored.source }
		}
		if (rows.length < PAGE_LINES) return
	}
}

/** Where picks came from: a file and when it was imported, or an address that sent them on a day. */
export interface FeedbackSource {
	readonly source: string
	readonly picks: number
	/** When the first and the last were picked. */
	readonly from: string
	readonly until: string
}

/** The last one that brought something comes last; none where there are no picks. */
export async function listFeedbackSources(database: Database): Promise<FeedbackSource[]> {
	const hasSource =
		(await hasTable(database, 'feedback')) && (await database.execute(HAS_SOURCE)).rows.length > 0
	if (!hasSource) return []
	const { rows } = await database.execute(LIST_SOURCES)
	return rows.map((row) => v.parse(SourceRow, row))
}

const LIST_SOURCES = `SELECT source, count(*) AS picks, min(time) AS "from", max(time) AS until FROM feedback
	GROUP BY source ORDER BY max(imported_utc), source`
const SourceRow = v.object({
	source: v.string(),
	picks: v.number(),
	from: v.string(),
	until: v.string(),
})

const Row = v.object({ time: v.string(), id: v.string(), line: v.string(), source: v.string() })

function toColumns(line: Feedback): (string | null)[] {
	const { id, time, release, pick } = line
	const subreddit = pick.how === 'none' ? null : pick.subreddit
	return [id, toSortable(time), release, pick.how, subreddit, JSON.stringify(line)]
}

// An instant may lack milliseconds, and as text "00Z" sorts after "00.500Z".
function toSortable(time: string): string {
	return new Date(time).toISOString()
}
