// `snapshot --split newest`: each subreddit's newest posts are tested on, whatever time they are of.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ingest } from '../../../../scripts/lib/posts/ingest.ts'
import { type SnapshotOptions, writeSnapshot } from '../../../../scripts/lib/snapshot/snapshot.ts'
import { splitTitles } from '../../../../scripts/lib/snapshot/split.ts'
import { main } from '../../../../scripts/main.ts'
import { SNAPSHOT_OPTIONS } from '../../../fixtures/candidate.ts'
import { formatNdjson } from '../../../fixtures/corpus.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { makeTable, readTitles as readRows } from '../../../fixtures/title-table.ts'

const DAY = 86_400
const START = Date.UTC(2013, 0, 1) / 1000

const NEWEST: SnapshotOptions = {
	...SNAPSHOT_OPTIONS,
	...{ split: 'newest', from: null, until: null, testFrom: null, testUntil: null },
	...{ testPosts: 3, validationPosts: 2, minPosts: 4 },
}

/** Posts of one subreddit, one each `step` days, with titles that say which is which. */
function makePosts(subreddit: string, count: number, step = 1) {
	return Array.from({ length: count }, (_, n) => ({
		id: `${subreddit}${n}`,
		created_utc: START + n * step * DAY,
		subreddit,
		title: `${subreddit} title ${'abcdefghijklmnopqrst'[n]}`,
		score: 1,
		num_comments: 0,
		over_18: false,
	}))
}

const busy = makePosts('busy', 10)
const slow = makePosts('slow', 12, 100)
const few = makePosts('few', 8)

async function withPosts(posts: readonly object[]): Promise<TestEffects> {
	const effects = await testEffects()
	const path = join(await temporaryFolder(), 'posts.ndjson')
	await writeFile(path, formatNdjson(posts))
	await ingest({ files: [path], over18: false }, effects)
	return effects
}

const readTitles = async (dir: string, part: 'train' | 'valid' | 'test' | 'past-year' | 'older') =>
	(await readFile(join(dir, `${part}.txt`), 'utf8'))
		.split('\n')
		.slice(0, -1)
		.map((line) => line.replace(/^\S+ (\w+) title (\w)$/, '$1 $2'))
		.sort()

describe('a snapshot of the newest posts of each subreddit', () => {
	it('tests on the newest, validates on those before, and trains on older ones', async () => {
		const { snapshot, dir } = await writeSnapshot(NEWEST, await withPosts([...busy, ...slow]))
		const letters = (name: string, of: string) => [...of].map((letter) => `${name} ${letter}`)
		expect(await readTitles(dir, 'test')).toEqual([
			...letters('busy', 'hij'),
			...letters('slow', 'jkl'),
		])
		expect(await readTitles(dir, 'valid')).toEqual([
			...letters('busy', 'fg'),
			...letters('slow', 'hi'),
		])
		expect(await readTitles(dir, 'train')).toEqual([
			...letters('busy', 'abcde'),
			...letters('slow', 'abcdefg'),
		])
		expect(snapshot).toMatchObject({
			split: 'newest',
			flags: { testPosts: 3, validationPosts: 2 },
			from: '2013-01-01T00:00:00.000Z',
			// One second after the newest post that is validated on, and after the newest one that is tested on.
			until: new Date((START + 800 * DAY + 1) * 1000).toISOString(),
			testFrom: new Date((START + 7 * DAY) * 1000).toISOString(),
			testUntil: new Date((START + 1100 * DAY + 1) * 1000).toISOString(),
		})
		const days = snapshot.testDays?.map(({ day }) => day) ?? []
		expect(days).toEqual([...days].sort())
	})

	it('leaves out subreddits with too few posts to train on, and does not test on them', async () => {
		const { snapshot, dir } = await writeSnapshot(
			NEWEST,
			await withPosts([...busy, ...slow, ...few]),
		)
		expect(snapshot.counts).toMatchObject({
			labels: 2,
			test: 6,
			valid: 4,
			unknownLabelTest: 0,
			rareSubreddits: 1,
			rareSubredditPosts: 8,
		})
		const report = await readFile(join(dir, 'report.md'), 'utf8')
		expect(report).toContain(
			"Tested on each subreddit's newest 3, validated on the 2 before those, trained on older ones; subreddits with fewer than 4 of these are left out",
		)
	})

	it('keeps older posts beyond the maximum, those of the past year apart', async () => {
		const effects = await withPosts([...busy, ...slow])
		const options = { ...NEWEST, minPosts: 2, maxPosts: 2, olderPosts: 4 }
		const { snapshot, dir } = await writeSnapshot(options, effects)
		expect(await readTitles(dir, 'train')).toEqual(['busy d', 'busy e', 'slow f', 'slow g'])
		// The newest post that could be trained on is of day 600.
		expect(await readTitles(dir, 'past-year')).toEqual(['slow d', 'slow e'])
		expect(await readTitles(dir, 'older')).toEqual([
			...['busy a', 'busy b', 'busy c'],
			...['slow b', 'slow c'],
		])
		expect(snapshot.counts).toMatchObject({ pastYearPosts: 2, olderPosts: 5 })
	})

	it('takes the newest of what is trained on up to a maximum', async () => {
		const effects = await withPosts([...busy, ...slow])
		const { dir } = await writeSnapshot({ ...NEWEST, maxPosts: 4 }, effects)
		expect(await readTitles(dir, 'train')).toEqual([
			'busy b',
			'busy c',
			'busy d',
			'busy e',
			'slow d',
			'slow e',
			'slow f',
			'slow g',
		])
	})

	it('is the same where posts came in another order, and of one second parts them by id', async () => {
		const sameSecond = [...busy, ...slow].map((post) => ({ ...post, created_utc: START }))
		const one = await writeSnapshot(NEWEST, await withPosts(sameSecond))
		const two = await writeSnapshot(NEWEST, await withPosts(sameSecond.toReversed()))
		expect(two.snapshot).toEqual(one.snapshot)
		// By id as text, slow10 and slow11 come before slow2.
		expect(await readTitles(one.dir, 'test')).toEqual([
			'busy h',
			'busy i',
			'busy j',
			'slow h',
			'slow i',
			'slow j',
		])
	})

	it('counts a test title that is also trained on under the same subreddit once', async () => {
		const weekly = (n: number) => ({ ...busy[n], title: 'Weekly thread' })
		const posts = [weekly(0), ...busy.slice(1, 8), weekly(8), weekly(9), ...slow]
		const { snapshot } = await writeSnapshot(NEWEST, await withPosts(posts))
		expect(snapshot.counts).toMatchObject({ test: 5, testInTraining: 2, testRepeats: 1 })
	})

	it('says what is missing where no subreddit has so many posts', async () => {
		const made = writeSnapshot({ ...NEWEST, testPosts: 20 }, await withPosts([...busy, ...slow]))
		await expect(made).rejects.toThrow(
			'no subreddit has more than 22 posts, of which 20 are tested on and 2 validated on; collect more, or lower --test-posts and --validation-posts',
		)
	})

	it('takes flags, and refuses them with another split', async () => {
		const effects = await withPosts([...busy, ...slow])
		const flags = ['--test-posts', '2', '--validation-posts', '1', '--min-posts', '2']
		expect(await main(['snapshot', '--split', 'newest', ...flags], effects)).toBe(0)
		const text = effects.said.out.join('\n')
		expect(text).toMatch(/test lines +4 {2}each subreddit's newest 2, 2013-01-09 until 2016-/)
		expect(text).toMatch(/validation lines +2 {2}each subreddit's 1 before those of the test/)
		expect(await main(['snapshot', '--split', 'time', ...flags], effects)).toBe(2)
		expect(effects.said.err.join('\n')).toContain(
			'--test-posts and --validation-posts are for --split newest; leave them out with --split time',
		)
	})

	it('parts any posts so that each subreddit has its newest in the test', () => {
		const posts = fc.array(
			fc.record({ subreddit: fc.constantFrom('a', 'b', 'c'), at: fc.nat(20) }),
			{
				minLength: 13,
			},
		)
		fc.assert(
			fc.property(posts, (drawn) => {
				const { table, rows } = makeTable(
					drawn.map(({ subreddit, at }, n) => ({ subreddit, text: `${n}`, created: at })),
				)
				const parts = splitTitles({ table, rows }, { ...NEWEST, testPosts: 2 })
				const [train, valid, test] = [parts.train, parts.valid, parts.test].map((part) =>
					readRows(table, part),
				)
				for (const name of ['a', 'b', 'c']) {
					const of = (part: typeof train) =>
						part?.filter(({ subreddit }) => subreddit === name) ?? []
					const own = of(readRows(table, rows))
					expect([...of(train), ...of(valid), ...of(test)]).toEqual(own)
					expect(of(test)).toHaveLength(Math.min(2, own.length))
				}
			}),
		)
	})
})

describe('a split that nobody chose', () => {
	const AUTO = { ...NEWEST, split: 'auto', minPosts: 30 } as const
	const toTitles = (posts: readonly { subreddit: string; created: number }[]) =>
		makeTable(posts.map((post, n) => ({ ...post, text: `${n}` })))
	const inTurn = Array.from({ length: 200 }, (_, n) => ({
		subreddit: n % 2 === 0 ? 'even' : 'odd',
		created: START + n * DAY,
	}))
	const crawled = ['slowest', 'slow', 'busy', 'busiest'].flatMap((subreddit, n) =>
		Array.from({ length: 40 }, (_, m) => ({ subreddit, created: START + (n * 40 + m) * DAY })),
	)

	it('is by time where the newest posts are of subreddits with older ones', () => {
		const { kind, chosen, test } = splitTitles(toTitles(inTurn), AUTO)
		expect(kind).toBe('time')
		expect(test).toHaveLength(20)
		expect(chosen).toBe(
			'no dates say which posts to test on: it is the newest 20 (10.0%), from 2013-06-30 on',
		)
	})

	it("is by each subreddit's newest where they are of the busiest ones alone", () => {
		const { kind, chosen, test } = splitTitles(toTitles(crawled), AUTO)
		expect(kind).toBe('newest')
		expect(test).toHaveLength(4 * 3)
		expect(chosen).toBe(
			"no dates say which posts to test on: it is each subreddit's newest 3, because 100.0% of the newest posts of all are of subreddits with fewer than 30 older ones (--split time: those all the same)",
		)
	})

	it('is by time where a date says what to test on, or somebody asks for it', () => {
		const until = START + 100 * DAY
		expect(splitTitles(toTitles(crawled), { ...AUTO, until })).toMatchObject({
			kind: 'time',
			chosen: null,
			windows: { until, testFrom: until },
		})
		expect(splitTitles(toTitles(crawled), { ...AUTO, split: 'time' }).kind).toBe('time')
	})

	it('tests on no more than are enough', () => {
		const many = Array.from({ length: 250_000 }, (_, n) => ({
			subreddit: n % 2 === 0 ? 'even' : 'odd',
			created: START + n,
		}))
		const { test } = splitTitles(toTitles(many), { ...AUTO, testShare: 0.9 })
		expect(test).toHaveLength(200_000)
	})
})
