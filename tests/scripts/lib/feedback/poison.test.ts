// Picks of an attacker, and of honest people, go through a real snapshot and a real training.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readLabels, scoreAll } from '../../../../scripts/lib/evaluation/scoring.ts'
import type { FeedbackTitle } from '../../../../scripts/lib/feedback/admit.ts'
import {
	DEFAULT_FEEDBACK_LIMITS,
	type FeedbackLimits,
	SUSPICIONS,
} from '../../../../scripts/lib/feedback/parameters.ts'
import { snapshotDir } from '../../../../scripts/lib/pipeline/outputs.ts'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { openSource } from '../../../../scripts/lib/posts/sqlite/source-rows.ts'
import { writePosts } from '../../../../scripts/lib/posts/write-posts.ts'
import { writeSnapshot } from '../../../../scripts/lib/snapshot/snapshot.ts'
import { wasmTrainer } from '../../../../scripts/lib/trainer/wasm.ts'
import { CORPUS_FROM, CORPUS_UNTIL, SNAPSHOT_OPTIONS } from '../../../fixtures/candidate.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'

const TOPICS = Object.fromEntries(
	Array.from({ length: 30 }, (_, topic) => [
		`topic${topic}`,
		Array.from({ length: 12 }, (_, word) => `word${topic}x${word}`),
	]),
)
const VICTIM = 'topic7'
const NO_LIMITS: FeedbackLimits = {
	feedbackPerPost: 1e9,
	feedbackFileShare: 1,
	feedbackShare: 1,
	feedbackInclude: [...SUSPICIONS],
}

async function withPosts(): Promise<TestEffects> {
	const effects = await testEffects()
	const posts = makeCorpus({
		postsPerSubreddit: 300,
		from: CORPUS_FROM,
		until: CORPUS_UNTIL,
		topics: TOPICS,
	})
	const database = await openPostsDatabase(effects)
	const rows = posts.map((post) => ({ ...post, retrieved_utc: null }))
	await writePosts(database, rows, await openSource(database, 'test', effects.now()))
	database.close()
	return effects
}

interface Outcome {
	readonly recall5: number
	/** The victim's share of the first suggestions. */
	readonly victim: number
	readonly answer: (title: string) => Promise<string | undefined>
}

/** Trains on the posts and the picks, and asks about the test posts. */
async function train(
	effects: TestEffects,
	feedback: readonly FeedbackTitle[],
	feedbackLimits: FeedbackLimits,
): Promise<Outcome> {
	const { snapshot } = await writeSnapshot(
		{ ...SNAPSHOT_OPTIONS, feedback, ...feedbackLimits },
		effects,
	)
	const dir = snapshotDir(effects, snapshot.hash)
	const outputFile = join(effects.dataDir, `${snapshot.hash.slice(0, 8)}.bin`)
	const parameters = { ...wasmTrainer.defaults, dim: 16, epochs: 3, minCount: 1, threads: 1 }
	await wasmTrainer.train({ trainFile: join(dir, 'train.txt'), outputFile, parameters }, effects)
	const bytes = await readFile(outputFile)
	const model = { bytes, labels: await readLabels(bytes) }
	const test = (await readFile(join(dir, 'test.txt'), 'utf8')).trimEnd().split('\n')
	const posts = test.map((line) => {
		const [label = '', ...words] = line.split(' ')
		return { subreddit: label.slice('__label__'.length), text: words.join(' ') }
	})
	const ask = (items: typeof posts) => collect(scoreAll(model, toAsync(items), 5))
	const answers = await ask(posts)
	const count = (isCounted: (answer: (typeof answers)[number]) => boolean) =>
		answers.filter(isCounted).length / answers.length
	return {
		recall5: count(({ item, predictions }) =>
			predictions.some(({ label }) => label === item.subreddit),
		),
		victim: count(({ predictions }) => predictions[0]?.label === VICTIM),
		answer: async (title) =>
			(await ask([{ subreddit: '', text: title }]))[0]?.predictions[0]?.label,
	}
}

async function* toAsync<Item>(items: readonly Item[]): AsyncGenerator<Item> {
	yield* items
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
	const all: Item[] = []
	for await (const item of items) all.push(item)
	return all
}

/** Titles of other topics under the victim: so many that their lines are this share of the training posts. */
function attack(
	share: number,
	alter: (title: string) => string,
	source: (n: number) => string,
): FeedbackTitle[] {
	const posts = makeCorpus({
		postsPerSubreddit: 300,
		from: CORPUS_FROM,
		until: CORPUS_UNTIL,
		topics: TOPICS,
	}).filter(({ subreddit }) => subreddit !== VICTIM)
	const titles = [...new Set(posts.map(({ title }) => alter(title)))]
	return titles.slice(0, (share * 7_500) / 3).map((title, n) => ({
		subreddit: VICTIM,
		title,
		weight: 3,
		sources: [{ name: source(n), time: n * 1_000 }],
	}))
}

describe('picks in a training', () => {
	it('poison the victim without limits, and hardly move anything with them', async () => {
		const effects = await withPosts()
		const before = await train(effects, [], NO_LIMITS)
		const literal = (share: number) =>
			attack(
				share,
				(title) => title,
				() => 'one file',
			)
		const poisoned = await train(effects, literal(0.1), NO_LIMITS)
		expect(poisoned.victim).toBeGreaterThan(1.5 * before.victim)
		for (const share of [0.01, 0.05, 0.1]) {
			const after = await train(effects, literal(share), DEFAULT_FEEDBACK_LIMITS)
			expect(Math.abs(after.recall5 - before.recall5)).toBeLessThan(0.005)
			expect(after.victim).toBeLessThanOrEqual(1.2 * before.victim)
		}
		// Nothing literal, a file for every title, and whoever retrains waves the suspicions away.
		const careful = attack(
			0.1,
			(title) => `${title} indeed`,
			(n) => `file ${n}`,
		)
		const limits = { ...DEFAULT_FEEDBACK_LIMITS, feedbackInclude: [...SUSPICIONS] }
		const after = await train(effects, careful, limits)
		expect(Math.abs(after.recall5 - before.recall5)).toBeLessThan(0.005)
		expect(after.victim).toBeLessThanOrEqual(1.2 * before.victim)
	})

	it('teach what honest people know: a word that no post has', async () => {
		const effects = await withPosts()
		const honest = Array.from({ length: 40 }, (_, n) => ({
			subreddit: 'topic3',
			title: `sourdough word3x${n % 12} word3x${(n * 5 + 1) % 12} number${n}`,
			weight: 3,
			sources: [{ name: `person ${n % 15}`, time: n * 86_400_000 }],
		}))
		const before = await train(effects, [], DEFAULT_FEEDBACK_LIMITS)
		const after = await train(effects, honest, DEFAULT_FEEDBACK_LIMITS)
		expect(await before.answer('sourdough')).toBeUndefined()
		expect(await after.answer('sourdough')).toBe('topic3')
		expect(after.recall5).toBeGreaterThan(before.recall5 - 0.005)
	})
})
