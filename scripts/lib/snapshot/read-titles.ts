// Reads the titles of a window of time from the database, normalised, oldest first.
import { createHash } from 'node:crypto'
import { normalizeTitle } from '../../../src/model/normalize.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import type { Database } from '../posts/database.ts'
import { readPages } from '../posts/read-pages.ts'
import { Progress } from '../progress.ts'
import { drawTicket } from './random.ts'

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
	for await (const page of readPages(database, { from, until })) {
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
