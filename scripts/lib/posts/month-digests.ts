// What the posts of each month are, as a digest that is the same on every machine. Nothing is read again of a month that
// did not change: its stamp in the database says so (tables.ts), as a file's time and size do for git.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { Sha256 } from '../../../src/shared/schema-parts.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { writeFileAtomic } from '../files.ts'
import { Progress } from '../progress.ts'
import { endOfMonth, startOfMonth } from './month-of.ts'
import { openPosts } from './open-posts.ts'
import type { PostStore, StampedMonth, Window } from './post-store.ts'

const CACHE_FILE = 'month-digests.json'
const TRIES = 3

/** The posts of one month. */
export interface MonthDigest {
	/** As in `2013-06`, in UTC. */
	readonly month: string
	readonly posts: number
	/** Of id, time, subreddit and title of each post, by id. */
	readonly sha256: string
}

/**
 * The months that have posts and overlap a window, oldest first; a month counts whole.
 *
 * @throws AppError as of {@link openPosts}; `conflict` where the posts change all the time
 */
export async function readMonthDigests(window: Window, effects: Effects): Promise<MonthDigest[]> {
	const store = await openPosts(effects)
	try {
		for (let tries = 0; tries < TRIES; tries += 1) {
			const stamps = await store.readMonths(window)
			const known = await readCache(effects)
			const unknown = stamps.filter(({ stamp }) => !known.has(stamp))
			if (unknown.length === 0) return stamps.map((month) => withDigest(month, known))
			const digests = await digestMonths(store, unknown, effects)
			// A month that was written to meanwhile has another stamp now: what was read may be half of each.
			const after = new Set((await store.readMonths(window)).map(({ stamp }) => stamp))
			const kept = [...known, ...digests].filter(([stamp]) => after.has(stamp))
			await writeCache(new Map(kept), effects)
		}
	} finally {
		store.close()
	}
	throw new AppError(
		'conflict',
		`posts change while they are read: ${store.location}; wait for the other command to end`,
	)
}

/** SHA-256 of a month by the stamp that it then had. */
type Cache = ReadonlyMap<string, string>

function withDigest({ month, posts, stamp }: StampedMonth, known: Cache): MonthDigest {
	return { month, posts, sha256: known.get(stamp) ?? '' }
}

async function digestMonths(
	store: PostStore,
	months: readonly StampedMonth[],
	effects: Effects,
): Promise<Cache> {
	const total = months.reduce((sum, { posts }) => sum + posts, 0)
	const progress = new Progress({ label: 'look at posts', total, unit: 'posts' }, effects)
	const hashes = new Map(months.map(({ month }) => [month, createHash('sha256')]))
	let done = 0
	const window = {
		from: startOfMonth(months.at(0)?.month ?? ''),
		until: endOfMonth(months.at(-1)?.month ?? ''),
	}
	for await (const { month, posts, lines } of store.readMonthLines(window)) {
		throwIfAborted(effects)
		const hash = hashes.get(month)
		if (!hash) continue
		hash.update(lines)
		done += posts
		progress.update(done)
	}
	progress.finish()
	return new Map(months.map(({ month, stamp }) => [stamp, hashes.get(month)?.digest('hex') ?? '']))
}

const CacheFile = v.object({ schema: v.literal(1), digests: v.record(v.string(), Sha256) })

// Nothing is lost with it but time.
async function readCache({ dataDir }: Effects): Promise<Cache> {
	const path = join(dataDir, CACHE_FILE)
	try {
		const { digests } = parseJsonWith(CacheFile, await readFile(path, 'utf8'), path)
		return new Map(Object.entries(digests))
	} catch {
		return new Map()
	}
}

async function writeCache(digests: Cache, { dataDir }: Effects): Promise<void> {
	const content = { schema: 1, digests: Object.fromEntries(digests) }
	await writeFileAtomic(join(dataDir, CACHE_FILE), `${JSON.stringify(content, null, '\t')}\n`)
}
