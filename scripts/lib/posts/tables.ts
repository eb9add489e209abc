// The tables of posts and of their sources, and how a database of before there were sources gets them.
import type { Database } from './database.ts'

/**
 * Posts by id. `created_utc` and `retrieved_utc` are Unix seconds; `retrieved_utc` says when the row was read from Reddit
 * and is null where its source does not tell. `source_id` is the source whose values the row has.
 */
const POSTS_TABLE = `CREATE TABLE IF NOT EXISTS posts (
	id TEXT PRIMARY KEY,
	created_utc INTEGER NOT NULL,
	subreddit TEXT NOT NULL,
	title TEXT NOT NULL,
	score INTEGER NOT NULL,
	num_comments INTEGER NOT NULL,
	over_18 INTEGER NOT NULL,
	retrieved_utc INTEGER,
	source_id INTEGER NOT NULL
) WITHOUT ROWID`

/**
 * A file that was read once, or a run of the collector. `finished_utc` is null until it was read to its end; `problem` says
 * why its posts are in doubt. AUTOINCREMENT: a number that was forgotten never names another source.
 */
const SOURCES_TABLE = `CREATE TABLE IF NOT EXISTS sources (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	started_utc INTEGER NOT NULL,
	finished_utc INTEGER,
	problem TEXT
)`

/** Makes what is missing. @param more `CREATE … IF NOT EXISTS` statements of the caller's own tables and indexes */
export async function makeTables(database: Database, more: readonly string[]): Promise<void> {
	await addSources(database)
	await database.batch([POSTS_TABLE, SOURCES_TABLE, ...more].map((sql) => ({ sql })))
}

/**
 * Gives a database of before there were sources its table of them: one for each name that its posts carry. Does nothing
 * to any other.
 */
export async function addSources(database: Database): Promise<void> {
	if (!(await hasSourceNames(database))) return
	try {
		await database.batch(
			[
				SOURCES_TABLE,
				`INSERT INTO sources (name, started_utc, finished_utc)
					SELECT source, min(ingested_utc), max(ingested_utc) FROM posts GROUP BY source ORDER BY 2`,
				'ALTER TABLE posts ADD COLUMN source_id INTEGER NOT NULL DEFAULT 0',
				'UPDATE posts SET source_id = (SELECT id FROM sources WHERE name = source)',
				'ALTER TABLE posts DROP COLUMN source',
				'ALTER TABLE posts DROP COLUMN ingested_utc',
			].map((sql) => ({ sql })),
		)
	} catch (error) {
		// Another command may have done it at the same moment.
		if (await hasSourceNames(database)) throw error
	}
}

/** Whether posts carry the name of their source, as they did before there was a table of sources. */
async function hasSourceNames(database: Database): Promise<boolean> {
	const { rows } = await database.execute(
		`SELECT 1 FROM pragma_table_info('posts') WHERE name = 'source'`,
	)
	return rows.length > 0
}
