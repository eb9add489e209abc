import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { listExecutions } from '../../../scripts/lib/pipeline/executions.ts'
import { openPostsDatabase } from '../../../scripts/lib/posts/database.ts'
import { readSubredditSizes } from '../../../scripts/lib/subreddits/sizes.ts'
import { main } from '../../../scripts/main.ts'
import { readUnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { formatNdjson } from '../../fixtures/corpus.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../fixtures/effects.ts'
import { usePipeline } from '../../fixtures/pipeline.ts'

const PICS = { display_name: 'pics', id: '2qh0u', created_utc: 1_201_221_069, subscribers: 5_000 }
const CATS = { display_name: 'cats', id: 't5_2qhta', created_utc: 1_209_000_000.0, subscribers: 70 }

async function writeRows(...rows: readonly object[]): Promise<string> {
	const path = join(await temporaryFolder(), 'subreddits.ndjson')
	await writeFile(path, formatNdjson(rows))
	return path
}

async function sizesIn(effects: TestEffects) {
	const database = await openPostsDatabase(effects)
	const sizes = await readSubredditSizes(database)
	database.close()
	return Object.fromEntries(sizes)
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
		expect(first).toEqual({ code: 0, counts: { read: 2, added: 2, updated: 0, broken: 0 } })
		const { subscribers: _, ...unsized } = CATS
		const later = await writeRows({ ...PICS, display_name: 'Pics', subscribers: 6_000 }, unsized)
		expect((await run(effects, later)).counts).toMatchObject({ added: 0, updated: 2 })
		expect(await sizesIn(effects)).toEqual({ pics: 6_000, cats: 70 })
	})

	it('leaves broken rows out, and writes each with its reason to the file of problems', async () => {
		const effects = await testEffects()
		const rows = [{ ...PICS, subscribers: -3 }, { id: 'x' }, { ...PICS, display_name: 'a b' }, CATS]
		const problems = join(await temporaryFolder(), 'problems.ndjson')
		const { code, counts } = await run(effects, await writeRows(...rows), '--problems', problems)
		expect({ code, counts }).toEqual({
			code: 0,
			counts: { read: 4, added: 1, updated: 0, broken: 3 },
		})
		const lines = (await readFile(problems, 'utf8')).trim().split('\n')
		const reasons = lines.map((line) => JSON.parse(line).reason.split(':')[0])
		expect(reasons).toEqual(['subscribers', 'display_name', 'display_name'])
		expect(await sizesIn(effects)).toEqual({ cats: 70 })
	})

	it('fails with a reason where nothing could be read, and where the file is CSV or missing', async () => {
		const effects = await testEffects()
		expect((await run(effects, await writeRows({ title: 'a post' }))).code).toBe(1)
		expect(effects.said.err.join('\n')).toContain('nothing could be read')
		const csv = join(await temporaryFolder(), 'subreddits.csv')
		await writeFile(csv, 'display_name\npics\n')
		expect((await run(effects, csv)).code).toBe(1)
		expect(effects.said.err.join('\n')).toContain('expected one JSON object a line')
		expect((await run(effects, join(await temporaryFolder(), 'none.ndjson'))).code).toBe(1)
	})
})

const LIST = [
	{ display_name: 'kittenloaf', id: '2aaaa', subscribers: 30_000, over18: false },
	{ display_name: 'moonlore', id: '2aaab', subscribers: 9_000, over18: false },
	{ display_name: 'hidden', id: '2aaac', subscribers: 9_000, over18: null },
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
			parameters: { leaveOut: 2, seed: 1 },
			metrics: { 'unseen.recall@5': 1, candidates: 4, posts: figures.posts },
		})
	}, 120_000)

	it('says how many can be left out where it is fewer', async () => {
		const effects = await pipeline()
		await run(effects, await writeRows(...LIST))
		const args = ['subreddits', 'index', '--measure', '--leave-out', '3']
		expect(await main(args, effects)).toBe(1)
		expect(effects.said.err.join('\n')).toContain('only 4 labels')
	})
})
