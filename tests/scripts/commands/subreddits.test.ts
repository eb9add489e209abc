import { readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { listExecutions } from '../../../scripts/lib/pipeline/executions.ts'
import { openPostsDatabase } from '../../../scripts/lib/posts/database.ts'
import { readKnownSubreddits } from '../../../scripts/lib/subreddits/known.ts'
import { main } from '../../../scripts/main.ts'
import { readUnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { formatNdjson } from '../../fixtures/corpus.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../fixtures/effects.ts'
import { usePipeline } from '../../fixtures/pipeline.ts'

const PICS = { display_name: 'pics', id: '2qh0u', created_utc: 1_201_221_069, subscribers: 5_000 }
const CATS = { display_name: 'cats', id: 't5_2qhta', created_utc: 1_209_000_000.0, subscribers: 70 }

async function writeRows(...rows: readonly object[]): Promise<string> {
	return writeList('subreddits.ndjson', formatNdjson(rows))
}

async function writeList(name: string, text: string, changed?: string): Promise<string> {
	const path = join(await temporaryFolder(), name)
	await writeFile(path, text)
	if (changed) await utimes(path, new Date(changed), new Date(changed))
	return path
}

async function knownIn(effects: TestEffects) {
	const database = await openPostsDatabase(effects)
	const known = await readKnownSubreddits(database)
	database.close()
	return Object.fromEntries(known)
}

async function sizesIn(effects: TestEffects) {
	const known = Object.entries(await knownIn(effects))
	return Object.fromEntries(known.map(([name, { subscribers }]) => [name, subscribers]))
}

async function run(effects: TestEffects, ...args: string[]) {
	effects.said.out.length = 0
	const code = await main(['subreddits', 'import', ...args, '--json'], effects)
	return { code, counts: effects.said.out.map((line) => JSON.parse(line))[0] }
}

describe('whichsub subreddits import', () => {
	it('reads sizes; a later file corrects them and keeps what it does not say', async () => {
		const effects = await testEffects()
		expect(await sizesIn(effects)).toEqual({})
		const first = await run(effects, await writeRows(PICS, CATS))
		expect(first).toMatchObject({ code: 0, counts: { read: 2, added: 2, updated: 0, broken: 0 } })
		const { subscribers: _, ...unsized } = CATS
		const later = await writeRows({ ...PICS, display_name: 'Pics', subscribers: 6_000 }, unsized)
		expect((await run(effects, later)).counts).toMatchObject({ added: 0, updated: 2 })
		expect(await sizesIn(effects)).toEqual({ pics: 6_000, cats: 70 })
	})

	it('leaves broken rows out, and writes each with its reason to the file of problems', async () => {
		const effects = await testEffects()
		const rows = [
			{ ...PICS, subscribers: -3 },
			{ id: 'x' },
			{ ...PICS, display_name: 'a b' },
			{ ...PICS, nsfw: 'perhaps' },
			CATS,
		]
		const problems = join(await temporaryFolder(), 'problems.ndjson')
		const { code, counts } = await run(effects, await writeRows(...rows), '--problems', problems)
		expect(code).toBe(0)
		expect(counts).toMatchObject({ read: 5, added: 1, updated: 0, broken: 4 })
		const lines = (await readFile(problems, 'utf8')).trim().split('\n')
		const reasons = lines.map((line) => JSON.parse(line).reason)
		expect(reasons.map((reason) => reason.split(':')[0])).toEqual([
			...['subscribers', 'display_name', 'display_name', 'nsfw'],
		])
		expect(reasons[3]).toContain('got "perhaps"')
		expect(await sizesIn(effects)).toEqual({ cats: 70 })
	})

	it('fails with a reason where nothing could be read, and keeps no list of it', async () => {
		const effects = await testEffects()
		expect((await run(effects, await writeRows({ title: 'a post' }))).code).toBe(1)
		expect(effects.said.err.join('\n')).toContain('nothing could be read')
		expect((await run(effects, await writeList('x.csv', 'title,score\na,1\n'))).code).toBe(1)
		expect(effects.said.err.join('\n')).toContain('no column of x.csv names the subreddits')
		expect((await run(effects, join(await temporaryFolder(), 'none.ndjson'))).code).toBe(1)
		expect(await main(['subreddits', 'lists'], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toContain('no lists yet')
	})

	it.each([
		['NDJSON', 'l.ndjson', '{"display_name":"pics","subscribers":5}\n{"display_name":"cats"}\n'],
		['CSV', 'l.csv', 'subreddit,subscribers\npics,5\ncats,\n'],
		['other spellings', 'l.csv', '"Subreddit Name",Members\nr/pics,5\n/r/cats/,None\n'],
		[
			"Reddit's own answers",
			'l.ndjson',
			'{"kind":"t5","data":{"name":"t5_2qh0u","url":"/r/pics/","subscribers":5}}\n{"name":"cats"}\n',
		],
	])('takes names and one more column from %s', async (_, name, text) => {
		const effects = await testEffects()
		expect((await run(effects, await writeList(name, text))).counts).toMatchObject({ added: 2 })
		expect(await sizesIn(effects)).toEqual({ pics: 5, cats: null })
	})

	it('understands yes and no, numbers and descriptions in all the ways that lists write them', async () => {
		const effects = await testEffects()
		const rows = [
			{ name: 'one', over_18: 't', members: '66,777,740', description: 'About one' },
			{ name: 'two', nsfw: 'Yes', subscriber_count: '1.2k' },
			{ name: 'three', over18: 1, subscribers: 7.0 },
			{ name: 'four', Over_18: 'FALSE', subscribers: '7.0' },
			{ name: 'five', is_nsfw: '0.0', subscribers: 'nan' },
			{ name: 'six', over18: 'no', public_description: 'Six', description: 'the side bar' },
			{ name: 'seven', over18: '', subscribers: null },
		]
		await run(effects, await writeRows(...rows))
		const all = await knownIn(effects)
		const known = rows.map(({ name }) => all[name])
		expect(known.map((subreddit) => subreddit?.over18)).toEqual([
			true,
			true,
			true,
			false,
			false,
			false,
			null,
		])
		expect(known.map((subreddit) => subreddit?.subscribers)).toEqual([
			...[66_777_740, 1_200, 7, 7, null, null, null],
		])
		expect(known[0]?.description).toBe('About one')
		expect(known[5]?.description).toBe('Six')
	})

	it('says which fields it took, which it did not use, and what was said of nothing', async () => {
		const effects = await testEffects()
		const rows = [{ name: 'pics', is_18: true, members: 5, created: 'long ago' }]
		await run(effects, await writeRows(...rows))
		const said = effects.said.err.join('\n')
		expect(said).toContain('fields: name as display_name, members as subscribers')
		expect(said).toContain('not used: is_18')
		expect(said).toContain('created was not understood in 1 rows, as in "long ago"')
		expect(said).toContain('no row says which subreddits are 18+')
	})

	it('leaves profiles of users out', async () => {
		const effects = await testEffects()
		const rows = ['u_someone', '/u/someone', 'r/u_else', 'https://www.reddit.com/user/else/']
		const path = await writeRows(...rows.map((name) => ({ name })), { name: 'universe' })
		expect((await run(effects, path)).counts).toMatchObject({ profiles: 4, added: 1, broken: 0 })
		expect(Object.keys(await knownIn(effects))).toEqual(['universe'])
	})
})

describe('lists side by side', () => {
	const old = { display_name: 'PICS', subscribers: 9, public_description: 'Old', over18: true }

	it('say what the newest says that says it, and 18+ where any does, in whatever order they come', async () => {
		const lists = [
			await writeList('old.ndjson', formatNdjson([{ ...old, as_of: '2018-11' }])),
			await writeList('new.csv', 'name,members,as_of\nPics,20,2025-09-01\n'),
		]
		for (const order of [lists, lists.toReversed()]) {
			const effects = await testEffects()
			for (const path of order) expect((await run(effects, path)).code).toBe(0)
			const namedUtc = Date.UTC(2025, 8, 1) / 1000
			const { pics } = await knownIn(effects)
			expect(pics).toMatchObject({ name: 'Pics', subscribers: 20, over18: true, namedUtc })
			expect(pics?.description).toBe('Old')
		}
	})

	it('are of the day of their rows, of --as-of, of their youngest subreddit or of their file', async () => {
		const effects = await testEffects()
		const dateOf = async (path: string, ...args: string[]) => {
			const { from, asOf } = (await run(effects, path, ...args)).counts.date
			return `${from} ${new Date(asOf * 1000).toISOString().slice(0, 10)}`
		}
		const plain = await writeList('a.csv', 'name,subscribers\npics,5\n', '2021-05-06T01:00:00Z')
		expect(await dateOf(plain)).toBe('file 2021-05-06')
		expect(await dateOf(plain, '--as-of', '2020-01-02')).toBe('option 2020-01-02')
		const dated = formatNdjson([{ name: 'a1', retrieved_on: 1_567_296_000 }, { name: 'a2' }])
		expect(await dateOf(await writeList('b.ndjson', dated))).toBe('rows 2019-09-01')
		const many = Array.from({ length: 1_000 }, (_, at) => ({
			...{ name: `sub${at}`, created_utc: Date.UTC(2018, 0, 1) / 1000 + at },
		}))
		expect(await dateOf(await writeList('c.ndjson', formatNdjson(many)))).toBe(
			'youngest 2018-01-01',
		)
		expect(await main(['subreddits', 'lists', '--json'], effects)).toBe(0)
		const lists = JSON.parse(effects.said.out.at(-1) ?? '')
		expect(lists.map(({ name, asOf }: { name: string; asOf: string }) => [name, asOf])).toEqual([
			['c.ndjson', '2018-01-01'],
			['b.ndjson', '2019-09-01'],
			['a.csv', '2020-01-02'],
		])
	})

	it('are replaced by the same rows again, and taken out by forget', async () => {
		const effects = await testEffects()
		const first = await writeList('l.csv', 'name,over18\npics,true\n')
		await run(effects, first, '--as-of', '2025-01-01')
		await run(effects, first, '--as-of', '2025-02-01')
		effects.said.out.length = 0
		await main(['subreddits', 'lists', '--json'], effects)
		const [list, ...others] = JSON.parse(effects.said.out[0] ?? '')
		expect([list.asOf, others]).toEqual(['2025-02-01', []])
		expect(await main(['subreddits', 'forget', '--list', `${list.id}`], effects)).toBe(0)
		expect(await knownIn(effects)).toEqual({})
		expect(await main(['subreddits', 'forget', '--list', `${list.id}`], effects)).toBe(1)
	})

	it('keep what was read of a file that ends too early, and say that it is not whole', async () => {
		const effects = await testEffects()
		const noise = Array.from({ length: 12_000 }, (_, at) => `sub${at},${(at * 7919) % 10_007}`)
		const packed = gzipSync(`name,subscribers\n${noise.join('\n')}\n`)
		const path = join(await temporaryFolder(), 'l.csv.gz')
		await writeFile(path, packed.subarray(0, packed.length - 100))
		expect((await run(effects, path)).code).toBe(1)
		expect(Object.keys(await knownIn(effects)).length).toBeGreaterThan(1_000)
		effects.said.out.length = 0
		await main(['subreddits', 'lists'], effects)
		expect(effects.said.out.join('')).toContain('stopped before its end')
		await writeFile(path, packed)
		expect((await run(effects, path)).counts).toMatchObject({ read: 12_000 })
		expect(Object.keys(await knownIn(effects))).toHaveLength(12_000)
	})
})

const LIST = [
	{ display_name: 'kittenloaf', id: '2aaaa', subscribers: 30_000, over18: false },
	{ display_name: 'moonlore', id: '2aaab', subscribers: 9_000, over18: false },
	{ display_name: 'hidden', id: '2aaac', subscribers: null, over18: null },
	{ display_name: 'nightlife', id: '2aaad', subscribers: 9_000, over18: true },
	...['cats', 'linux', 'chess', 'cooking'].map((display_name, index) => ({
		...{ display_name, id: `2bbb${index}`, subscribers: 50_000, over18: false },
	})),
].map((row) => ({ ...row, created_utc: 1_209_000_000, public_description: row.display_name }))

describe('whichsub subreddits index', () => {
	const pipeline = usePipeline()

	it('indexes the subreddits that the model has not learnt, without those marked 18+ or private', async () => {
		const effects = await pipeline()
		await run(effects, await writeRows(...LIST))
		const out = join(await temporaryFolder(), 'unseen.gzip')
		expect(await main(['subreddits', 'index', '--out', out], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toContain('index of 2 subreddits')
		const index = readUnseenIndex(gunzipSync(await readFile(out)))
		expect(index.names).toEqual(['kittenloaf', 'moonlore'])
	})

	it('says what to do where there is no list', async () => {
		const effects = await pipeline()
		expect(await main(['subreddits', 'index'], effects)).toBe(1)
		expect(effects.said.err.join('\n')).toContain('subreddits import FILE')
		expect(await main(['subreddits', 'index', '--measure'], effects)).toBe(1)
	})

	it('measures it on subreddits left out of a training, the same for the same seed', async () => {
		const effects = await pipeline()
		await run(effects, await writeRows(...LIST))
		const measure = async (seed: string) => {
			effects.said.out.length = 0
			const args = [
				'subreddits',
				'index',
				'--measure',
				'--leave-out',
				'2',
				'--seed',
				seed,
				'--json',
			]
			expect(await main(args, effects)).toBe(0)
			return JSON.parse(effects.said.out.join(''))
		}
		const figures = await measure('1')
		// Beside those two: the two of the list that the model has not learnt.
		expect(figures).toMatchObject({ leftOut: 2, candidates: 4 })
		expect(figures.posts).toBeGreaterThan(0)
		expect(figures['recall@5']).toBe(1)
		expect(await measure('1')).toEqual(figures)
		const recorded = (await listExecutions(effects)).filter(({ step }) => step === 'unseen')
		expect(recorded).toHaveLength(2)
		expect(recorded[0]).toMatchObject({
			parameters: { leaveOut: 2, seed: 1, evidenceBytes: 0 },
			metrics: { 'unseen.recall@5': 1, candidates: 4, posts: figures.posts },
		})
		expect(recorded[1]?.key).toBe(recorded[0]?.key)
		// The list is that of the database: made again after it changed, a measurement is another one.
		await run(effects, await writeRows({ name: 'newcomers', subscribers: 9_000 }))
		expect(await main(['executions', 'rerun', `${recorded[1]?.id}`], effects)).toBe(1)
		const again = (await listExecutions(effects)).at(-1)
		expect(again?.metrics.candidates).toBe(5)
		expect(again?.key).not.toBe(recorded[1]?.key)
	}, 120_000)

	it('says how many can be left out where it is fewer', async () => {
		const effects = await pipeline()
		await run(effects, await writeRows(...LIST))
		const args = ['subreddits', 'index', '--measure', '--leave-out', '3']
		expect(await main(args, effects)).toBe(1)
		expect(effects.said.err.join('\n')).toContain('only 4 labels')
	})
})
