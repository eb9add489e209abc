// What a collector remembers beside the posts: subreddits, how far each is read, and the runs. Times are Unix seconds.
import { SUBREDDITS_TABLE } from '../subreddits/table.ts'

/**
 * The spans of each subreddit's listing (see walk.ts), newest first from place 0; `run` wrote the first one last.
 * `over_18` is 0 where posts marked over 18 were passed over: who wants those reads such a stretch again.
 */
const SPANS_TABLE = `CREATE TABLE IF NOT EXISTS collect_spans (
	subreddit TEXT NOT NULL COLLATE NOCASE,
	place INTEGER NOT NULL,
	newest_id TEXT NOT NULL,
	newest_utc INTEGER NOT NULL,
	oldest_id TEXT NOT NULL,
	oldest_utc INTEGER NOT NULL,
	cursor TEXT,
	posts INTEGER NOT NULL,
	run INTEGER NOT NULL,
	over_18 INTEGER NOT NULL,
	PRIMARY KEY (subreddit, place)
) WITHOUT ROWID`

/** `work` says what was asked for: a run that was stopped goes on when the same is asked for again. */
const RUNS_TABLE = `CREATE TABLE IF NOT EXISTS collect_runs (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	work TEXT NOT NULL,
	started_utc INTEGER NOT NULL,
	finished_utc INTEGER,
	cursor TEXT,
	listed INTEGER NOT NULL DEFAULT 0
)`

export const COLLECT_TABLES: readonly string[] = [SUBREDDITS_TABLE, SPANS_TABLE, RUNS_TABLE]
