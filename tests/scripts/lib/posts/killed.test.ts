// `ingest` killed in the middle of a batch, wherever that is: what it leaves in SQLite and in ClickHouse, and what another run
// makes of it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Effects } from '../../../../scripts/lib/effects.ts'
import { POSTS } from '../../../../scripts/lib/posts/clickhouse/tables.ts'
import { ingest } from '../../../../scripts/lib/posts/ingest.ts'
import { readMonthDigests } from '../../../../scripts/lib/posts/month-digests.ts'
import { monthOf } from '../../../../scripts/lib/posts/month-of.ts'
import { makePosts } from '../../../../scripts/lib/posts/open-posts.ts'
import type { Post } from '../../../../scripts/lib/posts/post.ts'
import {
	CLICKHOUSE_TOKEN,
	type ClickHouseServer,
	hasClickHouse,
	startClickHouse,
} from '../../../fixtures/clickhouse-server.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { compileOddDisk, oddDisk } from '../../../fixtures/odd-disk.ts'

const ALL = { from: null, until: null }

/** Three months, so that each batch has posts of several. */
const makePostsOf = (count: number) =>
	makeCorpus({
		postsPerSubreddit: count / 8,
		from: Date.UTC(2013, 0) / 1000,
		until: Date.UTC(2013, 3) / 1000,
	})
		// Each batch of all months, too.
		.map((post, place, all) => {
			const other = all[(place * 7919) % all.length]
			return { ...post, created_utc: other?.created_utc ?? post.created_utc }
		})

function formatCsv(posts: readonly Post[]): string {
	const names = ['id', 'created_utc', 'subreddit', 'title'] as const
	const lines = posts.map((post) => names.map((name) => post[name]).join())
	return [names.join(), ...lines, ''].join('\n')
}

interface Adapter {
	readonly name: string
	readonly isThere: boolean
	/** So many posts: several batches. */
	readonly posts: number
	readonly batchPosts: number
	/** How often it is killed. */
	readonly runs: number
	/** Where in its work the process is killed. */
	readonly place: fc.Arbitrary<{ readonly write: number; readonly bytes: number }>
	/** Effects with no posts. */
	make(): Promise<Effects>
	/** Starts `ingest`, which is killed at this place. */
	start(
		file: string,
		place: { readonly write: number; readonly bytes: number },
		effects: Effects,
	): Promise<ChildProcess>
}

let server: ClickHouseServer
beforeAll(async () => {
	if (hasClickHouse) server = await startClickHouse()
})
afterAll(() => server?.close())

const inSqlite: Adapter = {
	name: 'SQLite (needs cc on Linux)',
	isThere: compileOddDisk(),
	posts: 20_000,
	batchPosts: 5_000,
	runs: 4,
	// The tables take the first; four batches end behind the last.
	place: fc.record({ write: fc.integer({ min: 60, max: 550 }), bytes: fc.constant(0) }),
	make: () => testEffects(),
	start: async (file, { write }, { dataDir }) =>
		startIngest(file, dataDir, oddDisk(dataDir, { ODD_KILL: `${write}` })),
}

const inClickHouse: Adapter = {
	name: 'ClickHouse',
	isThere: hasClickHouse,
	posts: 52_000,
	batchPosts: 50_000,
	runs: 2,
	// The first insert has some 5 MB: behind them all, the process does not hear that they were taken.
	place: fc.record({
		write: fc.integer({ min: 1, max: 2 }),
		bytes: fc.integer({ min: 1, max: 8_000_000 }),
	}),
	async make() {
		await server.clear()
		const env = { WHICHSUB_DATABASE_URL: server.url, WHICHSUB_DATABASE_TOKEN: CLICKHOUSE_TOKEN }
		return testEffects({ env: { ...env, PATH: process.env.PATH } })
	},
	async start(file, place, { dataDir, env }) {
		let child: ChildProcess | null = null
		const kill = () => void child?.kill('SIGKILL')
		const url = await startProxy(server.url, place, kill)
		child = await startIngest(file, dataDir, { ...env, WHICHSUB_DATABASE_URL: url })
		return child
	},
}

async function startIngest(
	file: string,
	dataDir: string,
	env: Readonly<Record<string, string | undefined>>,
): Promise<ChildProcess> {
	const args = [await compiled('scripts/cli.ts'), '--data', dataDir, 'ingest', file]
	return spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'ignore' })
}

/** Passes on what it is sent, and kills who sends a certain insert: behind so many of its bytes, or before it has its answer. */
async function startProxy(
	target: string,
	{ write, bytes }: { readonly write: number; readonly bytes: number },
	kill: () => void,
): Promise<string> {
	const { hostname, port, pathname } = new URL(target)
	let inserts = 0
	const pass = async (from: IncomingMessage, to: ServerResponse) => {
		const query = new URL(from.url ?? '', 'http://localhost').searchParams.get('query') ?? ''
		if (query.startsWith(`INSERT INTO ${POSTS} `)) inserts += 1
		const isLast = inserts === write && query !== ''
		const { method, url: path, headers } = from
		const onward = request({ hostname, port, method, path, headers }, (answer) => {
			if (isLast) kill()
			to.writeHead(answer.statusCode ?? 500, answer.headers)
			answer.pipe(to)
		})
		onward.on('error', () => to.destroy())
		let sent = 0
		try {
			for await (const chunk of from as AsyncIterable<Buffer>) {
				onward.write(chunk)
				sent += chunk.length
				if (isLast && sent >= bytes) kill()
			}
			onward.end()
		} catch {
			// Whoever was killed sends no more, and the server hears of it.
			onward.destroy()
		}
	}
	const proxy = createServer((from, to) => void pass(from, to))
	await new Promise<void>((go) => proxy.listen(0, '127.0.0.1', go))
	closers.push(() => void proxy.close().closeAllConnections())
	return `clickhouse+http://127.0.0.1:${(proxy.address() as AddressInfo).port}${pathname}`
}

const closers: (() => void)[] = []
afterAll(() => {
	for (const close of closers) close()
})

/** All that is stored of posts, and what is counted of them, wherever they are. */
async function readAll(effects: Effects) {
	const store = await makePosts(effects)
	try {
		const stored = []
		for await (const page of store.readStored())
			stored.push(...page.map(({ source: _, ...post }) => post))
		const months = (await store.readMonths(ALL)).map(({ month, posts }) => [month, posts])
		const counts = await store.readCounts()
		return { stored, months, counts, digests: await readMonthDigests(ALL, effects) }
	} finally {
		store.close()
	}
}

describe.each([inSqlite, inClickHouse])('ingest into $name', (adapter) => {
	it.skipIf(!adapter.isThere)(
		'leaves whole batches, and their counts, when it is killed within one; the next run adds the rest',
		async () => {
			const posts = makePostsOf(adapter.posts)
			// Of a table each row comes by itself, so that every batch has the same number.
			const file = join(await temporaryFolder(), 'posts.csv')
			await writeFile(file, formatCsv(posts))
			const whole = await adapter.make()
			await ingest({ files: [file], over18: false }, whole)
			const expected = await readAll(whole)
			expect(expected.stored).toHaveLength(adapter.posts)
			await fc.assert(
				fc.asyncProperty(adapter.place, async (place) => {
					const effects = await adapter.make()
					const child = await adapter.start(file, place, effects)
					expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])

					const left = await readAll(effects)
					const { length: known } = left.stored
					// All, where it was killed before it heard that the last batch was taken, which is smaller.
					if (known !== adapter.posts) expect(known % adapter.batchPosts).toBe(0)
					const months = new Map<string, number>()
					for (const { created_utc } of left.stored)
						months.set(monthOf(created_utc), (months.get(monthOf(created_utc)) ?? 0) + 1)
					expect(left.months).toEqual([...months].sort())

					const { counts } = await ingest({ files: [file], over18: false }, effects)
					expect(counts).toMatchObject({ added: adapter.posts - known, known, corrected: 0 })
					expect(JSON.stringify(await readAll(effects)) === JSON.stringify(expected)).toBe(true)
				}),
				{ numRuns: adapter.runs, endOnFailure: true },
			)
		},
	)
})
