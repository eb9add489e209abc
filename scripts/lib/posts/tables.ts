// The tables of posts and their sources, and the migration for databases made before there were sources. SQL only.

/**
 * Posts by id. Times are Unix seconds; `retrieved_utc` says when the row was read from Reddit, and is null where its source
 * does not say. `source_id` is the source that added the row or corrected it last.
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
 * why its posts are in doubt. AUTOINCREMENT: the number of a removed source is never used again.
 */
const SOURCES_TABLE = `CREATE TABLE IF NOT EXISTS sources (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	started_utc INTEGER NOT NULL,
	finished_utc INTEGER,
	problem TEXT
)`

export const MAKE_TABLES = [POSTS_TABLE, SOURCES_TABLE]

/** Returns a row if posts carry the name of their source, as they did before there was a table of sources. */
export const HAS_SOURCE_NAMES = `SELECT 1 FROM pragma_table_info('posts') WHERE name = 'source'`

/** The migration: one source for each name. To be run in one transaction. */
export const ADD_SOURCES = [
	SOURCES_TABLE,
	`INSERT INTO sources (name, started_utc, finished_utc)
		SELECT source, min(ingested_utc), max(ingested_utc) FROM posts GROUP BY source ORDER BY 2`,
	'ALTER TABLE posts ADD COLUMN source_id INTEGER NOT NULL DEFAULT 0',
	'UPDATE posts SET source_id = (SELECT id FROM sources WHERE name = source)',
	'ALTER TABLE posts DROP COLUMN source',
	'ALTER TABLE posts DROP COLUMN ingested_utc',
]
