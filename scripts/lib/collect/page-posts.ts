// A page of a subreddit's listing becomes posts, by the rules of `ingest`.
import {
	type DatedPost,
	type LeftOut,
	NONE_LEFT_OUT,
	type ParseRowOptions,
	parseRow,
} from '../posts/parse-row.ts'
import type { PostPage } from './listing.ts'

/** Posts of a page that are not kept, by reason. */
export interface PageCounts extends Record<LeftOut, number> {
	/** Not a post, or not as Reddit writes them. */
	broken: number
	/** In another subreddit than the one that was asked for. */
	elsewhere: number
}

export interface PagePosts {
	readonly posts: readonly DatedPost[]
	readonly counts: PageCounts
}

export interface PagePostsOptions extends ParseRowOptions {
	readonly subreddit: string
	/** Unix seconds. */
	readonly retrieved: number
}

export function readPagePosts(page: PostPage, options: PagePostsOptions): PagePosts {
	const counts: PageCounts = { ...NONE_LEFT_OUT, broken: page.unreadable, elsewhere: 0 }
	const wanted = options.subreddit.toLowerCase()
	const posts: DatedPost[] = []
	for (const { fields } of page.posts) {
		const row = parseRow(fields, options)
		if (row.kind === 'broken') counts.broken += 1
		else if (row.kind === 'left out') counts[row.reason] += 1
		else if (row.post.subreddit.toLowerCase() !== wanted) counts.elsewhere += 1
		else posts.push({ ...row.post, retrieved_utc: options.retrieved })
	}
	return { posts, counts }
}
