// Reads posts page by page, each as few columns as titles need.
import type { Database } from './database.ts'

const PAGE_POSTS = 20_000

// A page comes as one JSON text: the client makes an object with getters of every row, which costs ten times as much.
const PAGE = `SELECT json_group_array(json_array(id, created_utc, subreddit, title)) FROM (
	SELECT id, created_utc, subreddit, title FROM posts
	WHERE id > ?1 AND created_utc >= ?2 AND created_utc < ?3 ORDER BY id LIMIT ?4)`

export type PageRow = [id: string, created: number, subreddit: string, title: string]

/** The posts created in [from, until), in Unix seconds; null is open. By id. */
export async function* readPages(
	database: Database,
	{ from, until }: { readonly from: number | null; readonly until: number | null },
): AsyncGenerator<PageRow[]> {
	let lastId = ''
	for (;;) {
		const args = [lastId, from ?? 0, until ?? Number.MAX_SAFE_INTEGER, PAGE_POSTS]
		const { rows } = await database.execute(PAGE, args)
		const page = JSON.parse(String(rows[0]?.[0])) as PageRow[]
		const last = page.at(-1)
		if (!last) return
		yield page
		lastId = last[0]
	}
}
