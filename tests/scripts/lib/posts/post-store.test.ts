// What holds of posts holds wherever they are: the same behaviours of SQLite and of ClickHouse.
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { readMonthDigests } from '../../../../scripts/lib/posts/month-digests.ts'
import { monthOf } from '../../../../scripts/lib/posts/month-of.ts'
import { makePosts, openPosts } from '../../../../scripts/lib/posts/open-posts.ts'
import { packPosts } from '../../../../scripts/lib/posts/packed-posts.ts'
import type { KeptPost, Withdrawal } from '../../../../scripts/lib/posts/parse-row.ts'
import type { PostStore, Window } from '../../../../scripts/lib/posts/post-store.ts'
import {
	CLICKHOUSE_TOKEN,
	type ClickHouseServer,
	hasClickHouse,
	startClickHouse,
} from '../../../fixtures/clickhouse-server.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'

const ALL = { from: null, until: null }
const DAY = 86_400
const JANUARY = Date.UTC(2013, 0) / 1000
const at = (day: number) => JANUARY + day * DAY
const NOW = new Date('2013-07-01T00:00:00Z')

const post = (id: string, change: Partial<KeptPost> = {}): KeptPost => ({
	id,
	created_utc: at(1),
	subreddit: 'pics',
	title: `title of ${id}`,
	over_18: false,
	retrieved_utc: null,
	...change,
})
const deleted = (id: string, retrieved_utc: number | null = null): Withdrawal => ({
	...{ id, retrieved_utc, reason: 'deleted' },
})

let server: ClickHouseServer
beforeAll(async () => {
	if (hasClickHouse) server = await startClickHouse()
})
afterAll(() => server?.close())
beforeEach(() => server?.clear())

const ADAPTERS = [
	{ name: 'SQLite', isThere: true, effects: () => testEffects() },
	{ name: 'ClickHouse', isThere: hasClickHouse, effects: inClickHouse },
]

function inClickHouse(): Promise<TestEffects> {
	const env = { WHICHSUB_DATABASE_URL: server.url, WHICHSUB_DATABASE_TOKEN: CLICKHOUSE_TOKEN }
	return testEffects({ env })
}

async function open(effects: TestEffects): Promise<PostStore> {
	const store = await makePosts(effects)
	onTestFinished(() => store.close())
	return store
}

async function all<Row>(pages: AsyncIterable<Row[]>): Promise<Row[]> {
	const rows: Row[] = []
	for await (const page of pages) rows.push(...page)
	return rows
}

async function ids(store: PostStore, window: Window): Promise<string[]> {
	return (await all(store.readPages(window))).map(([id]) => id)
}

describe.each(ADAPTERS.filter(({ isThere }) => isThere))('posts in $name', ({ effects: make }) => {
	it('are not there before somebody writes some', async () => {
		await expect(openPosts(await make())).rejects.toThrow('no posts yet')
	})

	it('come back as they were written, by id', async () => {
		const store = await open(await make())
		expect(await store.isEmpty()).toBe(true)
		const source = await store.openSource('one', NOW)
		const odd = { title: 'ä "\\\' \n\t\u0000 \ud800 😀', over_18: true }
		const posts = [post('b', { ...odd, retrieved_utc: 5 }), post('a9'), post('a')]
		expect(await store.write(posts, source)).toEqual({ added: 3, corrected: 0, known: 0 })
		const title = odd.title.replace('\u0000', '\ufffd').replace('\ud800', '\ufffd')
		expect(await all(store.readStored())).toEqual([
			{ ...post('a'), source },
			{ ...post('a9'), source },
			{ ...post('b'), ...odd, title, retrieved_utc: 5, source },
		])
		expect(await all(store.readPages(ALL))).toEqual([
			['a', at(1), 'pics', 'title of a'],
			['a9', at(1), 'pics', 'title of a9'],
			['b', at(1), 'pics', title],
		])
		expect(await store.isEmpty()).toBe(false)
	})

	it('are counted in any window, whether it cuts months or not', async () => {
		const store = await open(await make())
		const source = await store.openSource('one', NOW)
		const days = [0, 1, 30, 31, 45, 59, 60, 61, 95]
		await store.write(
			days.map((day) => post(`p${day}`, { created_utc: at(day) })),
			source,
		)
		await store.remove(['p45'], ['one'])
		// January ends at 31, and February at 59.
		const ends = [null, at(0), at(31), at(31) + 1, at(45), at(59) - 1, at(59)]
		for (const from of ends)
			for (const until of ends)
				if (from === null || until === null || from < until)
					expect(await store.count({ from, until })).toBe(
						(await ids(store, { from, until })).length,
					)
	})

	it.each(['plain', 'packed'])(
		'are written once, %s, whatever versions come together',
		async (how) => {
			const store = await open(await make())
			const source = await store.openSource('one', NOW)
			const write = (posts: readonly KeptPost[]) =>
				how === 'packed'
					? store.writePacked({ count: posts.length, bytes: packPosts(posts) }, source)
					: store.write(posts, source)
			const versions = [
				post('b', { retrieved_utc: 5, title: 'é' }),
				post('a', { retrieved_utc: 7, title: 'newer' }),
				post('a', { retrieved_utc: 6, title: 'older' }),
				post('c'),
			]
			expect(await write(versions.slice(0, 1))).toEqual({ added: 1, corrected: 0, known: 0 })
			expect(await write(versions)).toEqual({ added: 2, corrected: 0, known: 2 })
			expect(await write([post('b', { retrieved_utc: 9 })])).toMatchObject({ corrected: 1 })
			expect(await all(store.readStored())).toMatchObject([
				{ ...post('a'), retrieved_utc: 7, title: 'newer' },
				{ ...post('b'), retrieved_utc: 9 },
				post('c'),
			])
		},
	)

	it('are corrected by what was retrieved later, or does not say when', async () => {
		const store = await open(await make())
		const source = await store.openSource('one', NOW)
		const other = await store.openSource('two', NOW)
		await store.write([post('a', { retrieved_utc: 50 }), post('b')], source)
		const older = [post('a', { retrieved_utc: 40, title: 'older' }), post('b')]
		expect(await store.write(older, other)).toEqual({ added: 0, corrected: 0, known: 2 })
		const newer = [post('a', { retrieved_utc: 60, title: 'newer' })]
		expect(await store.write(newer, other)).toEqual({ added: 0, corrected: 1, known: 0 })
		await store.write([post('a', { title: 'undated' })], source)
		expect(await all(store.readStored())).toMatchObject([
			{ id: 'a', title: 'undated', retrieved_utc: 60, source },
			{ id: 'b', source },
		])
	})

	it('leave a month when they are corrected to another', async () => {
		const store = await open(await make())
		const source = await store.openSource('one', NOW)
		await store.write([post('a'), post('b')], source)
		await store.write([post('a', { created_utc: at(70) })], source)
		const [january, march] = [
			{ from: at(0), until: at(31) },
			{ from: at(59), until: at(90) },
		]
		expect(await ids(store, january)).toEqual(['b'])
		expect(await ids(store, march)).toEqual(['a'])
		expect(await store.count(ALL)).toBe(2)
		expect((await store.readMonths(ALL)).map(({ month, posts }) => [month, posts])).toEqual([
			['2013-01', 1],
			['2013-03', 1],
		])
	})

	it('are withdrawn by the same rule, and can come back', async () => {
		const store = await open(await make())
		const source = await store.openSource('one', NOW)
		await store.write([post('a', { retrieved_utc: 50 }), post('b', { over_18: true })], source)
		expect(await store.withdraw([deleted('a', 40), deleted('none')])).toBe(0)
		expect(await store.withdraw([{ id: 'b', retrieved_utc: null, reason: 'over18' }])).toBe(0)
		expect(await store.withdraw([deleted('a', 50), deleted('b')])).toBe(2)
		expect(await store.isEmpty()).toBe(true)
		const old = [post('a', { retrieved_utc: 10 })]
		expect(await store.write(old, source)).toEqual({ added: 1, corrected: 0, known: 0 })
		expect(await store.count(ALL)).toBe(1)
	})

	it('go with the source that is forgotten, whatever was there before', async () => {
		const store = await open(await make())
		const first = await store.openSource('first', NOW)
		await store.write([post('a'), post('b'), post('c')], first)
		const second = await store.openSource('second', NOW)
		await store.write([post('b', { title: 'changed' })], second)
		await store.closeSource(second, { problem: 'cut off', now: new Date(NOW.getTime() + 5_000) })
		const [newest, oldest] = await store.readSources()
		const sources = [newest, oldest].sort((one, other) =>
			(one?.name ?? '') < (other?.name ?? '') ? -1 : 1,
		)
		const started = NOW.getTime() / 1000
		expect(sources).toEqual([
			{ id: first, name: 'first', started, finished: null, problem: null, posts: 2 },
			{ id: second, name: 'second', started, finished: started + 5, problem: 'cut off', posts: 1 },
		])
		expect(await store.forgetSources([second])).toBe(1)
		expect((await store.readSources()).map(({ name }) => name)).toEqual(['first'])
		expect(await ids(store, ALL)).toEqual(['a', 'c'])
	})

	it('are removed by id, of the files that are named only', async () => {
		const store = await open(await make())
		await store.write([post('a'), post('b')], await store.openSource('one.zst', NOW))
		await store.write([post('c')], await store.openSource('two.zst', NOW))
		expect(await store.remove(['a', 'c', 'none'], ['one.zst'])).toBe(1)
		expect(await ids(store, ALL)).toEqual(['b', 'c'])
	})

	it('are pruned by age, then to the newest of each subreddit, then by how many these have', async () => {
		const store = await open(await make())
		const names = ['pics', 'aww', 'rare']
		const posts = Array.from({ length: 30 }, (_, index) =>
			post(`p${index}`, {
				subreddit: names[index % 10 === 0 ? 2 : index % 2] ?? '',
				created_utc: at(index),
			}),
		)
		await store.write(posts, await store.openSource('one', NOW))
		const rules = { before: at(5), keepNewest: 4, minPosts: 3 }
		expect(await store.prune(rules, { dryRun: true })).toEqual({ pruned: 22, kept: 8 })
		expect(await store.count(ALL)).toBe(30)
		expect(await store.prune(rules, { dryRun: false })).toEqual({ pruned: 22, kept: 8 })
		expect(await ids(store, ALL)).toEqual(['p22', 'p23', 'p24', 'p25', 'p26', 'p27', 'p28', 'p29'])
	})

	it('are counted by month and subreddit, and told by who is active', async () => {
		const store = await open(await make())
		const posts = [
			post('a', { subreddit: 'Pics' }),
			post('b', { created_utc: at(40) }),
			post('c', { created_utc: at(45) }),
			post('d', { created_utc: at(80), subreddit: 'AWW' }),
		]
		await store.write(posts, await store.openSource('one', NOW))
		expect(await store.readCounts()).toEqual({
			months: [
				{ month: '2013-01', posts: 1, subreddits: 1 },
				{ month: '2013-02', posts: 2, subreddits: 1 },
				{ month: '2013-03', posts: 1, subreddits: 1 },
			],
			bySubreddit: [
				{ subreddit: 'pics', posts: 2, from: '2013-02-10', until: '2013-02-15' },
				{ subreddit: 'AWW', posts: 1, from: '2013-03-22', until: '2013-03-22' },
				{ subreddit: 'Pics', posts: 1, from: '2013-01-02', until: '2013-01-02' },
			],
		})
		expect(await store.readSubreddits()).toEqual(['AWW', 'Pics', 'pics'])
		expect((await store.readActiveSubreddits(36 * DAY)).sort()).toEqual(['aww', 'pics'])
		expect(await store.readActiveSubreddits(1)).toEqual(['aww'])
	})

	it('are counted by month as they are stored, however they were written', async () => {
		const store = await open(await make())
		const source = await store.openSource('one', NOW)
		const pack = (names: string) =>
			Array.from(names, (id, place) => post(id, { created_utc: at(25 * place) }))
		const writePacked = (names: string) => {
			const posts = pack(names)
			return store.writePacked({ count: posts.length, bytes: packPosts(posts) }, source)
		}
		const stamps = new Set<string>()
		const check = async () => {
			const stored = await all(store.readStored())
			const months: Record<string, number> = {}
			for (const { created_utc } of stored)
				months[monthOf(created_utc)] = (months[monthOf(created_utc)] ?? 0) + 1
			const counted = await store.readMonths(ALL)
			const told = counted.map(({ month, posts }) => [month, posts])
			expect(Object.fromEntries(told)).toEqual(months)
			const [first] = counted
			expect(stamps.has(first?.stamp ?? '')).toBe(false)
			stamps.add(first?.stamp ?? '')
		}
		expect(await writePacked('abc')).toEqual({ added: 3, corrected: 0, known: 0 })
		await check()
		expect(await writePacked('def')).toEqual({ added: 3, corrected: 0, known: 0 })
		await check()
		expect(await writePacked('gbc')).toEqual({ added: 1, corrected: 0, known: 2 })
		await check()
		expect(await writePacked('hi')).toEqual({ added: 2, corrected: 0, known: 0 })
		await check()
		expect(await writePacked('kl')).toEqual({ added: 2, corrected: 0, known: 0 })
		await check()
		await store.write(pack('mn'), source)
		await check()
		await store.remove(['a'], ['one'])
		await check()
	})

	it('have another stamp in the months that change, and in no others', async () => {
		const store = await open(await make())
		const source = await store.openSource('one', NOW)
		const stamps = async () =>
			Object.fromEntries((await store.readMonths(ALL)).map(({ month, stamp }) => [month, stamp]))
		await store.write([post('a'), post('b', { created_utc: at(40) })], source)
		const before = await stamps()
		await store.write([post('b', { created_utc: at(40), title: 'changed' })], source)
		const after = await stamps()
		expect(after['2013-01']).toBe(before['2013-01'])
		expect(after['2013-02']).not.toBe(before['2013-02'])
		expect(await store.readMonths({ from: at(35), until: at(36) })).toMatchObject([
			{ month: '2013-02' },
		])
	})

	it('are written many at once, and known when they come again', async () => {
		const store = await open(await make())
		const source = await store.openSource('one', NOW)
		const posts = Array.from({ length: 25_000 }, (_, index) => post(`${index}`.padStart(7, 'x')))
		expect(await store.write(posts, source)).toEqual({ added: 25_000, corrected: 0, known: 0 })
		expect(await store.write(posts, source)).toEqual({ added: 0, corrected: 0, known: 25_000 })
		expect(await store.count(ALL)).toBe(25_000)
	})

	it('are written by two at the same time', async () => {
		const effects = await make()
		const [one, other] = [await open(effects), await open({ ...effects })]
		const posts = Array.from({ length: 300 }, (_, index) => post(`p${index}`))
		const write = async (store: PostStore, name: string, theirs: readonly KeptPost[]) => {
			const source = await store.openSource(name, NOW)
			for (let first = 0; first < theirs.length; first += 50)
				await store.write(theirs.slice(first, first + 50), source)
		}
		await Promise.all([
			write(one, 'one', posts.slice(0, 200)),
			write(other, 'two', posts.slice(100)),
		])
		expect(await one.count(ALL)).toBe(300)
		expect((await one.readSources()).reduce((sum, source) => sum + source.posts, 0)).toBe(300)
	})

	it('have of each post the version that was retrieved last, whatever two write at the same time', async () => {
		const batches = fc
			.uniqueArray(fc.nat(1_000), { minLength: 3, maxLength: 30 })
			.chain((times) => {
				const one = fc.record({
					id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
					subreddit: fc.constantFrom('pics', 'aww'),
					over_18: fc.boolean(),
					batch: fc.constantFrom(0, 1, 2),
				})
				const versions = times.map((retrieved_utc) =>
					one.map(({ batch, ...values }) => ({
						batch,
						// Each has its own title and time of retrieval, and a post's own time never changes.
						post: post(values.id, { ...values, title: `title ${retrieved_utc}`, retrieved_utc }),
					})),
				)
				return fc.tuple(...versions)
			})
			.map((versions) =>
				[0, 1, 2].map((number) =>
					versions.filter(({ batch }) => batch === number).map((version) => version.post),
				),
			)
		await fc.assert(
			fc.asyncProperty(batches, async ([before = [], mine = [], theirs = []]) => {
				await server?.clear()
				const effects = await make()
				const [one, other] = [await makePosts(effects), await makePosts({ ...effects })]
				try {
					await one.write(before, await one.openSource('before', NOW))
					const sources = [await one.openSource('one', NOW), await other.openSource('two', NOW)]
					await Promise.all([
						one.write(mine, sources[0] as number),
						other.write(theirs, sources[1] as number),
					])
					const newest = new Map<string, KeptPost>()
					for (const version of [...before, ...mine, ...theirs]) {
						const known = newest.get(version.id)
						if (Number(version.retrieved_utc) > Number(known?.retrieved_utc ?? -1))
							newest.set(version.id, version)
					}
					const expected = [...newest.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
					const stored = (await all(one.readStored())).map(({ source: _, ...rest }) => rest)
					expect(stored).toEqual(expected)
					const [month] = await one.readMonths(ALL)
					expect(month?.posts).toBe(expected.length)
				} finally {
					one.close()
					other.close()
				}
			}),
			{ numRuns: 10 },
		)
	})

	it('are written before what says that they are, so that a kill between the two loses nothing', async () => {
		const store = await open(await make())
		const source = await store.openSource('api', NOW)
		const fails = store.writeWith([post('a')], source, [
			{ sql: 'INSERT INTO no_such_table VALUES (1)' },
		])
		await expect(fails).rejects.toThrow('no_such_table')
		const says = [{ sql: 'CREATE TABLE said (what TEXT)' }]
		await store.writeWith([post('a')], source, says)
		expect(await store.count(ALL)).toBe(1)
		expect((await store.database.execute('SELECT * FROM said')).rows).toEqual([])
	})
})

const anyPost = fc
	.record({
		id: fc.constantFrom('a', 'b', 'c', 'd'),
		created_utc: fc.constantFrom(at(1), at(2), at(40), at(80)),
		subreddit: fc.constantFrom('pics', 'aww', 'Pics'),
		title: fc.constantFrom('one', 'two'),
		over_18: fc.boolean(),
		retrieved_utc: fc.constantFrom(null, 10, 20, 30),
	})
	.map((values): KeptPost => values)
const anyIds = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 })
const anyChange = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ write: fc.array(anyPost, { minLength: 1, maxLength: 4 }) }) },
	fc.record({
		withdraw: fc.record({
			id: fc.constantFrom('a', 'b', 'c', 'd'),
			retrieved_utc: fc.constantFrom(null, 10, 20, 30),
			reason: fc.constantFrom('deleted' as const, 'over18' as const),
		}),
	}),
	fc.record({ remove: anyIds }),
	fc.record({
		prune: fc.record({
			before: fc.constantFrom(undefined, at(2)),
			keepNewest: fc.constantFrom(undefined, 1),
		}),
	}),
	fc.record({ forget: fc.constant(true) }),
)
type Change = typeof anyChange extends fc.Arbitrary<infer Value> ? Value : never

const anyWindow = fc.record({
	from: fc.constantFrom(null, at(0), at(2), at(2) + 1, at(59)),
	until: fc.constantFrom(null, at(31), at(40), at(40) + 1, at(90)),
})
const anySeconds = fc.constantFrom(1, 38 * DAY, 39 * DAY, 100 * DAY)

describe.skipIf(!hasClickHouse)('whatever is done to posts', () => {
	it('SQLite and ClickHouse say and hold the same', async () => {
		const changes = fc.array(anyChange, { minLength: 1, maxLength: 8 })
		await fc.assert(
			fc.asyncProperty(changes, anyWindow, anySeconds, async (made, window, seconds) => {
				await server.clear()
				const told: unknown[] = []
				for (const effects of [await testEffects(), await inClickHouse()]) {
					const store = await makePosts(effects)
					try {
						const answers = await carryOut(store, made)
						const asked = await ask(store, { window, seconds })
						told.push({ answers, asked, digests: await readMonthDigests(ALL, effects) })
					} finally {
						store.close()
					}
				}
				expect(told[1]).toEqual(told[0])
			}),
			{ numRuns: 25 },
		)
	})
})

/** Each question that a command asks of posts; of sources, what does not depend on how they are numbered. */
async function ask(
	store: PostStore,
	{ window, seconds }: { readonly window: Window; readonly seconds: number },
) {
	const months = await store.readMonths(window)
	const lines = await all(store.readPages(window))
	expect(await store.count(window)).toBe(lines.length)
	return {
		isEmpty: await store.isEmpty(),
		stored: (await all(store.readStored())).map(({ source: _, ...rest }) => rest),
		lines,
		counts: await store.readCounts(),
		months: months.map(({ month, posts }) => [month, posts]),
		subreddits: await store.readSubreddits(),
		active: (await store.readActiveSubreddits(seconds)).sort(),
		sources: (await store.readSources()).map(({ name, posts, problem }) => [name, posts, problem]),
	}
}

async function carryOut(store: PostStore, changes: readonly Change[]): Promise<unknown[]> {
	const answers: unknown[] = []
	let source = await store.openSource('file', NOW)
	for (const change of changes) {
		if ('write' in change) answers.push(await store.write(change.write, source))
		else if ('withdraw' in change) answers.push(await store.withdraw([change.withdraw]))
		else if ('remove' in change) answers.push(await store.remove(change.remove, ['file']))
		else if ('prune' in change) answers.push(await store.prune(change.prune, { dryRun: false }))
		else {
			answers.push(await store.forgetSources([source]))
			source = await store.openSource('another', NOW)
		}
	}
	return answers
}
