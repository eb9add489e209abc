// The tables of posts and their sources, and the migrations for databases made before them. SQL only.
import { hasNoKeyInSql, idInSql, keyInSql } from './post-keys.ts'

/** Each name of a subreddit once, as posts write it: a name in every post would take 7 bytes more than its number. */
const NAMES_TABLE = `CREATE TABLE IF NOT EXISTS post_subreddits (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
)`

/**
 * Posts in the order of their ids, of which each has its key (post-keys.ts). Times are Unix seconds; `retrieved_utc` says when the
 * row was read from Reddit, and is null where its source does not say. `source_id` is the source that added the row or corrected
 * it last.
 */
const POSTS_TABLE = `CREATE TABLE IF NOT EXISTS stored_posts (
	key INTEGER PRIMARY KEY,
	created_utc INTEGER NOT NULL,
	subreddit_id INTEGER NOT NULL,
	title TEXT NOT NULL,
	over_18 INTEGER NOT NULL,
	retrieved_utc INTEGER,
	source_id INTEGER NOT NULL
)`

/**
 * Posts as they are read. A LEFT JOIN, because it lets SQLite choose no other order than that of keys. In databases from before
 * there were keys, `posts` is a table with the other columns: whoever only reads them need not migrate it.
 */
const POSTS_VIEW = `CREATE VIEW IF NOT EXISTS posts AS
	SELECT key, ${idInSql('key')} AS id, created_utc, name AS subreddit, title, over_18, retrieved_utc, source_id
	FROM stored_posts LEFT JOIN post_subreddits ON post_subreddits.id = subreddit_id`

/** Returns a row if posts are read in the order of their keys: else in that of their ids. */
export const HAS_KEYS = `SELECT 1 FROM pragma_table_info('posts') WHERE name = 'key'`

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

export const COUNT_ADDED = `CREATE TRIGGER IF NOT EXISTS post_added AFTER INSERT ON stored_posts BEGIN ${countMonth('NEW', 1)} END`

// Triggers, so that no writer can forget it, and a transaction that is rolled back takes it back. They cost 1 µs a row.
// SQLite tells none of the rows that an OR REPLACE throws out: whoever writes posts must not use it.
const MONTHS_TRIGGERS = [
	COUNT_ADDED,
	`CREATE TRIGGER IF NOT EXISTS post_removed AFTER DELETE ON stored_posts BEGIN ${countMonth('OLD', -1)} END`,
	`CREATE TRIGGER IF NOT EXISTS post_changed AFTER UPDATE OF key, created_utc, subreddit_id, title ON stored_posts
	WHEN (NEW.key, NEW.created_utc, NEW.subreddit_id, NEW.title) IS NOT (OLD.key, OLD.created_utc, OLD.subreddit_id, OLD.title)
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
	NAMES_TABLE,
	POSTS_TABLE,
	POSTS_VIEW,
	SOURCES_TABLE,
	MONTHS_TABLE,
	...MONTHS_TRIGGERS,
	FILL_MONTHS,
]

/** For a database that is only read, and was written before there were months. */
export const MAKE_MONTHS = [MONTHS_TABLE, FILL_MONTHS]

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

/** Returns a row if posts have their ids and the names of their subreddits as text, as before there were keys. */
export const HAS_TEXT_IDS = `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'posts'`

const OLD_POSTS = 'posts_with_names'

/** How many posts there are, how many of these have an id that can't be a key, and one such id. */
export const COUNT_TEXT_IDS = `SELECT count(*), count(odd), min(odd)
	FROM (SELECT iif(${hasNoKeyInSql('id')}, id, NULL) AS odd FROM posts)`
export const TAKE_OUT_ODD_IDS = `DELETE FROM posts WHERE ${hasNoKeyInSql('id')}`

/** The migration: begins it, moves the posts up to an id, and ends it. All in one transaction. */
export const BEGIN_MOVING = [
	...['post_added', 'post_removed', 'post_changed'].map((name) => `DROP TRIGGER IF EXISTS ${name}`),
	`ALTER TABLE posts RENAME TO ${OLD_POSTS}`,
	NAMES_TABLE,
	POSTS_TABLE,
]
/** The last id of the next posts, of which there are at most ?1. */
export const NEXT_TO_MOVE = `SELECT max(id), count(*) FROM (SELECT id FROM ${OLD_POSTS} ORDER BY id LIMIT ?1)`
// Every text is lower than a BLOB.
const TO_MOVE = `id <= coalesce(?1, x'')`
/** ?1 is null for all. Pages that come free are used for the next posts, so the file does not grow. */
export const MOVE_POSTS = [
	`INSERT OR IGNORE INTO post_subreddits (name)
		SELECT DISTINCT subreddit FROM ${OLD_POSTS} WHERE ${TO_MOVE}`,
	`INSERT INTO stored_posts (key, created_utc, subreddit_id, title, over_18, retrieved_utc, source_id)
		SELECT ${keyInSql('id')}, created_utc, (SELECT post_subreddits.id FROM post_subreddits WHERE name = subreddit),
		title, over_18, retrieved_utc, source_id FROM ${OLD_POSTS} WHERE ${TO_MOVE} ORDER BY id`,
	`DELETE FROM ${OLD_POSTS} WHERE ${TO_MOVE}`,
]
export const END_MOVING = [`DROP TABLE ${OLD_POSTS}`, ...MAKE_TABLES]
