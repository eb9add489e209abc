// Reads the titles of a window of time from the database, normalised, oldest first.
import { createHash } from 'node:crypto'
import { normalizeTitle } from '../../../src/model/normalize.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { isProfile } from '../posts/parse-row.ts'
import type { PostStore } from '../posts/post-store.ts'
import type { PackedPage, PageRow } from '../posts/read-pages.ts'
import { Progress } from '../progress.ts'
import { LabelNames, type ListedNames } from './label-names.ts'
import { checkMemory } from './memory.ts'
import { drawTicket } from './random.ts'
import { type Rows, TitleTable } from './title-table.ts'

export interface ReadTitlesOptions {
	/** Unix seconds; null is open. */
	readonly from: number | null
	readonly until: number | null
	readonly seed: number
	/** How the newest list of subreddits spells them. */
	readonly listed: ListedNames
}

export interface ReadTitles {
	readonly table: TitleTable
	/** By time of creation, then id, so that the order in which posts came into the database does not matter. */
	readonly rows: Rows
	/** Posts whose title has nothing left after normalising. */
	readonly emptyTitles: number
	/** Posts on users' profiles, which an older version took in: a profile is no subreddit. */
	readonly profilePosts: number
	/** Of all posts that were read: id, time, subreddit and title, by id. */
	readonly database: { readonly posts: number; readonly sha256: string }
}

/** @throws AppError `out-of-memory` where so many do not fit into memory, before they are read */
export async function readTitles(
	store: PostStore,
	{ listed, ...options }: ReadTitlesOptions,
	effects: Effects,
): Promise<ReadTitles> {
	const total = await store.count(options)
	checkMemory(total)
	const progress = new Progress({ label: 'read', total, unit: 'posts' }, effects)
	const reader = new TitleReader(total, options.seed)
	const fingerprint = createHash('sha256')
	for await (const page of store.readPackedPages(options)) {
		throwIfAborted(effects)
		reader.addPage(page)
		fingerprint.update(page.bytes)
		progress.update(reader.posts)
	}
	progress.finish()
	const { posts } = reader
	return { ...reader.finish(listed), database: { posts, sha256: fingerprint.digest('hex') } }
}

class TitleReader {
	posts = 0
	#profilePosts = 0
	#emptyTitles = 0
	readonly #labels = new LabelNames()
	readonly #table: TitleTable
	readonly #seed: number

	constructor(capacity: number, seed: number) {
		this.#table = new TitleTable(capacity)
		this.#seed = seed
	}

	addPage({ bytes, titleBytes }: PackedPage): void {
		let at = 0
		for (const size of titleBytes) {
			const idEnd = bytes.indexOf(0, at)
			const createdEnd = bytes.indexOf(0, idEnd + 1)
			const nameEnd = bytes.indexOf(0, createdEnd + 1)
			const end = nameEnd + 1 + size
			this.#add([
				bytes.toString('latin1', at, idEnd),
				Number(bytes.toString('latin1', idEnd + 1, createdEnd)),
				bytes.toString('latin1', createdEnd + 1, nameEnd),
				bytes.toString('utf8', nameEnd + 1, end),
			])
			at = end + 1
		}
	}

	#add([id, created, name, title]: PageRow): void {
		this.posts += 1
		const text = normalizeTitle(title)
		if (isProfile(name)) this.#profilePosts += 1
		else if (text === '') this.#emptyTitles += 1
		else {
			const ticket = drawTicket(this.#seed, id)
			this.#table.add({ label: this.#labels.add(name, created), text, created, ticket })
		}
	}

	finish(listed: ListedNames): Omit<ReadTitles, 'database'> {
		const table = this.#table
		table.names = this.#labels.names(listed)
		table.posts = table.size
		// Pages come by id, so titles of one second stay in the order of their ids.
		const rows = table.byTime()
		return { table, rows, emptyTitles: this.#emptyTitles, profilePosts: this.#profilePosts }
	}
}
