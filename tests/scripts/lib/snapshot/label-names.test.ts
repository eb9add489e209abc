// One subreddit is one label, in whatever case its posts, lists and picks write the name; a profile is none.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { openSource } from '../../../../scripts/lib/posts/sqlite/source-rows.ts'
import { writePosts } from '../../../../scripts/lib/posts/write-posts.ts'
import { LabelNames } from '../../../../scripts/lib/snapshot/label-names.ts'
import { type SnapshotOptions, writeSnapshot } from '../../../../scripts/lib/snapshot/snapshot.ts'
import { main } from '../../../../scripts/main.ts'
import { CORPUS_FROM, CORPUS_UNTIL, SNAPSHOT_OPTIONS } from '../../../fixtures/candidate.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const OPTIONS: SnapshotOptions = { ...SNAPSHOT_OPTIONS, minPosts: 5 }

const corpus = makeCorpus({ postsPerSubreddit: 30, from: CORPUS_FROM, until: CORPUS_UNTIL })
/** Until the last post everybody wrote another case. */
const last = corpus.findLast(({ subreddit }) => subreddit === 'gardening')?.id
const mixed = corpus.map((post, n) => {
	if (post.subreddit !== 'gardening') return post
	if (post.id === last) return { ...post, subreddit: 'Gardening' }
	return { ...post, subreddit: n % 16 < 8 ? 'GARDENING' : 'gardening' }
})
const onProfiles = corpus.slice(0, 20).map((post) => ({
	...post,
	id: `profile${post.id}`,
	subreddit: post.subreddit === 'cats' ? 'u_somebody' : 'U_SomeoneElse',
}))

/** Past `ingest`, as a database of an older version holds them. */
async function withPosts(posts: typeof corpus): Promise<TestEffects> {
	const effects = await testEffects()
	const database = await openPostsDatabase(effects)
	const rows = posts.map((post) => ({ ...post, retrieved_utc: null }))
	await writePosts(database, rows, await openSource(database, 'test', effects.now()))
	database.close()
	return effects
}

async function importList(row: object, effects: TestEffects): Promise<void> {
	const path = join(await temporaryFolder(), 'subreddits.ndjson')
	await writeFile(path, `${JSON.stringify(row)}\n`)
	expect(await main(['subreddits', 'import', path], effects)).toBe(0)
}

describe('labels of a snapshot', () => {
	it('take spellings in other cases together, as the newest post writes it or, before that, the newest list', async () => {
		const effects = await withPosts(mixed)
		const plain = await writeSnapshot(OPTIONS, await withPosts(corpus))
		const { snapshot } = await writeSnapshot(OPTIONS, effects)
		const find = (name: string, of = snapshot) => of.labels.find((label) => label.name === name)
		expect(snapshot.counts.labels).toBe(8)
		const { train, valid, test } = find('gardening', plain.snapshot) ?? {}
		expect(find('Gardening')).toMatchObject({ train, valid, test })
		await importList({ display_name: 'GarDening', subscribers: 7 }, effects)
		const listed = await writeSnapshot(OPTIONS, effects)
		expect(find('GarDening', listed.snapshot)).toMatchObject({ train, valid, test, subscribers: 7 })
	})

	it('take picks that name them in another case', async () => {
		const effects = await withPosts(mixed)
		const feedback = ['Gardening', 'gARDENING', 'gardening'].map((subreddit, n) => ({
			subreddit,
			title: `Which compost, number ${n}?`,
			weight: 2,
		}))
		const feedbackLimits = {
			feedbackPerPost: 1,
			feedbackFileShare: 1,
			feedbackShare: 1,
			feedbackInclude: [],
		}
		const options = { ...OPTIONS, feedback, ...feedbackLimits, labelsFromFeedback: true }
		const { snapshot, dir } = await writeSnapshot(options, effects)
		expect(snapshot.counts).toMatchObject({ labels: 8, feedbackTitles: 3, feedbackLines: 6 })
		const lines = (await readFile(join(dir, 'feedback.txt'), 'utf8')).trim().split('\n')
		expect(lines.every((line) => line.startsWith('__label__Gardening '))).toBe(true)
	})

	it('make one label of picks that name a new subreddit in two cases', async () => {
		const feedback = Array.from({ length: 8 }, (_, n) => ({
			subreddit: n % 2 === 0 ? 'Sourdough' : 'sourdough',
			title: `Starter ${'abcdefgh'[n]} is bubbling`,
			weight: 1,
		}))
		const feedbackLimits = {
			feedbackPerPost: 1,
			feedbackFileShare: 1,
			feedbackShare: 1,
			feedbackInclude: [],
		}
		const options = { ...OPTIONS, feedback, ...feedbackLimits, labelsFromFeedback: true }
		const { snapshot } = await writeSnapshot(options, await withPosts(corpus))
		// What no post has gets as many lines as a label needs.
		expect(snapshot.counts.labels).toBe(9)
		expect(snapshot.labels.find(({ name }) => /^sourdough$/i.test(name))).toMatchObject({
			train: 5,
		})
		const turned = { ...options, feedback: feedback.toReversed() }
		const again = await writeSnapshot(turned, await withPosts(corpus))
		expect(again.snapshot.hash).toBe(snapshot.hash)
	})

	it('are no profiles, also where the database holds their posts', async () => {
		const options = { ...OPTIONS, minPosts: 2 }
		const { snapshot, dir } = await writeSnapshot(
			options,
			await withPosts([...corpus, ...onProfiles]),
		)
		expect(snapshot.counts).toMatchObject({ labels: 8, profilePosts: 20 })
		expect(snapshot.labels.filter(({ name }) => /^u_/i.test(name))).toEqual([])
		expect(await readFile(join(dir, 'report.md'), 'utf8')).toMatch(
			/left out: posts on profiles +20\n/,
		)
	})
})

describe('LabelNames', () => {
	it('goes by the newest post, whatever the order, and of one second by the last', () => {
		const names = new LabelNames()
		const places = [
			names.add('Cats', 5),
			names.add('cats', 7),
			names.add('CATS', 6),
			names.add('dogs', 1),
			names.add('Dogs', 1),
		]
		expect(places).toEqual([0, 0, 0, 1, 1])
		expect(names.names(new Map())).toEqual(['cats', 'Dogs'])
		expect(names.names(new Map([['cats', { name: 'CaTs' }]]))).toEqual(['CaTs', 'Dogs'])
	})
})
