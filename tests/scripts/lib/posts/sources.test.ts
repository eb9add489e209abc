import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createClient } from '@libsql/client'
import { describe, expect, it } from 'vitest'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import type { Source } from '../../../../scripts/lib/posts/post-store.ts'
import { openSource } from '../../../../scripts/lib/posts/sqlite/source-rows.ts'
import { main } from '../../../../scripts/main.ts'
import { formatNdjson, makeCorpus } from '../../../fixtures/corpus.ts'
import { startDatabaseServer } from '../../../fixtures/database-server.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { hasZstdProgram, packZstandard } from '../../../fixtures/zstandard.ts'

const TOKEN = 'a-secret-token'
const corpus = makeCorpus({ postsPerSubreddit: 400, from: 1_370_000_000, until: 1_371_000_000 })

async function writeInput(name: string, data: string | Uint8Array): Promise<string> {
	const path = join(await temporaryFolder(), name)
	await writeFile(path, data)
	return path
}

async function run(effects: TestEffects, ...args: readonly string[]) {
	effects.said.out.length = 0
	effects.said.err.length = 0
	return main(args, effects)
}

async function runJson(effects: TestEffects, ...args: readonly string[]): Promise<unknown> {
	expect(await run(effects, ...args, '--json')).toBe(0)
	return JSON.parse(effects.said.out.join(''))
}

async function readSources(effects: TestEffects): Promise<Source[]> {
	return (await runJson(effects, 'posts', 'sources')) as Source[]
}

async function readIds(effects: TestEffects): Promise<string[]> {
	const database = await openPostsDatabase(effects)
	const { rows } = await database.execute('SELECT id FROM posts ORDER BY id')
	database.close()
	return rows.map(({ id }) => String(id))
}

const places = [
	['a file', () => testEffects()],
	[
		'a server',
		async () => {
			const url = await startDatabaseServer({ token: TOKEN })
			return testEffects({
				env: {
					PATH: process.env.PATH,
					WHICHSUB_DATABASE_URL: url,
					WHICHSUB_DATABASE_TOKEN: TOKEN,
				},
			})
		},
	],
] as const

describe.each(places)('sources of posts in %s', (_, open) => {
	it('are the files of each run, with the posts that have their values', async () => {
		const effects = await open()
		const first = await writeInput('a.ndjson', formatNdjson(corpus.slice(0, 30)))
		const changed = corpus.slice(20, 25).map((post) => ({ ...post, title: 'Changed' }))
		const second = await writeInput('b.ndjson', formatNdjson([...changed, ...corpus.slice(30, 40)]))
		await runJson(effects, 'ingest', first)
		await runJson(effects, 'ingest', first, second)
		expect(await readSources(effects)).toMatchObject([
			{ id: 3, name: 'b.ndjson', posts: 15, problem: null },
			{ id: 2, name: 'a.ndjson', posts: 0 },
			{ id: 1, name: 'a.ndjson', posts: 25, finished: expect.any(Number) },
		])
		expect(await run(effects, 'posts', 'sources', '--top', '1')).toBe(0)
		expect(effects.said.out.join()).toMatch(
			/^source +posts +read \(UTC\) +name +state\n3 +15 +20\d\d-\d\d-\d\d \d\d:\d\d +b\.ndjson +complete\n… and 2 more; --top shows them$/,
		)
	})

	it('of a damaged file are named, and forgetting takes out exactly its posts', async () => {
		const effects = await open()
		await runJson(effects, 'ingest', await writeInput('a.ndjson', formatNdjson(corpus.slice(0, 8))))
		const packed = gzipSync(formatNdjson(corpus.slice(5)))
		const path = await writeInput('b.gz', packed.subarray(0, packed.length / 2))
		expect(await run(effects, 'ingest', path)).toBe(1)
		const [source] = await readSources(effects)
		const { posts } = source as Source
		expect(posts).toBeGreaterThan(500)
		expect(source).toMatchObject({
			id: 2,
			problem: 'file is damaged: b.gz (it is cut off); get it again',
		})
		await run(effects, 'ingest', path)
		const before = await readIds(effects)
		const dry = await runJson(effects, 'posts', 'forget', '--source', '2', '--dry-run')
		expect(dry).toEqual({ forgotten: posts, kept: 8 })
		expect(await readIds(effects)).toEqual(before)
		const gone = await runJson(effects, 'posts', 'forget', '--source', '2', '3')
		expect(gone).toEqual({ forgotten: posts, kept: 8 })
		expect(await readIds(effects)).toEqual(
			corpus
				.slice(0, 8)
				.map(({ id }) => id)
				.sort(),
		)
		expect(await readSources(effects)).toMatchObject([{ id: 1 }])
	})

	it('never share a number, not even with one that was forgotten', async () => {
		const effects = await open()
		const path = await writeInput('a.ndjson', formatNdjson(corpus.slice(0, 3)))
		await runJson(effects, 'ingest', path)
		await runJson(effects, 'posts', 'forget', '--source', '1')
		await runJson(effects, 'ingest', path)
		expect(await readSources(effects)).toMatchObject([{ id: 2, posts: 3 }])
		expect(await run(effects, 'posts', 'forget', '--source', '2', '1')).toBe(1)
		expect(effects.said.err).toEqual([
			'whichsub: no such source: 1; whichsub posts sources lists them',
		])
		expect(await readIds(effects)).toHaveLength(3)
	})

	it('are given to a database of before there were any', async () => {
		const effects = await open()
		const url = effects.env.WHICHSUB_DATABASE_URL ?? `file:${await prepareOldFile(effects)}`
		const client = createClient({ url, authToken: TOKEN })
		await client.execute(`CREATE TABLE posts (id TEXT PRIMARY KEY, created_utc INTEGER NOT NULL,
			subreddit TEXT NOT NULL, title TEXT NOT NULL, score INTEGER NOT NULL, num_comments INTEGER NOT NULL,
			over_18 INTEGER NOT NULL, retrieved_utc INTEGER, source TEXT NOT NULL, ingested_utc INTEGER NOT NULL
			) WITHOUT ROWID`)
		await client.execute(`INSERT INTO posts VALUES ('a1', 5, 'pics', 'One', 1, 2, 0, NULL, 'RS.zst', 90),
			('a2', 6, 'pics', 'Two', 1, 2, 0, 7, 'api', 80), ('a3', 5, 'pics', 'Three', 1, 2, 0, NULL, 'RS.zst', 95)`)
		client.close()
		expect(await run(effects, 'posts', 'stats')).toBe(0)
		// Several commands that open it at the same moment.
		const opened = await Promise.all([1, 2, 3].map(() => openPostsDatabase(effects)))
		for (const database of opened) database.close()
		expect(await readSources(effects)).toEqual([
			{ id: 2, name: 'RS.zst', started: 90, finished: 95, problem: null, posts: 2 },
			{ id: 1, name: 'api', started: 80, finished: 80, problem: null, posts: 1 },
		])
		const path = await writeInput('b.ndjson', formatNdjson(corpus.slice(0, 3)))
		expect(await runJson(effects, 'ingest', path)).toMatchObject({ added: 3 })
		expect(await runJson(effects, 'posts', 'forget', '--source', '2')).toEqual({
			forgotten: 2,
			kept: 4,
		})
		expect((await readIds(effects))[0]).toBe('a2')
	})
})

async function prepareOldFile(effects: TestEffects): Promise<string> {
	// The folder is made with a database; an empty file is one.
	const database = await openPostsDatabase(effects)
	await database.execute('DROP VIEW posts')
	await database.execute('DROP TABLE stored_posts')
	await database.execute('DROP TABLE post_subreddits')
	await database.execute('DROP TABLE sources')
	database.close()
	return join(effects.dataDir, 'posts.db')
}

describe('what ingest says of posts in doubt', () => {
	it('names the rows, the posts and the way out', async () => {
		const effects = await testEffects()
		const packed = gzipSync(formatNdjson(corpus))
		const path = await writeInput('b.gz', packed.subarray(0, packed.length / 2))
		expect(await run(effects, 'ingest', path)).toBe(1)
		const [{ posts } = { posts: 0 }] = await readSources(effects)
		await run(effects, 'posts', 'forget', '--source', '1')
		expect(await run(effects, 'ingest', path)).toBe(1)
		expect(effects.said.err).toContain(
			`b.gz: the ${posts.toLocaleString('en-US')} posts of its first ${posts.toLocaleString('en-US')} rows are in doubt; whichsub posts forget --source 2 removes them, and ingesting a sound copy corrects them`,
		)
	})

	it.skipIf(!hasZstdProgram)(
		'says that a file has no checksum, and doubts it where rows are broken',
		async () => {
			const effects = await testEffects()
			const whole = await writeInput('a.zst', packZstandard(formatNdjson(corpus), ['--no-check']))
			expect(await run(effects, 'ingest', whole)).toBe(0)
			expect(effects.said.err).toEqual(['a.zst: has no checksum, so damage to it may go unnoticed'])
			const text = `${formatNdjson(corpus.slice(0, 9))}no json\n`
			const broken = await writeInput(
				'b.zst',
				packZstandard(text.replaceAll('"title":"', '"title":"1'), ['--no-check']),
			)
			expect(await run(effects, 'ingest', broken)).toBe(0)
			expect(effects.said.err.at(-1)).toMatch(
				/^b\.zst: the 9 posts of its first 10 rows are in doubt; whichsub posts forget --source 2 /,
			)
			const sources = await readSources(effects)
			expect(sources.map(({ problem }) => problem)).toEqual([
				'it has no checksum; broken rows: 1',
				null,
			])
			expect(await run(effects, 'ingest', await writeInput('c.zst', packZstandard(text)))).toBe(0)
			expect(effects.said.err.join()).not.toContain('doubt')
		},
	)

	it('lists what was stopped as not read to its end', async () => {
		const effects = await testEffects()
		const database = await openPostsDatabase(effects)
		await openSource(database, 'a\u001b[31m.ndjson', effects.now())
		database.close()
		expect(await run(effects, 'posts', 'sources')).toBe(0)
		expect(effects.said.out.join()).toMatch(/a\ufffd\[31m\.ndjson +not read to its end$/)
	})
})
