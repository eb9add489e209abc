// Reads the titles of a window of time from the database, normalised, oldest first.
import { createHash } from 'node:crypto'
import { normalizeTitle } from '../../../src/model/normalize.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { isProfile } from '../posts/parse-row.ts'
import type { PostStore } from '../posts/post-store.ts'
import type { PackedPage } from '../posts/read-pages.ts'
import { Progress } from '../progress.ts'
import { LabelNames, type ListedNames } from './label-names.ts'
import { checkMemory } from './memory.ts'
import { normalizePlain, PLAIN_TEXT_BYTES } from './normalize-plain.ts'
import { drawTicket } from './random.ts'
import { type Rows, TitleTable } from './title-table.ts'

const ZERO = 48

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

interface ReadTitle {
	readonly id: string
	readonly created: number
	readonly name: string
	/** Normalised. */
	readonly text: string | Uint8Array
}

class TitleReader {
	posts = 0
	#profilePosts = 0
	#emptyTitles = 0
	readonly #labels = new LabelNames()
	readonly #table: TitleTable
	readonly #seed: number
	/** Of the title that is read. */
	readonly #text = Buffer.alloc(PLAIN_TEXT_BYTES)

	constructor(capacity: number, seed: number) {
		this.#table = new TitleTable(capacity)
		this.#seed = seed
	}

	addPage({ bytes, titleBytes }: PackedPage): void {
		let at = 0
		for (const size of titleBytes) {
			const idEnd = endOfField(bytes, at)
			const createdEnd = endOfField(bytes, idEnd + 1)
			const nameEnd = endOfField(bytes, createdEnd + 1)
			const end = nameEnd + 1 + size
			this.#add({
				id: bytes.toString('latin1', at, idEnd),
				created: readDigits(bytes, idEnd + 1, createdEnd),
				name: bytes.toString('latin1', createdEnd + 1, nameEnd),
				text: this.#normalize(bytes, nameEnd + 1, end),
			})
			at = end + 1
		}
	}

	#normalize(bytes: Buffer, start: number, end: number): string | Uint8Array {
		const size = normalizePlain(bytes, start, end, this.#text)
		return size < 0
			? normalizeTitle(bytes.toString('utf8', start, end))
			: this.#text.subarray(0, size)
	}

	#add({ id, created, name, text }: ReadTitle): void {
		this.posts += 1
		if (isProfile(name)) this.#profilePosts += 1
		else if (text.length === 0) this.#emptyTitles += 1
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

/** A NUL ends each field but the title. */
function endOfField(bytes: Buffer, from: number): number {
	let at = from
	while (bytes[at] !== 0) at += 1
	return at
}

function readDigits(bytes: Buffer, from: number, end: number): number {
	let number = 0
	for (let at = from; at < end; at += 1) number = number * 10 + ((bytes[at] as number) - ZERO)
	return number
}
