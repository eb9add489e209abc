import { copyFileSync, existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '@libsql/client'
import { describe, expect, it, vi } from 'vitest'
import type { Effects } from '../../../../scripts/lib/effects.ts'
import { readMonthDigests } from '../../../../scripts/lib/posts/month-digests.ts'
import { makePosts, openPosts } from '../../../../scripts/lib/posts/open-posts.ts'
import type { StoredPost } from '../../../../scripts/lib/posts/post-store.ts'
import { BEGIN_MOVING } from '../../../../scripts/lib/posts/tables.ts'
import { main } from '../../../../scripts/main.ts'
import { startDatabaseServer } from '../../../fixtures/database-server.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'
import { holdDatabase } from '../../../fixtures/hold-database.ts'

const TOKEN = 'a-secret-token'
const ALL = { from: null, until: null }
/** More than are moved at once. */
const POSTS = 60_000

// As databases were made until 30 November 2026.
const OLD_TABLES = [
	`CREATE TABLE posts (id TEXT PRIMARY KEY, created_utc INTEGER NOT NULL, subreddit TEXT NOT NULL, title TEXT NOT NULL,
		score INTEGER NOT NULL, num_comments INTEGER NOT NULL, over_18 INTEGER NOT NULL, retrieved_utc INTEGER,
		source_id INTEGER NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE sources (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, started_utc INTEGER NOT NULL,
		finished_utc INTEGER, problem TEXT)`,
	'CREATE TABLE post_months (month TEXT PRIMARY KEY, posts INTEGER NOT NULL, stamp BLOB NOT NULL) WITHOUT ROWID',
	...[
		['post_added', 'INSERT', 'NEW', '1'],
		['post_removed', 'DELETE', 'OLD', '-1'],
		['post_changed', 'UPDATE', 'NEW', '0'],
	].map(
		([
			name,
			what,
			row,
			count,
		]) => `CREATE TRIGGER ${name} AFTER ${what} ON posts BEGIN INSERT INTO post_months
		VALUES (strftime('%Y-%m', ${row}.created_utc, 'unixepoch'), ${count}, randomblob(16))
		ON CONFLICT (month) DO UPDATE SET posts = posts + excluded.posts, stamp = excluded.stamp; END`,
	),
	`INSERT INTO sources VALUES (1, 'RS.zst', 90, 95, NULL), (2, 'api', 100, NULL, 'in doubt')`,
]

// Names that differ by case, titles with what JSON escapes, and ids whose order as text is not their order as numbers.
const FILL = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
	INSERT INTO posts SELECT 'p' || i, 1370000000 + i * 100, iif(i % 3, 'pics', 'Pics') || (i % 500),
		'title "' || i || '" ä', i, i % 7, i % 5 = 0, iif(i % 2, NULL, 1380000000 + i), 1 + i % 2 FROM n`

async function makeOld(effects: TestEffects, posts: number): Promise<void> {
	await mkdir(effects.dataDir, { recursive: true })
	const url = effects.env.WHICHSUB_DATABASE_URL ?? `file:${join(effects.dataDir, 'posts.db')}`
	const client = createClient({ url, authToken: TOKEN })
	await client.batch([...OLD_TABLES, { sql: FILL, args: [posts] }], 'write')
	client.close()
}

/** What is read of a database, and how its tables are, without changing it. */
async function read(effects: Effects) {
	const store = await openPosts(effects)
	try {
		const stored: StoredPost[] = []
		for await (const page of store.readStored()) stored.push(...page)
		const { rows } = await store.database.execute(
			`SELECT type FROM sqlite_master WHERE name = 'posts'`,
		)
		return {
			...{ stored, sources: await store.readSources(), counts: await store.readCounts() },
			months: await store.readMonths(ALL),
			digests: await readMonthDigests(ALL, effects),
			type: rows[0]?.type,
		}
	} finally {
		store.close()
	}
}

/** Opens it as each command does that writes. */
async function migrate(effects: Effects): Promise<void> {
	const store = await makePosts(effects)
	store.close()
}

/** Effects whose clock lets progress be told each time it may be. */
function impatient(effects: TestEffects, err: (text: string) => void): Effects {
	let seconds = 0
	const now = () => {
		seconds += 100
		return new Date(seconds * 1000)
	}
	return { ...effects, err, now }
}

describe('a database whose posts have ids and names of subreddits as text', () => {
	it('is read as it is, and has the same posts, months and digests when it has numbers', async () => {
		const effects = await testEffects()
		await makeOld(effects, POSTS)
		const before = await read(effects)
		expect(before).toMatchObject({ type: 'table', stored: { length: POSTS } })
		expect(effects.said.err).toEqual([])
		await migrate(effects)
		expect(effects.said.err.join('\n')).toMatch(
			/posts\.db was written by an earlier version: its 60,000 posts .* up to \d+\.\d MB beside it/,
		)
		expect(await read(effects)).toEqual({ ...before, type: 'view' })
		effects.said.err.length = 0
		await migrate(effects)
		expect(effects.said.err).toEqual([])
	})

	it('counts its months from then on', async () => {
		const effects = await testEffects()
		await makeOld(effects, 2_000)
		const prune = ['posts', 'prune', '--before', '2013-06-01', '--json']
		expect(await main([...prune, '--dry-run'], effects)).toBe(0)
		expect((await read(effects)).type).toBe('table')
		expect(await main(prune, effects)).toBe(0)
		const [dry, done] = effects.said.out.map((text) => JSON.parse(text) as unknown)
		expect(done).toEqual(dry)
		const { stored, months, type } = await read(effects)
		expect(type).toBe('view')
		expect(stored.length).toBeLessThan(2_000)
		expect(months).toMatchObject([{ month: '2013-06', posts: stored.length }])
	})

	it('stays as it was on Ctrl-C, and after a kill', async () => {
		const effects = await testEffects()
		await makeOld(effects, POSTS)
		const before = await read(effects)
		const killed = await testEffects()
		await mkdir(killed.dataDir)
		const stop = new AbortController()
		const stopping = impatient(effects, (text) => {
			if (!text.startsWith('make posts smaller')) return
			stop.abort()
			// What a kill at this moment would leave.
			for (const name of ['posts.db', 'posts.db-wal']) {
				const path = join(effects.dataDir, name)
				if (existsSync(path)) copyFileSync(path, join(killed.dataDir, name))
			}
		})
		await expect(migrate({ ...stopping, signal: stop.signal })).rejects.toThrow(
			'stopped on request',
		)
		for (const one of [effects, killed]) {
			expect(await read(one)).toEqual(before)
			await migrate(one)
			expect(await read(one)).toEqual({ ...before, type: 'view' })
		}
	})

	it('is read meanwhile, and another command that writes says that it is to be run again after', async () => {
		const effects = await testEffects()
		await makeOld(effects, 1_000)
		const before = await read(effects)
		const path = join(effects.dataDir, 'posts.db')
		// As databases are made, so that readers and a writer work side by side.
		const client = createClient({ url: pathToFileURL(path).href })
		await client.execute('PRAGMA journal_mode = WAL')
		client.close()
		const letGo = await holdDatabase(path, ['BEGIN IMMEDIATE', ...BEGIN_MOVING].join(';'))
		expect(await read(effects)).toEqual(before)
		expect(effects.said.err).toEqual([])

		// Each look at the clock is some seconds later.
		let now = Date.now()
		const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
			now += 4_000
			return now
		})
		const rows = `${JSON.stringify({ id: 'new', created_utc: 1_380_000_000, subreddit: 'pics', title: 'A boat' })}\n`
		const ingest = () =>
			main(['ingest', '-'], {
				...effects,
				stdin: (async function* () {
					yield Buffer.from(rows)
				})(),
			})
		expect(await ingest()).toBe(1)
		clock.mockRestore()
		expect(effects.said.err.at(-1)).toMatch(
			/^whichsub: database is in use: .*posts\.db; another program held it for 30 seconds: run this again when that has ended/,
		)
		expect(await read(effects)).toEqual(before)

		await letGo()
		expect(await ingest()).toBe(0)
		const after = await read(effects)
		expect(after.type).toBe('view')
		expect(after.stored).toHaveLength(1_001)
	})

	it.each(['zzzzzzzzzzz', 'A1', ''])('stays as it was where a post has the id %j', async (id) => {
		const effects = await testEffects()
		await makeOld(effects, 3)
		const client = createClient({ url: `file:${join(effects.dataDir, 'posts.db')}` })
		await client.execute({ sql: `UPDATE posts SET id = ? WHERE id = 'p1'`, args: [id] })
		const before = await read(effects)
		const refusal = await migrate(effects).catch((error: Error) => error)
		expect(String(refusal)).toMatch(
			/has 1 posts whose ids Reddit does not give, .*Nothing was changed/,
		)
		expect(await read(effects)).toEqual(before)
		await client.execute(String(refusal).replace(/^.*Take them out with: /s, ''))
		client.close()
		await migrate(effects)
		expect(await read(effects)).toMatchObject({ stored: { length: 2 }, type: 'view' })
	})

	it('is not copied where a post has an id that no key stands for', async () => {
		const effects = await testEffects()
		await makeOld(effects, 3)
		const client = createClient({ url: `file:${join(effects.dataDir, 'posts.db')}` })
		await client.execute(`UPDATE posts SET id = 'longer than 10' WHERE id = 'p1'`)
		client.close()
		const other = await testEffects()
		await mkdir(other.dataDir, { recursive: true })
		const to = `file:${join(other.dataDir, 'posts.db')}`
		expect(await main(['posts', 'copy', '--to', to], effects)).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(
			/a post whose id Reddit does not give: "longer than 10"/,
		)
		expect((await read(other)).stored).toEqual([])
	})

	it.each(['file', 'server'])('in a %s is migrated once by several commands', async (place) => {
		const url = place === 'server' ? await startDatabaseServer({ token: TOKEN }) : undefined
		const env = url ? { WHICHSUB_DATABASE_URL: url, WHICHSUB_DATABASE_TOKEN: TOKEN } : {}
		const effects = await testEffects({ env })
		await makeOld(effects, 1_000)
		const before = await read(effects)
		await Promise.all([1, 2, 3].map(() => migrate(effects)))
		expect(await read(effects)).toEqual({ ...before, type: 'view' })
	})
})
