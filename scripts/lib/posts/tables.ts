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

/**
 * How many posts each month has, as in `2013-06`, and a stamp that is another one after every change of what a snapshot
 * reads of them. A stamp is random and no counter: two copies of a database that went different ways never meet again.
 */
const MONTHS_TABLE = `CREATE TABLE IF NOT EXISTS post_months (
	month TEXT PRIMARY KEY,
	posts INTEGER NOT NULL,
	stamp BLOB NOT NULL
) WITHOUT ROWID`

const STAMP_BYTES = 16

const monthOf = (row: 'NEW' | 'OLD') => `strftime('%Y-%m', ${row}.created_utc, 'unixepoch')`
const countMonth = (
	row: 'NEW' | 'OLD',
	posts: 1 | -1,
) => `INSERT INTO post_months (month, posts, stamp)
	VALUES (${monthOf(row)}, ${posts}, randomblob(${STAMP_BYTES}))
	ON CONFLICT (month) DO UPDATE SET posts = posts + excluded.posts, stamp = excluded.stamp;`

/** Drops the trigger that counts added posts, for a transaction that counts them itself and ends with {@link COUNT_ADDED}. */
export const STOP_COUNTING_ADDED = 'DROP TRIGGER IF EXISTS post_added'

export const COUNT_ADDED = `CREATE TRIGGER IF NOT EXISTS post_added AFTER INSERT ON posts BEGIN ${countMonth('NEW', 1)} END`

// Triggers, so that no writer can forget it, and a transaction that is rolled back takes it back. They cost 1 µs a row.
// SQLite tells none of the rows that an OR REPLACE throws out: whoever writes posts must not use it.
const MONTHS_TRIGGERS = [
	COUNT_ADDED,
	`CREATE TRIGGER IF NOT EXISTS post_removed AFTER DELETE ON posts BEGIN ${countMonth('OLD', -1)} END`,
	`CREATE TRIGGER IF NOT EXISTS post_changed AFTER UPDATE OF id, created_utc, subreddit, title ON posts
	WHEN (NEW.id, NEW.created_utc, NEW.subreddit, NEW.title) IS NOT (OLD.id, OLD.created_utc, OLD.subreddit, OLD.title)
	BEGIN ${countMonth('OLD', -1)} ${countMonth('NEW', 1)} END`,
]

/** Counts posts by month, as JSON has them: `[["2013-06", 5], …]`. */
export const ADD_TO_MONTHS = `INSERT INTO post_months (month, posts, stamp)
	SELECT value->>0, value->>1, randomblob(${STAMP_BYTES}) FROM json_each(?1) WHERE true
	ON CONFLICT (month) DO UPDATE SET posts = posts + excluded.posts, stamp = excluded.stamp`

// Of a database that has posts and no months yet; any other is left as it is.
const FILL_MONTHS = `INSERT INTO post_months (month, posts, stamp)
	SELECT strftime('%Y-%m', created_utc, 'unixepoch') AS month, count(*), randomblob(${STAMP_BYTES}) FROM posts
	WHERE NOT EXISTS (SELECT 1 FROM post_months) GROUP BY month`

/** To be run in this order, in one transaction. */
export const MAKE_TABLES = [
	POSTS_TABLE,
	SOURCES_TABLE,
	MONTHS_TABLE,
	...MONTHS_TRIGGERS,
	FILL_MONTHS,
]

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
