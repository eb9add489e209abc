// How many subscribers each subreddit has, as far as the database knows. Node.
import type { Database } from '../posts/database.ts'

/** Subscribers by name in lower case: sources differ in how they write a name. */
export type SubredditSizes = ReadonlyMap<string, number>

const TABLE = `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'subreddits'`
const SIZES = 'SELECT lower(name), subscribers FROM subreddits WHERE subscribers IS NOT NULL'

/** Empty where no subreddits were collected or imported yet. */
export async function readSubredditSizes(database: Database): Promise<SubredditSizes> {
	if ((await database.execute(TABLE)).rows.length === 0) return new Map()
	const { rows } = await database.execute(SIZES)
	return new Map(rows.map((row) => [String(row[0]), Number(row[1])]))
}
