// What of the posts of dumps is wanted: a time, a score, some subreddits, and so many of each. Chosen while reading, so that a
// month of all of Reddit needs no more room than what is kept of it.
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { SubredditName } from '../../../src/shared/schema-parts.ts'
import { readTextFile } from '../files.ts'
import type { Post } from './post.ts'

/** Why a post is not chosen. */
export const NOT_CHOSEN = {
	outside: 'outside --from and --until',
	lowScore: 'below --min-score',
	otherSubreddit: 'not of --subreddits',
	beyond: 'beyond --per-subreddit',
} as const
export type NotChosen = keyof typeof NOT_CHOSEN

/** Which of more posts than `perSubreddit` are kept: the newest, or a sample in which each has the same chance. */
export const KEEPS = ['newest', 'sample'] as const

export interface SelectionOptions {
	/** Unix seconds: posts from this time on. */
	readonly from?: number | undefined
	/** Unix seconds: posts before this time. */
	readonly until?: number | undefined
	readonly minScore?: number | undefined
	/** Lower-case names. */
	readonly subreddits?: ReadonlySet<string> | undefined
	/** So many of each subreddit, of all files that are read together. */
	readonly perSubreddit?: number | undefined
	readonly keep?: (typeof KEEPS)[number] | undefined
	/** Decides which posts are in a sample: the same seed chooses the same, in whatever order they come. */
	readonly seed?: number | undefined
}

/** Reddit's ids have seven digits of base 36; more than ten can't be told apart as numbers. */
const COUNTED_ID = /^[1-9a-z][0-9a-z]{0,9}$/

/** What is looked at of a post. */
export type ChosenBy = Pick<Post, 'id' | 'created_utc' | 'subreddit' | 'score'>

export class Selection {
	readonly #options: SelectionOptions
	readonly #kept = new Map<string, KeptPosts>()
	#displaced: string[] = []

	constructor(options: SelectionOptions) {
		this.#options = options
	}

	/** Whether no post can be refused. */
	get takesAll(): boolean {
		const { from, until, minScore, subreddits, perSubreddit } = this.#options
		const limits = [from, until, minScore, subreddits, perSubreddit]
		return limits.every((limit) => limit === undefined)
	}

	/** @returns why the post is not taken; null where it is, perhaps in place of another */
	refuse(post: ChosenBy): NotChosen | null {
		const { from, until, minScore, subreddits, perSubreddit } = this.#options
		if (post.created_utc < (from ?? 0) || (until !== undefined && post.created_utc >= until))
			return 'outside'
		if (minScore !== undefined && post.score < minScore) return 'lowScore'
		if (!subreddits && perSubreddit === undefined) return null
		const name = post.subreddit.toLowerCase()
		if (subreddits && !subreddits.has(name)) return 'otherSubreddit'
		return this.#isBeyond(post, name) ? 'beyond' : null
	}

	/** Posts that were taken and gave way to others since the last call. */
	takeDisplaced(): string[] {
		const displaced = this.#displaced
		this.#displaced = []
		return displaced
	}

	#isBeyond(post: ChosenBy, name: string): boolean {
		const { perSubreddit, keep = 'newest', seed = 1 } = this.#options
		if (perSubreddit === undefined || !COUNTED_ID.test(post.id)) return false
		const kept = this.#kept.get(name) ?? new KeptPosts(perSubreddit)
		this.#kept.set(name, kept)
		const id = Number.parseInt(post.id, 36)
		const rank = keep === 'newest' ? -(post.created_utc * 2 ** 20 + (id % 2 ** 20)) : draw(id, seed)
		const loser = kept.add(rank, id)
		if (loser !== null && loser !== id) this.#displaced.push(loser.toString(36))
		return loser === id
	}
}

/** The posts of a subreddit with the lowest ranks, the highest of these on top of a heap. */
class KeptPosts {
	readonly #limit: number
	readonly #ranks: number[] = []
	readonly #ids: number[] = []
	#lowest = Number.POSITIVE_INFINITY
	/** The same ids, where posts come out of order: while each is newer than those before, none can come twice. */
	#known: Set<number> | null = null

	constructor(limit: number) {
		this.#limit = limit
	}

	/** @returns the id that has no place: this one, or one that gives way to it; null where there is room, or it is kept already */
	add(rank: number, id: number): number | null {
		const isFull = this.#ids.length === this.#limit
		const highest = this.#ranks[0] as number
		if (isFull && rank > highest) return id
		if (this.#isKept(rank, id)) return null
		if (isFull && rank === highest) return id
		this.#known?.add(id)
		if (!isFull) {
			this.#ranks.push(rank)
			this.#ids.push(id)
			this.#rise(this.#ids.length - 1)
			return null
		}
		const loser = this.#ids[0] as number
		this.#known?.delete(loser)
		this.#ranks[0] = rank
		this.#ids[0] = id
		this.#sink(0)
		return loser
	}

	#isKept(rank: number, id: number): boolean {
		if (rank < this.#lowest) {
			this.#lowest = rank
			return this.#known?.has(id) ?? false
		}
		this.#known ??= new Set(this.#ids)
		return this.#known.has(id)
	}

	#rise(from: number): void {
		for (let at = from; at > 0; ) {
			const parent = (at - 1) >> 1
			if ((this.#ranks[parent] as number) >= (this.#ranks[at] as number)) return
			this.#swap(at, parent)
			at = parent
		}
	}

	#sink(from: number): void {
		const ranks = this.#ranks
		for (let at = from; ; ) {
			let highest = at
			for (const child of [2 * at + 1, 2 * at + 2])
				if (child < ranks.length && (ranks[child] as number) > (ranks[highest] as number))
					highest = child
			if (highest === at) return
			this.#swap(at, highest)
			at = highest
		}
	}

	#swap(a: number, b: number): void {
		for (const values of [this.#ranks, this.#ids]) {
			const first = values[a] as number
			values[a] = values[b] as number
			values[b] = first
		}
	}
}

/** A number of 53 bits that id and seed decide, and that looks drawn by lot (murmur3's finaliser, twice). */
function draw(id: number, seed: number): number {
	const low = mix((id | 0) ^ Math.imul(seed, 0x9e3779b1))
	const high = mix(Math.floor(id / 2 ** 32) ^ low ^ 0x85ebca6b)
	return (high >>> 11) * 2 ** 32 + (low >>> 0)
}

function mix(value: number): number {
	let mixed = value
	mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
	return mixed ^ (mixed >>> 16)
}

/**
 * Names of a file, one a line; `r/` before a name, empty lines and lines that begin with # are fine.
 *
 * @throws AppError `not-found`; `bad-data` with the line's number
 */
export async function readSubredditsFile(path: string): Promise<string[]> {
	const text = await readTextFile(path, 'list of subreddits')
	const names = new Map<string, string>()
	for (const [index, line] of text
		.replace(/^\uFEFF/, '')
		.split(/\r?\n/)
		.entries()) {
		const name = line.trim().replace(/^\/?r\//i, '')
		if (name === '' || name.startsWith('#')) continue
		names.set(name.toLowerCase(), parseWith(SubredditName, name, `${path}:${index + 1}`))
	}
	if (names.size === 0)
		throw new AppError('bad-data', `no subreddit in ${path}; write one name a line`)
	return [...names.values()]
}
