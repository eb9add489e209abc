// `posts stats`: what the database holds, by month and by subreddit.
import type { Effects } from '../effects.ts'
import { formatCount } from '../progress.ts'
import type { Database } from './database.ts'
import { openPosts } from './open-posts.ts'

export interface MonthCount {
	/** As in `2013-06`, in UTC. */
	readonly month: string
	readonly posts: number
	readonly subreddits: number
}

export interface SubredditCount {
	readonly subreddit: string
	readonly posts: number
	/** Days of the oldest and the newest post, as in `2013-06-01`. */
	readonly from: string
	readonly until: string
}

/** What the database counts. */
export type StoredCounts = Pick<PostStats, 'months' | 'bySubreddit'>

export interface PostStats {
	readonly posts: number
	readonly subreddits: number
	/** Oldest first. */
	readonly months: readonly MonthCount[]
	/** Most posts first. */
	readonly bySubreddit: readonly SubredditCount[]
}

// json_group_array returns one row instead of thousands; the client builds a costly object for every row.
const BY_MONTH = `SELECT json_group_array(json_object('month', month, 'posts', posts, 'subreddits', subreddits))
	FROM (SELECT strftime('%Y-%m', created_utc, 'unixepoch') AS month, count(*) AS posts,
		count(DISTINCT subreddit) AS subreddits FROM posts GROUP BY month ORDER BY month)`

const BY_SUBREDDIT = `SELECT json_group_array(
		json_object('subreddit', subreddit, 'posts', posts, 'from', oldest, 'until', newest))
	FROM (SELECT subreddit, count(*) AS posts, date(min(created_utc), 'unixepoch') AS oldest,
		date(max(created_utc), 'unixepoch') AS newest FROM posts GROUP BY subreddit ORDER BY posts DESC, subreddit)`

/** @throws AppError as of {@link openPosts} */
export async function readPostStats(effects: Effects): Promise<PostStats> {
	const store = await openPosts(effects)
	try {
		const { months, bySubreddit } = await store.readCounts()
		const posts = months.reduce((sum, month) => sum + month.posts, 0)
		return { posts, subreddits: bySubreddit.length, months, bySubreddit }
	} finally {
		store.close()
	}
}

/** Of SQLite. */
export async function readCounts(database: Database): Promise<StoredCounts> {
	const read = async (sql: string) =>
		JSON.parse(String((await database.execute(sql)).rows[0]?.[0])) as unknown
	const months = (await read(BY_MONTH)) as MonthCount[]
	return { months, bySubreddit: (await read(BY_SUBREDDIT)) as SubredditCount[] }
}

/** @param top how many subreddits are listed */
export function formatPostStats(stats: PostStats, top: number): string {
	const { posts, subreddits, months, bySubreddit } = stats
	const shown = bySubreddit.slice(0, top)
	const lines = [
		`${formatCount(posts)} posts of ${formatCount(subreddits)} subreddits`,
		'',
		row('month', 'posts', 'subreddits'),
		...months.map((month) =>
			row(month.month, formatCount(month.posts), formatCount(month.subreddits)),
		),
		'',
		row('subreddit', 'posts', 'from', 'until'),
		...shown.map((count) =>
			row(count.subreddit, formatCount(count.posts), count.from, count.until),
		),
	]
	const hidden = bySubreddit.length - shown.length
	if (hidden > 0) lines.push(`… and ${formatCount(hidden)} more; --top shows them`)
	return lines.join('\n')
}

function row(name: string, ...cells: readonly string[]): string {
	return [name.padEnd(24), ...cells.map((cell) => cell.padStart(12))].join('')
}
