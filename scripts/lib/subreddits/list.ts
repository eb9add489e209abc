// The list of subreddits that the database holds: what `subreddits import` and `collect subreddits` brought. Node.
import { type Database, hasTable } from '../posts/database.ts'

/** A subreddit with what it says of itself. */
export interface DescribedSubreddit {
	readonly name: string
	readonly subscribers: number
	readonly description: string
}

// Only those that are known to be open to everybody: what does not show itself to a client may be anything.
const LISTED = `SELECT name, subscribers, public_description FROM subreddits
	WHERE over_18 = 0 AND subscribers IS NOT NULL AND unavailable IS NULL ORDER BY lower(name)`

/** Without those marked 18+, private or gone; empty where no list was collected or imported. */
export async function readSubredditList(database: Database): Promise<DescribedSubreddit[]> {
	if (!(await hasTable(database, 'subreddits'))) return []
	const { rows } = await database.execute(LISTED)
	return rows.map((row) => ({
		name: String(row[0]),
		subscribers: Number(row[1]),
		description: String(row[2] ?? ''),
	}))
}
