// What the posts of each month are, as a digest that is the same on every machine. Nothing is read again of a month that
// did not change: its stamp in the database says so (tables.ts), as a file's time and size do for git.
import { createHash, type Hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { Count, Sha256 } from '../../../src/shared/schema-parts.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { writeFileAtomic } from '../files.ts'
import { Progress } from '../progress.ts'
import { type Database, hasTable, openExistingPosts, openPostsDatabase } from './database.ts'

const CACHE_FILE = 'month-digests.json'
const PAGE_POSTS = 20_000
const TRIES = 3

/** The posts of one month. */
export interface MonthDigest {
	/** As in `2013-06`, in UTC. */
	readonly month: string
	readonly posts: number
	/** Of id, time, subreddit and title of each post, by id. */
	readonly sha256: string
}

export interface Window {
	/** Unix seconds; null is open. */
	readonly from: number | null
	readonly until: number | null
}

/**
 * The months that have posts and overlap a window, oldest first; a month counts whole.
 *
 * @throws AppError as of {@link openExistingPosts}; `conflict` where the posts change all the time
 */
export async function readMonthDigests(window: Window, effects: Effects): Promise<MonthDigest[]> {
	const database = await openWithMonths(effects)
	try {
		for (let tries = 0; tries < TRIES; tries += 1) {
			const stamps = await readStamps(database, window)
			const known = await readCache(effects)
			const unknown = stamps.filter(({ stamp }) => !known.has(stamp))
			if (unknown.length === 0) return stamps.map((month) => withDigest(month, known))
			const digests = await digestMonths(database, unknown, effects)
			// A month that was written to meanwhile has another stamp now: what was read may be half of each.
			const after = new Set((await readStamps(database, window)).map(({ stamp }) => stamp))
			const kept = [...known, ...digests].filter(([stamp]) => after.has(stamp))
			await writeCache(new Map(kept), effects)
		}
	} finally {
		database.close()
	}
	throw new AppError(
		'conflict',
		`posts change while they are read: ${database.location}; wait for the other command to end`,
	)
}

interface StampedMonth {
	readonly month: string
	readonly posts: number
	/** Hexadecimal. */
	readonly stamp: string
}

/** SHA-256 of a month by the stamp that it then had. */
type Cache = ReadonlyMap<string, string>

function withDigest({ month, posts, stamp }: StampedMonth, known: Cache): MonthDigest {
	return { month, posts, sha256: known.get(stamp) ?? '' }
}

// A database of before there were months gets them now.
async function openWithMonths(effects: Effects): Promise<Database> {
	const database = await openExistingPosts(effects)
	if (await hasTable(database, 'post_months')) return database
	database.close()
	return openPostsDatabase(effects)
}

async function readStamps(database: Database, { from, until }: Window): Promise<StampedMonth[]> {
	const { rows } = await database.execute(
		`SELECT month, posts, hex(stamp) AS stamp FROM post_months WHERE posts > 0
		AND month >= ?1 AND (?2 IS NULL OR month <= ?2) ORDER BY month`,
		[from === null ? '' : monthOf(from), until === null ? null : monthOf(until - 1)],
	)
	const months = rows.map((row) => v.parse(Row, { ...row }))
	return months
}

const Row = v.object({ month: v.string(), posts: Count, stamp: v.string() })

// A page comes as one JSON text: the client makes an object with getters of every row, which costs ten times as much.
const PAGE = `SELECT json_group_array(json_array(id, created_utc, subreddit, title)) FROM (
	SELECT id, created_utc, subreddit, title FROM posts
	WHERE id > ?1 AND created_utc >= ?2 AND created_utc < ?3 ORDER BY id LIMIT ?4)`

type PageRow = [id: string, created: number, subreddit: string, title: string]

async function digestMonths(
	database: Database,
	months: readonly StampedMonth[],
	effects: Effects,
): Promise<Cache> {
	const total = months.reduce((sum, { posts }) => sum + posts, 0)
	const progress = new Progress({ label: 'look at posts', total, unit: 'posts' }, effects)
	const hashes = new Map(months.map(({ month }) => [month, createHash('sha256')]))
	const range = [startOf(months.at(0)), endOf(months.at(-1))]
	let [lastId, done] = ['', 0]
	for (;;) {
		throwIfAborted(effects)
		const { rows } = await database.execute(PAGE, [lastId, ...range, PAGE_POSTS])
		const page = JSON.parse(String(rows[0]?.[0])) as PageRow[]
		const last = page.at(-1)
		if (!last) break
		done += hashPage(page, hashes)
		progress.update(done)
		lastId = last[0]
	}
	progress.finish()
	return new Map(months.map(({ month, stamp }) => [stamp, hashes.get(month)?.digest('hex') ?? '']))
}

// One call for each month in place of one for each post. @returns how many posts are of these months
function hashPage(page: readonly PageRow[], hashes: ReadonlyMap<string, Hash>): number {
	const lines = new Map<string, string[]>()
	let posts = 0
	for (const row of page) {
		const month = monthOf(row[1])
		if (!hashes.has(month)) continue
		posts += 1
		const ofMonth = lines.get(month)
		if (ofMonth) ofMonth.push(JSON.stringify(row))
		else lines.set(month, [JSON.stringify(row)])
	}
	for (const [month, texts] of lines) hashes.get(month)?.update(`${texts.join('\n')}\n`)
	return posts
}

function monthOf(seconds: number): string {
	return new Date(seconds * 1000).toISOString().slice(0, 7)
}

function startOf(month: StampedMonth | undefined): number {
	return month ? Date.parse(`${month.month}-01T00:00:00Z`) / 1000 : 0
}

function endOf(month: StampedMonth | undefined): number {
	const date = new Date(startOf(month) * 1000)
	return date.setUTCMonth(date.getUTCMonth() + 1) / 1000
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
