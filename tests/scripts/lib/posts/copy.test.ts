import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readMonthDigests } from '../../../../scripts/lib/posts/month-digests.ts'
import { makePosts } from '../../../../scripts/lib/posts/open-posts.ts'
import { readSources } from '../../../../scripts/lib/posts/sources.ts'
import { main } from '../../../../scripts/main.ts'
import {
	CLICKHOUSE_TOKEN,
	type ClickHouseServer,
	hasClickHouse,
	startClickHouse,
} from '../../../fixtures/clickhouse-server.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const ALL = { from: null, until: null }
const corpus = makeCorpus({ postsPerSubreddit: 50, from: 1_368_000_000, until: 1_371_000_000 })

/** Posts of many sources that began in the same second, one of them damaged. */
async function withPosts(): Promise<TestEffects> {
	const effects = await testEffects()
	const store = await makePosts(effects)
	const now = new Date('2013-07-01T00:00:00Z')
	for (let part = 0; part < 40; part += 1) {
		const source = await store.openSource(`part ${part}.zst`, now)
		const posts = corpus.slice(part * 10, (part + 1) * 10)
		await store.write(
			posts.map((post, index) => ({ ...post, retrieved_utc: index % 2 ? 1_372_000_000 : null })),
			source,
		)
		const problem = part === 3 ? 'cut off' : null
		if (part !== 4) await store.closeSource(source, { problem, now })
	}
	store.close()
	return effects
}

async function describePosts(effects: TestEffects) {
	const sources = (await readSources(effects)).map(({ id: _, ...source }) => source)
	const store = await makePosts(effects)
	const stored = []
	for await (const page of store.readStored())
		stored.push(...page.map(({ source: _, ...post }) => post))
	store.close()
	const byName = sources.sort((one, other) => (one.name < other.name ? -1 : 1))
	return { sources: byName, stored, digests: await readMonthDigests(ALL, effects) }
}

async function copy(effects: TestEffects, url: string, token = ''): Promise<unknown> {
	const env = { ...effects.env, WHICHSUB_TO_TOKEN: token }
	const args = ['posts', 'copy', '--to', url, '--json']
	expect(await main(args, { ...effects, env })).toBe(0)
	return JSON.parse(effects.said.out.pop() ?? '')
}

async function newFile(): Promise<string> {
	return pathToFileURL(join(await temporaryFolder(), 'copy.db')).href
}

describe('posts copy', () => {
	it('brings posts and sources into another file, and adds nothing the second time', async () => {
		const effects = await withPosts()
		const url = await newFile()
		expect(await copy(effects, url)).toEqual({ read: 400, added: 400, corrected: 0, known: 0 })
		const other = await testEffects({ env: { WHICHSUB_DATABASE_URL: url } })
		expect(await describePosts(other)).toEqual(await describePosts(effects))
		expect(await copy(effects, url)).toEqual({ read: 400, added: 0, corrected: 0, known: 400 })
		expect(await describePosts(other)).toEqual(await describePosts(effects))
	})

	it('brings the same posts when it is made again after Ctrl-C, and after a kill', async () => {
		const posts = makeCorpus({
			postsPerSubreddit: 4_000,
			from: 1_368_000_000,
			until: 1_371_000_000,
		})
		const effects = await testEffects()
		const store = await makePosts(effects)
		const source = await store.openSource('all.zst', new Date('2013-07-01T00:00:00Z'))
		await store.write(
			posts.map((post) => ({ ...post, retrieved_utc: null })),
			source,
		)
		store.close()
		const [stopped, killed] = [await temporaryFolder(), await temporaryFolder()]
		const stop = new AbortController()
		let hours = 0
		const outcome = await main(
			['posts', 'copy', '--to', pathToFileURL(join(stopped, 'posts.db')).href],
			{
				...effects,
				signal: stop.signal,
				// Progress is told each time it may be.
				now: () => new Date(Date.UTC(2013, 0, 1, ++hours)),
				err: (text) => {
					if (!text.startsWith('copy') || stop.signal.aborted) return
					stop.abort()
					// What a kill at this moment would leave.
					for (const name of readdirSync(stopped))
						copyFileSync(join(stopped, name), join(killed, name))
				},
			},
		)
		expect(outcome).not.toBe(0)
		const expected = await describePosts(effects)
		for (const folder of [stopped, killed]) {
			const url = pathToFileURL(join(folder, 'posts.db')).href
			const { added, known } = (await copy(effects, url)) as { added: number; known: number }
			expect(known).toBeGreaterThan(0)
			expect(added).toBeGreaterThan(0)
			expect(added + known).toBe(posts.length)
			const other = await testEffects({ env: { WHICHSUB_DATABASE_URL: url } })
			expect(await describePosts(other)).toEqual(expected)
		}
	})

	it('does not copy a database into itself', async () => {
		const effects = await withPosts()
		const url = pathToFileURL(join(effects.dataDir, 'posts.db')).href
		expect(await main(['posts', 'copy', '--to', url], effects)).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(/the posts are there already/)
	})
})

describe.skipIf(!hasClickHouse)('posts copy with ClickHouse', () => {
	let server: ClickHouseServer
	beforeAll(async () => {
		server = await startClickHouse()
	})
	afterAll(() => server?.close())
	beforeEach(() => server.clear())

	it('brings posts there and back', async () => {
		const effects = await withPosts()
		const counts = { read: 400, added: 400, corrected: 0, known: 0 }
		expect(await copy(effects, server.url, CLICKHOUSE_TOKEN)).toEqual(counts)
		const env = { WHICHSUB_DATABASE_URL: server.url, WHICHSUB_DATABASE_TOKEN: CLICKHOUSE_TOKEN }
		const remote = await testEffects({ env })
		expect(await describePosts(remote)).toEqual(await describePosts(effects))
		const url = await newFile()
		expect(await copy(remote, url)).toEqual(counts)
		const back = await testEffects({ env: { WHICHSUB_DATABASE_URL: url } })
		expect(await describePosts(back)).toEqual(await describePosts(effects))
	})

	it('leaves each with posts of which the same snapshot is made, byte for byte', async () => {
		const effects = await testEffects()
		const store = await makePosts(effects)
		const posts = makeCorpus({ postsPerSubreddit: 400, from: 1_368_000_000, until: 1_371_000_000 })
		const source = await store.openSource('all.zst', new Date('2013-07-01T00:00:00Z'))
		await store.write(
			posts.map((post) => ({ ...post, retrieved_utc: null })),
			source,
		)
		store.close()
		await copy(effects, server.url, CLICKHOUSE_TOKEN)
		const env = { WHICHSUB_DATABASE_URL: server.url, WHICHSUB_DATABASE_TOKEN: CLICKHOUSE_TOKEN }
		const remote = await testEffects({ env })
		const url = await newFile()
		await copy(remote, url)
		const back = await testEffects({ env: { WHICHSUB_DATABASE_URL: url } })
		const [one, ...others] = [
			await readSnapshot(effects),
			await readSnapshot(remote),
			await readSnapshot(back),
		]
		expect(Object.keys(one ?? {})).toContain('train.txt')
		expect(others).toEqual([one, one])
	})
})

/** Every file of a snapshot of all posts. */
async function readSnapshot(effects: TestEffects): Promise<Record<string, string>> {
	expect(await main(['snapshot', '--json'], effects)).toBe(0)
	const { dir } = JSON.parse(effects.said.out.pop() ?? '') as { dir: string }
	return Object.fromEntries(
		readdirSync(dir)
			.sort()
			.map((name) => [name, readFileSync(join(dir, name), 'latin1')]),
	)
}
