// A row of a database with all that is stored of a post.
import type { StoredPost } from './post-store.ts'

export type StoredRow = [
	id: string,
	created: number,
	subreddit: string,
	title: string,
	over18: number,
	retrieved: number | null,
	source: number,
]

export function toStoredPost(row: StoredRow): StoredPost {
	const [id, created_utc, subreddit, title, over18, retrieved_utc, source] = row
	return { id, created_utc, subreddit, title, over_18: over18 === 1, retrieved_utc, source }
}
