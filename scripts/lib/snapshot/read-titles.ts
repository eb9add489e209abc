// Reads the titles of a window of time from the database, normalised, oldest first.
import { createHash } from 'node:crypto'
import { normalizeTitle } from '../../../src/model/normalize.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import type { Database } from '../posts/database.ts'
import { isProfile } from '../posts/parse-row.ts'
import { readPages } from '../posts/read-pages.ts'
import { Progress } from '../progress.ts'
import { LabelNames, type ListedNames } from './label-names.ts'
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
	/** How the newest list of subreddits spells them. */
	readonly listed: ListedNames
}

export interface ReadTitles {
	/** By time of creation, then id, so that the order in which posts came into the database does not matter. */
	readonly titles: Title[]
	/** Posts whose title has nothing left after normalising. */
	readonly emptyTitles: number
	/** Posts on users' profiles, which an older version took in: a profile is no subreddit. */
	readonly profilePosts: number
	/** Of all posts that were read: id, time, subreddit and title, by id. */
	readonly database: { readonly posts: number; readonly sha256: string }
}

export async function readTitles(
	database: Database,
	{ from, until, seed, listed }: ReadTitlesOptions,
	effects: Effects,
): Promise<ReadTitles> {
	const total = Number((await database.execute('SELECT count(*) FROM posts')).rows[0]?.[0])
	const progress = new Progress({ label: 'read', total, unit: 'posts' }, effects)
	const labels = new LabelNames()
	const found: (Omit<Title, 'subreddit'> & { readonly label: number })[] = []
	let profilePosts = 0
	let emptyTitles = 0
	const fingerprint = createHash('sha256')
	let posts = 0
	for await (const page of readPages(database, { from, until })) {
		throwIfAborted(effects)
		for (const [id, created, name, title] of page) {
			const text = normalizeTitle(title)
			if (isProfile(name)) profilePosts += 1
			else if (text === '') emptyTitles += 1
			else {
				const label = labels.add(name, created)
				found.push({ label, text, created, ticket: drawTicket(seed, id) })
			}
		}
		fingerprint.update(page.map((row) => `${row.join('\0')}\n`).join(''))
		posts += page.length
		progress.update(posts)
	}
	progress.finish()
	// Pages come by id and the sort is stable: equal times stay in the order of their ids.
	found.sort((a, b) => a.created - b.created)
	const names = labels.names(listed)
	const titles = found.map(({ label, ...title }) => ({ subreddit: names[label] ?? '', ...title }))
	const digest = fingerprint.digest('hex')
	return { titles, emptyTitles, profilePosts, database: { posts, sha256: digest } }
}
