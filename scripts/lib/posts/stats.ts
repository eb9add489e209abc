// `posts stats`: what the database holds, by month and by subreddit.
import type { Effects } from '../effects.ts'
import { formatCount } from '../progress.ts'
import { openPosts } from './open-posts.ts'
import type { StoredCounts } from './post-store.ts'

export interface PostStats extends StoredCounts {
	readonly posts: number
	readonly subreddits: number
}

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
