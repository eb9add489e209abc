import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { SUSPICIONS } from '../../../../scripts/lib/feedback/parameters.ts'
import { sha256 } from '../../../../scripts/lib/files.ts'
import { executionName } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { listExecutions } from '../../../../scripts/lib/pipeline/executions.ts'
import { ingest } from '../../../../scripts/lib/posts/ingest.ts'
import type { Post } from '../../../../scripts/lib/posts/post.ts'
import { readSnapshot } from '../../../../scripts/lib/snapshot/read-snapshot.ts'
import { RecordedParameters } from '../../../../scripts/lib/snapshot/recorded-parameters.ts'
import { type SnapshotOptions, writeSnapshot } from '../../../../scripts/lib/snapshot/snapshot.ts'
import { main } from '../../../../scripts/main.ts'
import { makeSnapshot } from '../../../fixtures/candidate.ts'
import { formatNdjson, makeCorpus } from '../../../fixtures/corpus.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const day = (text: string) => Date.parse(`${text}T00:00:00Z`) / 1000

const MAY = day('2013-05-01')
const JUNE = day('2013-06-01')
const JULY = day('2013-07-01')

const BY_TIME: SnapshotOptions = {
	split: 'time',
	from: null,
	until: JUNE,
	testFrom: JUNE,
	testUntil: JULY,
	testShare: 0.1,
	validationShare: 0.1,
	testPosts: 8,
	validationPosts: 2,
	minPosts: 5,
	seed: 1,
}
const AT_RANDOM: SnapshotOptions = { ...BY_TIME, split: 'random', testFrom: null, testUntil: null }

const corpus = makeCorpus({ postsPerSubreddit: 100, from: MAY, until: JULY })

async function withPosts(posts: readonly object[]): Promise<TestEffects> {
	const effects = await testEffects()
	const path = join(await temporaryFolder(), 'posts.ndjson')
	await writeFile(path, formatNdjson(posts))
	await ingest({ files: [path], over18: false }, effects)
	return effects
}

function makePost(id: string, fields: Partial<Post>): Post {
	return { ...(corpus[0] as Post), id, ...fields }
}

async function readLines(dir: string, name: string): Promise<string[]> {
	const text = await readFile(join(dir, name), 'utf8')
	return text.split('\n').slice(0, -1)
}

describe('makeSnapshot', () => {
	it('puts older posts into training, the newest of them into validation, the test month into test', async () => {
		const effects = await withPosts(corpus)
		const { snapshot, dir } = await makeSnapshot(BY_TIME, effects)
		const before = corpus.filter(({ created_utc }) => created_utc < JUNE)
		const after = corpus.length - before.length
		const { counts } = snapshot
		expect(counts.train + counts.valid).toBe(before.length)
		expect(counts.valid).toBe(Math.ceil(before.length * 0.1))
		expect(counts.test + counts.testRepeats).toBe(after)
		expect(snapshot).toMatchObject({
			split: 'time',
			from: '2013-05-01T00:00:00.000Z',
			until: '2013-06-01T00:00:00.000Z',
			testFrom: '2013-06-01T00:00:00.000Z',
			testUntil: '2013-07-01T00:00:00.000Z',
			normalizer: 1,
		})
		for (const name of ['train', 'valid', 'test'] as const)
			expect(await readLines(dir, `${name}.txt`)).toHaveLength(counts[name])
		expect((await readLines(dir, 'train.txt'))[0]).toMatch(/^__label__\w+ [a-z ?]+$/)
	})

	it('gives the same bytes whatever the order in which posts came', async () => {
		const [first, second] = [await withPosts(corpus), await withPosts(corpus.toReversed())]
		const one = await makeSnapshot(BY_TIME, first)
		const two = await makeSnapshot(BY_TIME, second)
		expect(two.snapshot).toEqual(one.snapshot)
		for (const file of await readdir(one.dir))
			expect(await readFile(join(two.dir, file))).toEqual(await readFile(join(one.dir, file)))
	})

	it('names its folder by a hash that covers every line and every flag', async () => {
		const effects = await withPosts(corpus)
		const { snapshot, dir } = await makeSnapshot(BY_TIME, effects)
		const { hash, code, ...content } = snapshot
		expect(code?.commit).toMatch(/^[0-9a-f]{40}$|^unknown$/)
		expect(sha256(JSON.stringify(content))).toBe(hash)
		expect(dir).toBe(join(effects.dataDir, 'snapshots', hash.slice(0, 12)))
		for (const file of snapshot.files)
			expect(sha256(await readFile(join(dir, file.name)))).toBe(file.sha256)
		const other = await makeSnapshot({ ...BY_TIME, seed: 2 }, effects)
		expect(other.snapshot.hash).not.toBe(hash)
		expect((await readdir(join(effects.dataDir, 'snapshots'))).sort()).toEqual(
			[hash, other.snapshot.hash].map((text) => text.slice(0, 12)).sort(),
		)
	})

	it('says how many posts of each label are recent, and how large it is where that is known', async () => {
		const old = corpus.slice(0, 50).map((post) => ({
			...post,
			id: `old${post.id}`,
			title: `${post.title} again`,
			created_utc: day('2012-06-01'),
		}))
		const effects = await withPosts([...corpus, ...old])
		const [name = ''] = corpus.map(({ subreddit }) => subreddit)
		const path = join(await temporaryFolder(), 'subreddits.ndjson')
		const listed = {
			display_name: name.toUpperCase(),
			id: 'abc',
			created_utc: 1,
			subscribers: 1234,
		}
		await writeFile(path, formatNdjson([listed]))
		expect(await main(['subreddits', 'import', path], effects)).toBe(0)
		const { snapshot } = await makeSnapshot(BY_TIME, effects)
		const sized = snapshot.labels.filter(({ subscribers }) => subscribers !== undefined)
		expect(sized).toEqual([
			expect.objectContaining({ name: listed.display_name, subscribers: 1234 }),
		])
		const sum = (of: 'train' | 'recent') =>
			snapshot.labels.reduce((total, label) => total + (label[of] ?? 0), 0)
		expect(sum('train') - sum('recent')).toBe(old.length)
	})

	it('keeps a folder that is there and records each run', async () => {
		const effects = await withPosts(corpus)
		const first = await makeSnapshot(BY_TIME, effects)
		const second = await makeSnapshot(BY_TIME, effects)
		expect(second.dir).toBe(first.dir)
		const records = await listExecutions(effects)
		expect(records.map(({ id }) => id)).toEqual([1, 2])
		expect(records[1]).toMatchObject({
			step: 'snapshot',
			parameters: { until: '2013-06-01T00:00:00.000Z', minPosts: 5 },
			metrics: { labels: 8, train: first.snapshot.counts.train },
		})
		expect(records[1]?.output).toMatchObject({ kind: 'snapshot', sha256: first.snapshot.hash })
	})

	it('may be made twice at once', async () => {
		const effects = await withPosts(corpus)
		const [one, two] = await Promise.all([
			makeSnapshot(BY_TIME, effects),
			makeSnapshot(BY_TIME, effects),
		])
		expect(two.snapshot).toEqual(one.snapshot)
		expect(await readdir(join(effects.dataDir, 'snapshots'))).toEqual([
			one.snapshot.hash.slice(0, 12),
		])
	})

	it('parts at random so that a post keeps its side when others are added', async () => {
		const [few, all] = [await withPosts(corpus.slice(0, 600)), await withPosts(corpus)]
		const small = await makeSnapshot(AT_RANDOM, few)
		const large = await makeSnapshot({ ...AT_RANDOM, until: JULY }, all)
		const { counts } = large.snapshot
		expect((counts.test + counts.testRepeats) / corpus.length).toBeCloseTo(0.1, 1)
		const largeTest = new Set(await readLines(large.dir, 'test.txt'))
		const smallTest = await readLines(small.dir, 'test.txt')
		expect(smallTest.filter((line) => !largeTest.has(line))).toEqual([])
		expect(large.snapshot).toMatchObject({ split: 'random', testFrom: large.snapshot.from })
	})

	it('tests on the newest share where no dates are given', async () => {
		const effects = await withPosts(corpus)
		const options = { ...BY_TIME, until: null, testFrom: null, testUntil: null, testShare: 0.25 }
		const { snapshot } = await makeSnapshot(options, effects)
		const { test, testRepeats, train, valid } = snapshot.counts
		expect(test + testRepeats).toBe(200)
		expect(train + valid).toBe(600)
		expect(snapshot.until).toBe(snapshot.testFrom)
	})

	it('drops rare subreddits from training and keeps their test posts as misses', async () => {
		const rare = [1, 2, 3].map((n) =>
			makePost(`r${n}`, { subreddit: 'rare', created_utc: n < 3 ? MAY : JUNE, title: `Rare ${n}` }),
		)
		const effects = await withPosts([...corpus, ...rare])
		const { snapshot, dir } = await makeSnapshot(BY_TIME, effects)
		expect(snapshot.counts).toMatchObject({
			rareSubreddits: 1,
			rareSubredditPosts: 2,
			unknownLabelTest: 1,
			labels: 8,
		})
		expect(snapshot.labels.map(({ name }) => name)).not.toContain('rare')
		expect((await readLines(dir, 'test.txt')).filter((line) => line.includes('rare'))).toHaveLength(
			1,
		)
	})

	it('counts a test title that stands in training under the same subreddit once', async () => {
		const weekly = (id: string, created_utc: number, subreddit = 'linux') =>
			makePost(id, { title: 'Weekly thread!', created_utc, subreddit })
		const posts = [
			weekly('w1', MAY),
			weekly('w2', JUNE),
			weekly('w3', JUNE + 5),
			weekly('w4', JUNE + 6, 'cats'),
		]
		const effects = await withPosts([...corpus, ...posts])
		const plain = await makeSnapshot(BY_TIME, await withPosts(corpus))
		const { snapshot, dir } = await makeSnapshot(BY_TIME, effects)
		expect(snapshot.counts.testInTraining - plain.snapshot.counts.testInTraining).toBe(2)
		expect(snapshot.counts.testRepeats - plain.snapshot.counts.testRepeats).toBe(1)
		const kept = (await readLines(dir, 'test.txt')).filter((line) => line.includes('weekly'))
		expect(kept).toEqual(['__label__linux weekly thread !', '__label__cats weekly thread !'])
	})

	it('leaves out titles with nothing left after normalising', async () => {
		const posts = ['r/pics', '\u200b', 'r/linux'].map((title, n) => makePost(`e${n}`, { title }))
		const { snapshot } = await makeSnapshot(BY_TIME, await withPosts([...corpus, ...posts]))
		expect(snapshot.counts.emptyTitles).toBe(3)
	})

	it('merges feedback into training only, as often as its weight says', async () => {
		const feedback = [
			{ subreddit: 'LINUX', title: 'Which kernel, please?', weight: 3 },
			{ subreddit: 'unheard_of', title: 'Something else', weight: 9 },
			{ subreddit: 'cats', title: '\u200b', weight: 1 },
		]
		const effects = await withPosts(corpus)
		const { snapshot, dir } = await writeSnapshot({ ...BY_TIME, feedback }, effects)
		const lines = await readLines(dir, 'train.txt')
		expect(lines.filter((line) => line === '__label__linux which kernel , please ?')).toHaveLength(
			3,
		)
		expect(snapshot.counts).toMatchObject({ feedbackLines: 3, feedbackTitles: 1, labels: 8 })
		const turned = await writeSnapshot({ ...BY_TIME, feedback: feedback.toReversed() }, effects)
		expect(turned.snapshot.hash).toBe(snapshot.hash)
	})

	it('makes no label of feedback unless asked, and counts what it leaves out', async () => {
		const rare = makePost('r1', { subreddit: 'rare', created_utc: MAY, title: 'Rare one' })
		const feedback = Array.from({ length: 6 }, (_, n) => ({
			subreddit: n < 4 ? 'Rare' : 'unheard_of',
			title: `Feedback number ${n}`,
			weight: 3,
		}))
		const effects = await withPosts([...corpus, rare])
		const plain = await makeSnapshot(BY_TIME, effects)
		expect(plain.snapshot.counts).not.toHaveProperty('feedbackLeftOut')
		const { snapshot, dir } = await writeSnapshot({ ...BY_TIME, feedback }, effects)
		expect(snapshot.counts).toMatchObject({ feedbackTitles: 0, feedbackLeftOut: 6, labels: 8 })
		expect(await readFile(join(dir, 'report.md'), 'utf8')).toMatch(/left out: feedback.* 6\n/)
		const asked = await writeSnapshot({ ...BY_TIME, feedback, labelsFromFeedback: true }, effects)
		const { counts, labels, flags } = asked.snapshot
		expect(counts).toMatchObject({ feedbackTitles: 4, feedbackLeftOut: 2, labels: 9 })
		expect(labels.find(({ name }) => name === 'rare')).toMatchObject({ train: 13 })
		expect(flags).toMatchObject({ labelsFromFeedback: true })
	})

	it('lists feedback in a file of its own, and keeps it out of the test unless asked', async () => {
		const feedback = Array.from({ length: 100 }, (_, n) => ({
			subreddit: 'chess',
			title: `Feedback number ${n}`,
			weight: 2,
		}))
		const effects = await withPosts(corpus)
		const feedbackLimits = {
			feedbackPerPost: 10,
			feedbackFileShare: 1,
			feedbackShare: 1,
			feedbackInclude: [...SUSPICIONS],
		}
		const options = { ...BY_TIME, feedback, ...feedbackLimits }
		const { snapshot, dir } = await writeSnapshot(options, effects)
		expect(await readLines(dir, 'feedback.txt')).toHaveLength(100)
		expect(snapshot.counts).toMatchObject({ feedbackLines: 200, feedbackTestLines: 0 })
		const asked = await writeSnapshot({ ...options, feedbackTestShare: 0.3 }, effects)
		const { feedbackTitles, feedbackTestLines } = asked.snapshot.counts
		expect(feedbackTitles + feedbackTestLines).toBe(100)
		expect(feedbackTestLines / 100).toBeCloseTo(0.3, 0)
		const test = await readLines(asked.dir, 'test.txt')
		expect(test.filter((line) => line.includes('feedback'))).toHaveLength(feedbackTestLines)
		expect(await readLines(asked.dir, 'feedback.txt')).toHaveLength(feedbackTitles)
	})

	it('takes a title once for each subreddit if asked, and counts reposts either way', async () => {
		const repeat = (id: string, subreddit: string, day: number) =>
			makePost(id, { title: 'The same title', subreddit, created_utc: MAY + day * 86_400 })
		const repeated = [
			repeat('s1', 'cats', 1),
			repeat('s2', 'cats', 2),
			repeat('s3', 'linux', 3),
			repeat('s4', 'linux', 4),
			repeat('s5', 'linux', 5),
		]
		const effects = await withPosts([...corpus, ...repeated])
		const plain = await makeSnapshot({ ...BY_TIME, reposts: 'once' }, await withPosts(corpus))
		const lines = async (dir: string) =>
			(await readLines(dir, 'train.txt')).filter((line) => line.endsWith('the same title')).sort()
		const kept = await makeSnapshot(BY_TIME, effects)
		expect(await lines(kept.dir)).toHaveLength(5)
		const once = await makeSnapshot({ ...BY_TIME, reposts: 'once' }, effects)
		expect(await lines(once.dir)).toEqual([
			'__label__cats the same title',
			'__label__linux the same title',
		])
		for (const { snapshot } of [kept, once]) {
			expect(snapshot.counts.reposts - plain.snapshot.counts.reposts).toBe(3)
			expect(snapshot.counts.crossposts - plain.snapshot.counts.crossposts).toBe(1)
		}
		expect(once.snapshot.counts.repostsLeftOut).toBe(once.snapshot.counts.reposts)
	})

	it('takes the newest posts of a subreddit up to a maximum', async () => {
		const effects = await withPosts(corpus)
		const { snapshot, dir } = await makeSnapshot({ ...BY_TIME, maxPosts: 20 }, effects)
		expect(snapshot.labels.map(({ train }) => train)).toEqual(Array(8).fill(20))
		const { train } = (await makeSnapshot(BY_TIME, effects)).snapshot.counts
		expect(snapshot.counts.cappedPosts).toBe(train - 160)
		expect(await readLines(dir, 'train.txt')).toHaveLength(160)
	})

	it('lets no subreddit weigh more than a share', async () => {
		const many = Array.from({ length: 500 }, (_, n) =>
			makePost(`m${n}`, { subreddit: 'many', title: `Number ${n}`, created_utc: MAY + n }),
		)
		const effects = await withPosts([...many, ...corpus])
		const { snapshot } = await makeSnapshot({ ...BY_TIME, maxShare: 0.2 }, effects)
		const { train } = snapshot.counts
		const largest = snapshot.labels.find(({ name }) => name === 'many')?.train ?? 0
		expect(largest / train).toBeLessThanOrEqual(0.2)
		expect((largest + 1) / (train + 1)).toBeGreaterThan(0.2)
	})

	it('tells months, the posts it read and how it came to be, also for people', async () => {
		const { snapshot, dir } = await makeSnapshot(BY_TIME, await withPosts(corpus))
		const { train, valid, test } = snapshot.counts
		expect(snapshot.months).toEqual([
			{ month: '2013-05', train, valid, test: 0 },
			{ month: '2013-06', train: 0, valid: 0, test },
		])
		const days = snapshot.testDays ?? []
		expect(days[0]?.day).toBe('2013-06-01')
		expect(days.map(({ day }) => day)).toEqual(days.map(({ day }) => day).sort())
		expect(days.reduce((sum, { posts }) => sum + posts, 0)).toBe(test)
		expect(snapshot.database).toMatchObject({ posts: 800 })
		const report = await readFile(join(dir, 'report.md'), 'utf8')
		expect(report).toContain(`# Snapshot ${snapshot.hash.slice(0, 12)}`)
		expect(report).toMatch(/ {4}2013-05 +\d+ +\d+ +0\n/)
		expect(report).toContain('minPosts 5')
	})

	it.each<[string, Partial<SnapshotOptions>, RegExp]>([
		[
			'a test window before the training window',
			{ testFrom: MAY },
			/--test-from 2013-05-01 is before --until 2013-06-01/,
		],
		[
			'an empty training window',
			{ from: JULY },
			/--until 2013-06-01 is not after --from 2013-07-01/,
		],
		[
			'an empty test window',
			{ testUntil: JUNE },
			/--test-until 2013-06-01 is not after 2013-06-01/,
		],
		['a test share of 1', { testShare: 1 }, /--test-share is 1/],
		['a validation share of 1', { validationShare: 1 }, /--validation-share is 1/],
		[
			'test dates with a random split',
			{ split: 'random' },
			/--test-from and --test-until are for --split time/,
		],
		['a maximum below the minimum', { maxPosts: 3 }, /--max-posts 3 is below --min-posts 5/],
		['a share of nothing', { maxShare: 0 }, /--max-share is 0/],
	])('has no parameters with %s', (_, options, message) => {
		const { issues } = v.safeParse(RecordedParameters, { ...BY_TIME, ...options })
		expect(issues?.[0]?.message).toMatch(message)
	})

	it.each<[string, Partial<SnapshotOptions>, RegExp]>([
		[
			'windows without posts',
			{ until: MAY, testFrom: MAY },
			/no posts for the train file: .* there are 800 posts from 2013-05-01 to 2013-06-30/,
		],
		[
			'a minimum that leaves no two labels',
			{ minPosts: 1000 },
			/--min-posts 1000 leaves 0 of 8 labels.* most training posts: \w+ \d+, /,
		],
		[
			'a share that so few subreddits can’t keep',
			{ maxShare: 0.1 },
			/--max-share 0.1 can't be kept with 8 labels; the least for them is 0.125/,
		],
	])('refuses %s', async (_, options, message) => {
		const effects = await withPosts(corpus)
		const made = makeSnapshot({ ...BY_TIME, ...options }, effects)
		await expect(made).rejects.toMatchObject({ code: 'bad-input' })
		await expect(made).rejects.toThrow(message)
		expect(await listExecutions(effects)).toEqual([])
	})

	it('says that there are no posts yet', async () => {
		await expect(makeSnapshot(BY_TIME, await testEffects())).rejects.toThrow(/no posts yet/)
	})
})

describe('readSnapshot', () => {
	it('finds the latest one, and each by the begin of its hash or all of it', async () => {
		const effects = await withPosts(corpus)
		const first = await makeSnapshot(BY_TIME, effects)
		const second = await makeSnapshot({ ...BY_TIME, seed: 2 }, effects)
		const latest = await readSnapshot(effects, 'latest')
		const latestName = executionName(second.execution)
		expect(latest).toEqual({
			...{ snapshot: second.snapshot, dir: second.dir, execution: latestName },
		})
		for (const length of [6, 12, 64]) {
			const found = await readSnapshot(effects, first.snapshot.hash.slice(0, length))
			const execution = executionName(first.execution)
			expect(found).toEqual({ snapshot: first.snapshot, dir: first.dir, execution })
		}
	})

	it('says which snapshots there are', async () => {
		const effects = await withPosts(corpus)
		await expect(readSnapshot(effects, 'latest')).rejects.toThrow(/run snapshot first/)
		const { snapshot } = await makeSnapshot(BY_TIME, effects)
		await expect(readSnapshot(effects, 'zzz')).rejects.toThrow(snapshot.hash.slice(0, 12))
		await expect(readSnapshot(effects, '')).rejects.toMatchObject({ code: expect.any(String) })
	})
})

describe('whichsub snapshot', () => {
	it('prints hash and folder for programs', async () => {
		const effects = await withPosts(corpus)
		const code = await main(
			['snapshot', '--until', '2013-06-01', '--min-posts', '5', '--json'],
			effects,
		)
		expect(code).toBe(0)
		const { hash, dir, execution } = JSON.parse(effects.said.out.join())
		const found = await readSnapshot(effects, 'latest')
		expect({ hash, dir, execution }).toEqual({
			hash: found.snapshot.hash,
			dir: found.dir,
			execution: 1,
		})
	})

	it('exits 2 on a date that is none', async () => {
		const effects = await testEffects()
		expect(await main(['snapshot', '--until', 'June'], effects)).toBe(2)
		expect(effects.said.err.join()).toContain('Usage: whichsub snapshot')
	})
})
