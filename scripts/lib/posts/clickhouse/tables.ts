// The tables of posts and their sources in ClickHouse. SQL only.

export const POSTS = 'whichsub_posts'
export const SOURCES = 'whichsub_sources'

/**
 * Every change of a post is a row more; of the rows of an id the one with the highest version counts. A removed post has a
 * row that says so (`gone`), without its title. Merges drop what no longer counts.
 *
 * By id and not by subreddit, because an id stays when a correction moves the post to another subreddit, and because
 * snapshots and digests read by id. A version's upper half counts the changes of a post; its lower half is
 * `retrieved_utc`, which decides between two writers that make the same change at the same moment.
 */
const POSTS_TABLE = `CREATE TABLE IF NOT EXISTS ${POSTS} (
	id String,
	created_utc UInt32,
	subreddit LowCardinality(String),
	title String,
	over_18 UInt8,
	retrieved_utc Nullable(UInt32),
	source_id UInt64,
	gone UInt8,
	version UInt64
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(toDateTime(created_utc, 'UTC'))
ORDER BY id`

const SOURCES_TABLE = `CREATE TABLE IF NOT EXISTS ${SOURCES} (
	id UInt64,
	name String,
	started_utc UInt32,
	finished_utc Nullable(UInt32),
	problem Nullable(String),
	gone UInt8,
	version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY id`

export const MAKE_TABLES = [POSTS_TABLE, SOURCES_TABLE]

export const POST_COLUMNS = [
	...['id', 'created_utc', 'subreddit', 'title', 'over_18', 'retrieved_utc', 'source_id'],
	...['gone', 'version'],
] as const

/** A version is a count of changes times this, and a time. */
export const CHANGE = 2 ** 32

/** The posts that are there. */
export const PRESENT = `${POSTS} FINAL WHERE gone = 0`

/** Removes the posts that meet a condition. */
export const removeWhere = (condition: string) => `INSERT INTO ${POSTS} (${POST_COLUMNS.join(', ')})
	SELECT id, created_utc, subreddit, '', 0, NULL, source_id, 1, (intDiv(version, ${CHANGE}) + 1) * ${CHANGE}
	FROM ${PRESENT} AND (${condition})`
