// The table of subreddits: what is known of each beside its posts. Times are Unix seconds. SQL only.

/**
 * `popularity` is the place in Reddit's list of popular subreddits, from 1, null for those that fell out of it or were
 * never in it. `unavailable` says why Reddit refused (private, banned, …) and `ask_again_utc` until when it is left
 * alone. A collector that reads a subreddit claims it, so that several can share one database.
 */
export const SUBREDDITS_TABLE = `CREATE TABLE IF NOT EXISTS subreddits (
	name TEXT PRIMARY KEY COLLATE NOCASE,
	reddit_id TEXT,
	subscribers INTEGER,
	over_18 INTEGER,
	public_description TEXT,
	created_utc INTEGER,
	popularity INTEGER,
	listed_run INTEGER,
	first_seen_utc INTEGER,
	seen_utc INTEGER,
	vanished_utc INTEGER,
	unavailable TEXT,
	unavailable_utc INTEGER,
	ask_again_utc INTEGER,
	moved_to TEXT,
	failure TEXT,
	failed_utc INTEGER,
	finished_run INTEGER,
	finished_utc INTEGER,
	claimed_by TEXT,
	claimed_until_utc INTEGER
) WITHOUT ROWID`

/**
 * Lists that were imported, side by side: of each what it says of each subreddit, null for what it does not say. A list has
 * no `finished_utc` where its import was stopped. A row's `as_of_utc` is its own date where it has one; else the list's counts.
 */
export const LISTS_TABLES: readonly string[] = [
	`CREATE TABLE IF NOT EXISTS subreddit_lists (
		id INTEGER PRIMARY KEY,
		name TEXT NOT NULL,
		as_of_utc INTEGER,
		imported_utc INTEGER NOT NULL,
		finished_utc INTEGER,
		sha256 TEXT
	)`,
	`CREATE TABLE IF NOT EXISTS listed_subreddits (
		list_id INTEGER NOT NULL,
		name TEXT NOT NULL COLLATE NOCASE,
		subscribers INTEGER,
		over_18 INTEGER,
		public_description TEXT,
		as_of_utc INTEGER,
		PRIMARY KEY (list_id, name)
	) WITHOUT ROWID`,
	'CREATE INDEX IF NOT EXISTS listed_subreddits_by_name ON listed_subreddits (name)',
]
