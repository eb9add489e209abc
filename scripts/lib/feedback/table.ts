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

const INSERT = `INSERT INTO feedback (id, time, release, how, subreddit, line, imported_utc, source)
	SELECT *, ?2, ?3 FROM (${NEW_ROWS}) WHERE true ON CONFLICT (id) DO NOTHING`

const AMEND = `UPDATE feedback SET time = new.time, release = new.release, how = new.how, subreddit = new.subreddit,
	line = new.line, imported_utc = ?2
	FROM (${NEW_ROWS}) AS new WHERE feedback.id = new.id AND new.time > feedback.time`

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
	const database = await openPostsDatabase(effects, [FEEDBACK_TABLE])
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

/** Adds and amends lines by {@link AMENDMENT_RULE}: all of them or none. */
export async function writeFeedback(
	database: Database,
	lines: readonly Feedback[],
	{ imported, source }: { readonly imported: Date; readonly source: string },
): Promise<FeedbackCounts> {
	const byId = new Map<string, Feedback>()
	for (const line of lines) {
		const before = byId.get(line.id)
		if (!before || toSortable(line.time) > toSortable(before.time)) byId.set(line.id, line)
	}
	const args = [
		JSON.stringify([...byId.values()].map(toColumns)),
		Math.floor(imported.getTime() / 1000),
	]
	const [inserted, amended] = await database.batch([
		{ sql: INSERT, args: [...args, source] },
		{ sql: AMEND, args },
	])
	const counts = { added: inserted?.rowsAffected ?? 0, amended: amended?.rowsAffected ?? 0 }
	return { ...counts, known: lines.length - counts.added - counts.amended }
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
