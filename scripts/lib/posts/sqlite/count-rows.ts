// How many posts there are, by month and by subreddit: SQLite.
import type { Database } from '../database.ts'
import type { MonthCount, StoredCounts, SubredditCount } from '../post-store.ts'

// json_group_array returns one row instead of thousands; the client builds a costly object for every row.
const BY_MONTH = `SELECT json_group_array(json_object('month', month, 'posts', posts, 'subreddits', subreddits))
	FROM (SELECT strftime('%Y-%m', created_utc, 'unixepoch') AS month, count(*) AS posts,
		count(DISTINCT subreddit) AS subreddits FROM posts GROUP BY month ORDER BY month)`

const BY_SUBREDDIT = `SELECT json_group_array(
		json_object('subreddit', subreddit, 'posts', posts, 'from', oldest, 'until', newest))
	FROM (SELECT subreddit, count(*) AS posts, date(min(created_utc), 'unixepoch') AS oldest,
		date(max(created_utc), 'unixepoch') AS newest FROM posts GROUP BY subreddit ORDER BY posts DESC, subreddit)`

export async function readCounts(database: Database): Promise<StoredCounts> {
	const read = async (sql: string) =>
		JSON.parse(String((await database.execute(sql)).rows[0]?.[0])) as unknown
	const months = (await read(BY_MONTH)) as MonthCount[]
	return { months, bySubreddit: (await read(BY_SUBREDDIT)) as SubredditCount[] }
}
