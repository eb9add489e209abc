// What people see of posts in ClickHouse: commands from the first to the last, and what goes wrong.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { ingest } from '../../../../scripts/lib/posts/ingest.ts'
import { openPosts } from '../../../../scripts/lib/posts/open-posts.ts'
import { main } from '../../../../scripts/main.ts'
import {
	CLICKHOUSE_TOKEN,
	type ClickHouseServer,
	hasClickHouse,
	startClickHouse,
} from '../../../fixtures/clickhouse-server.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { formatNdjson, makeCorpus } from '../../../fixtures/corpus.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { usePipeline } from '../../../fixtures/pipeline.ts'
import { createHarness, stopAt } from '../collect/harness.ts'

const corpus = makeCorpus({ postsPerSubreddit: 400, from: 1_368_000_000, until: 1_371_000_000 })

const copyPipeline = usePipeline()

async function onServer(url: string, token = CLICKHOUSE_TOKEN) {
	return testEffects({ env: { WHICHSUB_DATABASE_URL: url, WHICHSUB_DATABASE_TOKEN: token } })
}

/** 0 before there is a table. */
async function countPosts(effects: TestEffects): Promise<number> {
	const store = await openPosts(effects).catch(() => null)
	const count = await store?.count({ from: null, until: null })
	store?.close()
	return count ?? 0
}

async function writeInput(posts: readonly object[]): Promise<string> {
	const path = join(await temporaryFolder(), 'posts.ndjson')
	await writeFile(path, formatNdjson(posts))
	return path
}

describe.skipIf(!hasClickHouse)('posts in ClickHouse', () => {
	let server: ClickHouseServer
	beforeAll(async () => {
		server = await startClickHouse()
	})
	afterAll(() => server?.close())
	beforeEach(() => server.clear())

	it('give the snapshot that SQLite gives, byte for byte, whoever ingested what', async () => {
		const local = await testEffects()
		await ingest({ files: [await writeInput(corpus)], over18: false }, local)
		const remote = await onServer(server.url)
		const parts = [corpus.slice(1500), corpus.slice(0, 2000)]
		for (const part of parts)
			await ingest({ files: [await writeInput(part)], over18: false }, remote)
		const told = []
		for (const effects of [local, remote]) {
			expect(await main(['snapshot', '--json'], effects)).toBe(0)
			const { hash, files } = JSON.parse(effects.said.out.at(-1) ?? '')
			told.push({ hash, files })
			effects.said.out.length = 0
			for (const command of [
				['posts', 'stats', '--json'],
				['run', 'snapshot', '--dry-run'],
			])
				expect(await main(command, effects)).toBe(0)
			told.push(effects.said.out)
		}
		expect(told.slice(2)).toEqual(told.slice(0, 2))
	})

	it('are what run and drift read, which say of them what they say of those in SQLite', async () => {
		const july = { from: Date.UTC(2013, 6) / 1000, until: Date.UTC(2013, 7) / 1000 }
		const posts = makeCorpus({ postsPerSubreddit: 30, ...july, seed: 9, idPrefix: 'n' })
		const told = []
		for (const isRemote of [false, true]) {
			const local = await copyPipeline()
			const env = { ...local.env, ...(await onServer(server.url)).env }
			const copying = { ...local, env: { ...local.env, WHICHSUB_TO_TOKEN: CLICKHOUSE_TOKEN } }
			expect(await main(['posts', 'copy', '--to', server.url], copying)).toBe(0)
			const effects = isRemote ? { ...local, env } : local
			const say = async (...args: string[]) => {
				local.said.out.length = 0
				expect(await main([...args, '--json'], effects), local.said.err.at(-1)).toBe(0)
				return JSON.parse(local.said.out.join('\n')) as object
			}
			const run = async () => {
				const { steps } = (await say('run', 'snapshot')) as {
					steps: readonly { step: string; ending: string; why: unknown }[]
				}
				return steps.map(({ step, ending, why }) => ({ step, ending, why }))
			}
			const before = [await run(), await run()]
			await say('ingest', await writeInput(posts))
			const drift = await say('drift', '--release', 'production', '--current', 'database')
			told.push({ before, drift, after: await run() })
		}
		expect(told[0]?.before.map((steps) => steps.map(({ ending }) => ending))).toEqual([
			['ran'],
			['unchanged'],
		])
		expect(JSON.stringify(told[0]?.after)).toContain('2013-07')
		expect(told[1]).toEqual(told[0])
	})

	it('are written to, corrected and read in tables of before, which have scores', async () => {
		await server.run(`CREATE TABLE whichsub_posts (id String, created_utc UInt32, subreddit LowCardinality(String),
			title String, score Int64, num_comments UInt64, over_18 UInt8, retrieved_utc Nullable(UInt32), source_id UInt64,
			gone UInt8, version UInt64) ENGINE = ReplacingMergeTree(version)
			PARTITION BY toYYYYMM(toDateTime(created_utc, 'UTC')) ORDER BY id`)
		await server.run(`INSERT INTO whichsub_posts
			VALUES ('old', 1368000000, 'pics', 'An old title', 7, 3, 0, NULL, 1, 0, 4294967296)`)
		const effects = await onServer(server.url)
		const old = { id: 'old', created_utc: 1_368_000_000, subreddit: 'pics', over_18: false }
		const posts = [...corpus, { ...old, title: 'Another title' }]
		const { counts } = await ingest({ files: [await writeInput(posts)], over18: false }, effects)
		expect(counts).toMatchObject({ read: 3_201, added: 3_200, corrected: 1 })
		expect(await main(['posts', 'prune', '--keep-newest', '100', '--json'], effects)).toBe(0)
		const store = await openPosts(effects)
		const stored = []
		for await (const page of store.readStored()) stored.push(...page)
		store.close()
		expect(stored).toHaveLength(801)
		expect(stored).toContainEqual({
			...{ ...old, title: 'Another title', retrieved_utc: null, source: expect.anything() },
		})
	})

	it('are listed by source, forgotten and pruned', async () => {
		const effects = await onServer(server.url)
		await ingest({ files: [await writeInput(corpus)], over18: false }, effects)
		expect(await main(['posts', 'prune', '--keep-newest', '100', '--json'], effects)).toBe(0)
		expect(JSON.parse(effects.said.out.pop() ?? '')).toEqual({ pruned: 2_400, kept: 800 })
		expect(await main(['posts', 'sources', '--json'], effects)).toBe(0)
		const [source] = JSON.parse(effects.said.out.pop() ?? '')
		expect(source).toMatchObject({ name: 'posts.ndjson', posts: 800, problem: null })
		expect(await main(['posts', 'forget', '--source', `${source.id}`, '--json'], effects)).toBe(0)
		expect(JSON.parse(effects.said.out.pop() ?? '')).toEqual({ forgotten: 800, kept: 0 })
	})

	it('keep no more of each subreddit than ingest is told to', async () => {
		const effects = await onServer(server.url)
		const files = [await writeInput(corpus)]
		const { counts } = await ingest({ files, over18: false, select: { perSubreddit: 50 } }, effects)
		expect(counts).toMatchObject({ read: 3_200, added: 400, beyond: 2_800 })
		expect(await main(['posts', 'stats', '--json'], effects)).toBe(0)
		expect(JSON.parse(effects.said.out.pop() ?? '')).toMatchObject({ posts: 400 })
	})

	it('are whole after ingest was killed between its batches and started again', async () => {
		const effects = await onServer(server.url)
		const posts = Array.from({ length: 120_000 }, (_, index) => ({
			...corpus[index % corpus.length],
			id: `k${index.toString(36)}`,
			title: `title number ${index}`,
		}))
		const file = await writeInput(posts)
		const args = [await compiled('scripts/cli.ts'), '--data', effects.dataDir, 'ingest', file]
		const child = spawn(process.execPath, args, { env: { ...process.env, ...effects.env } })
		await expect.poll(() => countPosts(effects)).toBeGreaterThan(0)
		child.kill('SIGKILL')
		await once(child, 'close')
		const left = await countPosts(effects)
		const { counts } = await ingest({ files: [file], over18: false }, effects)
		expect(counts).toMatchObject({ read: 120_000, corrected: 0 })
		expect(counts.added + counts.known).toBe(120_000)
		expect(counts.known).toBeGreaterThanOrEqual(left)
		expect(await countPosts(effects)).toBe(120_000)
	})

	it('are collected there, and what collectors remember is beside them', async () => {
		const harness = await createHarness()
		const { env } = await onServer(server.url)
		const effects = { ...harness.effects, env }
		harness.world.add('alpha', 250)
		harness.world.add('beta', 120)
		await harness.subreddits()
		const stopped = harness.posts({}, { ...effects, signal: stopAt(harness, 3).signal })
		await expect(stopped).rejects.toThrow('stopped on request')
		const report = await harness.posts({}, effects)
		expect(report.subreddits).toMatchObject({ finished: 2, left: 0 })
		const store = await openPosts(effects)
		const ids: string[] = []
		for await (const page of store.readPages({ from: null, until: null }))
			ids.push(...page.map(([id]) => id))
		store.close()
		expect(ids).toEqual(harness.world.listedIds())
		expect(await harness.ids()).toEqual([])
		expect(
			await harness.query('SELECT name FROM subreddits WHERE finished_run IS NOT NULL'),
		).toHaveLength(2)
	})

	it('are not opened with another password, which is not shown', async () => {
		const effects = await onServer(server.url, 'another-token')
		expect(await main(['posts', 'stats'], effects)).toBe(1)
		expect(effects.said.err.join()).toMatch(
			/refused the user or the token: .*WHICHSUB_DATABASE_TOKEN/,
		)
		expect(effects.said.err.join()).not.toContain('another-token')
	})
})

describe('posts in ClickHouse', () => {
	it('are said to be out of reach where nobody answers', async () => {
		const effects = await onServer('clickhouse+http://127.0.0.1:9/default')
		expect(await main(['posts', 'stats'], effects)).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(/^whichsub: database did not answer: clickhouse\+http:/)
	})

	it('are not reached by an URL with a password', async () => {
		const effects = await onServer('clickhouse://me:secret@localhost/posts')
		expect(await main(['posts', 'stats'], effects)).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(/carries a password: .*WHICHSUB_DATABASE_TOKEN$/)
		expect(effects.said.err.join()).not.toContain('secret')
	})

	it.each([
		[241, 'out of memory'],
		[243, 'disk of ClickHouse is full'],
		[81, 'no such database'],
	])('say what is wrong with the server: error %i', async (code, message) => {
		const failing = createServer((_, response) => {
			response.writeHead(500, { 'X-ClickHouse-Exception-Code': code })
			response.end(`Code: ${code}. DB::Exception: Something. (SOME_NAME) (version 26.7)`)
		})
		await new Promise<void>((go) => failing.listen(0, '127.0.0.1', go))
		onTestFinished(() => void failing.close())
		const { port } = failing.address() as AddressInfo
		const effects = await onServer(`clickhouse+http://127.0.0.1:${port}`)
		expect(await main(['posts', 'stats'], effects)).toBe(1)
		expect(effects.said.err.at(-1)).toContain(message)
	})
})
