// Titles of posts for reports that stay where the posts are: a few of each subreddit, and what the models say to them.
import type { ExampleTitle, ExampleTitles } from '../../../src/charts/example-titles.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { type AdjustedModel, suggestForPosts } from '../evaluation/evaluate.ts'
import { describeModel, findModel, loadModel, type ModelRef } from '../evaluation/models.ts'
import { openOwnTestSet } from '../evaluation/snapshot-sets.ts'
import { listTitles, openDumps, type TestSet } from '../evaluation/titles.ts'
import { resolve } from '../nodes/resolve.ts'
import { createRandom } from '../snapshot/random.ts'

/** Of each subreddit, where they fit. */
const MOST_OF_ONE = 3
/** The same posts give the same titles. */
const SEED = 1

export interface TitleSource {
	/** The model, or before and after: releases, channels or executions. */
	readonly models: readonly string[]
	/** Where the titles are from; none: the last model's own test posts. */
	readonly dumps: readonly string[]
	/** How long the titles may be as JSON, together. */
	readonly bytes: number
}

/** @throws AppError `not-found`, `damaged`, `bad-input` where there are no posts */
export async function collectTitles(
	{ models, dumps, bytes }: TitleSource,
	effects: Effects,
): Promise<ExampleTitles> {
	const { asked, posts } = await openPosts(models, dumps, effects)
	const drawn = await drawOfEach(posts)
	if (drawn.length === 0)
		throw new AppError('bad-input', `titles: ${posts.name} has none; name dumps with --titles`)
	const answers: Said[][] = []
	for (const ref of asked) answers.push(await ask(await loadModel(ref, effects), drawn, effects))
	const subreddits = keepWhatFits(
		group(drawn.map((title, index) => join(title, answers, index))),
		bytes,
	)
	return { source: posts.name, subreddits }
}

/**
 * Without dumps a release that has learnt its test posts is asked in its twin's person, as its figures are the twin's.
 */
async function openPosts(
	models: readonly string[],
	dumps: readonly string[],
	effects: Effects,
): Promise<{ readonly asked: readonly ModelRef[]; readonly posts: TestSet }> {
	if (dumps.length > 0) {
		const asked = await Promise.all(models.map((name) => findModel(name, effects)))
		return { asked, posts: openDumps(dumps, effects) }
	}
	try {
		const resolved = await Promise.all(models.map((name) => resolve(name, 'own', effects)))
		const asked = resolved.map((model) => model.asked)
		const newest = asked.at(-1)
		if (!newest) throw new AppError('bad-input', 'titles: no model to ask; name a release')
		const posts = await openOwnTestSet(await describeModel(newest, effects), effects)
		return { asked, posts }
	} catch (error) {
		if (!(error instanceof AppError) || error.code !== 'not-found') throw error
		throw new AppError(
			'not-found',
			`titles: the test posts of ${models.at(-1)} are not in ${effects.dataDir}; name dumps, as in --titles RS_2013-07.zst`,
			error,
		)
	}
}

/** A few titles of each subreddit, each with the same chance (Vitter 1985, algorithm R). */
async function drawOfEach({ read }: Pick<TestSet, 'read'>): Promise<LabelledTitle[]> {
	const random = createRandom(SEED)
	const drawn = new Map<string, { seen: number; readonly titles: LabelledTitle[] }>()
	for await (const title of read()) {
		if (title.text === '') continue
		const own = drawn.get(title.subreddit) ?? { seen: 0, titles: [] }
		drawn.set(title.subreddit, own)
		const place = own.seen < MOST_OF_ONE ? own.seen : Math.floor(random() * (own.seen + 1))
		if (place < MOST_OF_ONE) own.titles[place] = title
		own.seen += 1
	}
	return [...drawn.values()].flatMap(({ titles }) => titles)
}

type Said = Pick<ExampleTitle, 'first' | 'p1'>

async function ask(
	model: AdjustedModel,
	titles: readonly LabelledTitle[],
	effects: Effects,
): Promise<Said[]> {
	const said: Said[] = []
	for await (const { suggestions } of suggestForPosts(model, listTitles(titles), effects)) {
		const [first] = suggestions
		said.push({ first: first?.subreddit ?? null, p1: Number((first?.probability ?? 0).toFixed(3)) })
	}
	return said
}

type Joined = readonly [subreddit: string, title: ExampleTitle]

/** What the last model says, and what the one before it said. */
function join(
	{ subreddit, text }: LabelledTitle,
	answers: readonly (readonly Said[])[],
	index: number,
): Joined {
	const [before, now] = [answers.at(-2)?.[index], answers.at(-1)?.[index]]
	const said = { first: now?.first ?? null, p1: now?.p1 ?? 0 }
	return [subreddit, { text, ...said, ...(before ? { before: before.first } : {}) }]
}

function group(titles: readonly Joined[]): Map<string, ExampleTitle[]> {
	const groups = new Map<string, ExampleTitle[]>()
	for (const [subreddit, title] of titles)
		groups.set(subreddit, [...(groups.get(subreddit) ?? []), title])
	return groups
}

/** The first of each subreddit, then the second … as long as there is room. */
function keepWhatFits(
	groups: ReadonlyMap<string, readonly ExampleTitle[]>,
	bytes: number,
): ExampleTitles['subreddits'] {
	const kept = new Map<string, ExampleTitle[]>()
	let left = bytes
	for (let round = 0; round < MOST_OF_ONE; round += 1)
		for (const [subreddit, titles] of groups) {
			const title = titles[round]
			if (!title) continue
			left -= Buffer.byteLength(JSON.stringify([subreddit, title]))
			if (left < 0) return [...kept]
			kept.set(subreddit, [...(kept.get(subreddit) ?? []), title])
		}
	return [...kept]
}
