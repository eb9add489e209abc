// Reads the titles of a window of time from the database, normalised, oldest first.
import { createHash } from 'node:crypto'
import { normalizeTitle } from '../../../src/model/normalize.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import type { Database } from '../posts/database.ts'
import { Progress } from '../progress.ts'
import { drawTicket } from './random.ts'

const PAGE_POSTS = 20_000

/** A title with its label, ready for a line of a training file. */
export interface Title {
	readonly subreddit: string
	/** Normalised. */
	readonly text: string
	/** Unix seconds. */
	readonly created: number
	/** Decides about the side of a random split. */
	readonly ticket: number
}

export interface ReadTitlesOptions {
	/** Unix seconds; null is open. */
	readonly from: number | null
	readonly until: number | null
	readonly seed: number
}

export interface ReadTitles {
	/** By time of creation, then id, so that the order in which posts came into the database does not matter. */
	readonly titles: Title[]
	/** Posts whose title has nothing left after normalising. */
	readonly emptyTitles: number
	/** Of all posts that were read: id, time, subreddit and title, by id. */
	readonly database: { readonly posts: number; readonly sha256: string }
}

// A page comes as one JSON text: the client makes an object with getters of every row, which costs ten times as much.
const PAGE = `SELECT json_group_array(json_array(id, created_utc, subreddit, title)) FROM (
	SELECT id, created_utc, subreddit, title FROM posts
	WHERE id > ?1 AND created_utc >= ?2 AND created_utc < ?3 ORDER BY id LIMIT ?4)`

export async function readTitles(
	database: Database,
	{ from, until, seed }: ReadTitlesOptions,
	effects: Effects,
): Promise<ReadTitles> {
	const total = Number((await database.execute('SELECT count(*) FROM posts')).rows[0]?.[0])
	const progress = new Progress({ label: 'read', total, unit: 'posts' }, effects)
	// One string for each name instead of one for each post saves memory.
	const names = new Map<string, string>()
	const titles: Title[] = []
	const fingerprint = createHash('sha256')
	let posts = 0
	for await (const page of readPages(database, from, until)) {
		throwIfAborted(effects)
		for (const [id, created, name, title] of page) {
			const text = normalizeTitle(title)
			const subreddit = names.get(name) ?? name
			names.set(name, subreddit)
			if (text) titles.push({ subreddit, text, created, ticket: drawTicket(seed, id) })
		}
		fingerprint.update(page.map((row) => `${row.join('\0')}\n`).join(''))
		posts += page.length
		progress.update(posts)
	}
	progress.finish()
	// Pages come by id and the sort is stable: equal times stay in the order of their ids.
	titles.sort((a, b) => a.created - b.created)
	const digest = fingerprint.digest('hex')
	return { titles, emptyTitles: posts - titles.length, database: { posts, sha256: digest } }
}

type PageRow = [id: string, created: number, subreddit: string, title: string]

async function* readPages(
	database: Database,
	from: number | null,
	until: number | null,
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
