// The posts that `bench -- quality` measures on, and the titles that it makes of some of them.
import { basename } from 'node:path'
import type { LabelledTitle } from '../../src/model/training-text.ts'
import { AppError } from '../../src/shared/app-error.ts'
import type { Manifest } from '../../src/shared/manifest.ts'
import { type Effects, throwIfAborted } from '../lib/effects.ts'
import { hideWords, takeFirst } from '../lib/evaluation/made-titles.ts'
import { openSnapshotSet } from '../lib/evaluation/snapshot-sets.ts'
import { type DatedTitle, openDumps, type TestSet } from '../lib/evaluation/titles.ts'
import { openExistingPosts } from '../lib/posts/database.ts'
import { Progress } from '../lib/progress.ts'
import { createRandom, shuffle } from '../lib/snapshot/random.ts'
import { importSubreddits } from '../lib/subreddits/import.ts'
import { readSubredditSizes } from '../lib/subreddits/known.ts'
import { dumpsBeside, sampleSubreddits } from './sample-posts.ts'
import { hideAmong, TellingWords } from './telling-words.ts'

/** Of so many titles others are made: a recall is known to a third of a percentage point from them. */
const DRAWN = 25_000
/** Lengths of prefixes: those whose recall is shown, and longer ones for the groups by known words. */
export const PREFIXES = [1, 2, 4, 8, 12]
/** Frequent words that a telling one stands among. */
const AMONG = 5
const SEED = 2

export type Kind = 'whole' | 'hidden' | 'telling' | 'among' | `first ${number}`

/** A text, and whose it is; the same text may come of several titles. */
export interface MadeTitle {
	readonly text: string
	readonly stands: readonly { readonly subreddit: string; readonly kind: Kind }[]
}

export interface QualityPosts {
	readonly testSet: TestSet
	/** How many posts they were drawn of. */
	readonly postCount: number
	readonly made: readonly MadeTitle[]
	readonly drawn: number
	/** As they are, in a random order. */
	readonly titles: readonly LabelledTitle[]
}

export interface PostsOptions {
	/**
	 * Dumps; without them the test posts of the production release where they are in the data folder, else the dumps of that time
	 * beside the checkout.
	 */
	readonly files?: readonly string[] | undefined
	/** How many of the posts are drawn; all without it. */
	readonly sample?: number | undefined
}

/** In a random order, the same one each time. */
export async function openQualityPosts(
	{ files, sample = Number.POSITIVE_INFINITY }: PostsOptions,
	manifest: Manifest,
	effects: { readonly data: Effects; readonly scratch: Effects },
): Promise<QualityPosts> {
	const found = await chooseTestSet(files, manifest, effects)
	const all = await readAll(found, effects.data)
	const random = createRandom(SEED)
	const order = [...all]
	shuffle(order, random)
	const titles = order.slice(0, sample)
	if (titles.length === 0)
		throw new AppError('bad-input', `posts in ${found.name}: 0; name others with --posts`)
	const testSet: TestSet = {
		...found,
		// Dumps know none.
		sizes: found.sizes.size > 0 ? found.sizes : await readSizes(titles, effects),
		total: titles.length,
		async *read() {
			yield* titles
		},
	}
	return { testSet, postCount: all.length, titles, ...makeTitles(titles, order, random) }
}

async function chooseTestSet(
	files: readonly string[] | undefined,
	{ metrics, twin, data }: Manifest,
	effects: { readonly data: Effects },
): Promise<TestSet> {
	if (files) return openDumps(files, effects.data)
	const own = await openSnapshotSet(twin?.snapshot ?? data.snapshot, 'test', effects.data).catch(
		(error: unknown) => {
			if (error instanceof AppError && error.code === 'not-found') return null
			throw error
		},
	)
	if (own && own.total > 0) return own
	const dumps = (await dumpsBeside()).filter((path) => isWithin(path, metrics))
	if (dumps.length > 0) return openDumps(dumps, effects.data)
	throw new AppError(
		'not-found',
		`no posts of ${metrics.testFrom.slice(0, 10)} until ${metrics.testUntil.slice(0, 10)}, which production was tested on, are in ${effects.data.dataDir}, nor dumps of them beside the checkout; name dumps with --posts`,
	)
}

/** As in RS_2013-07.zst. */
function isWithin(path: string, { testFrom, testUntil }: Manifest['metrics']): boolean {
	const month = /^RS_(\d{4}-\d{2})\./.exec(basename(path))?.[1]
	if (!month) return false
	const start = Date.parse(`${month}-01T00:00:00Z`)
	return start >= Date.parse(testFrom) && start < Date.parse(testUntil)
}

/** They are read for each model, and drawn from. */
async function readAll({ name, total, read }: TestSet, effects: Effects): Promise<DatedTitle[]> {
	const titles: DatedTitle[] = []
	const progress = new Progress({ label: `reading ${name}`, total, unit: 'posts' }, effects)
	for await (const title of read()) {
		titles.push(title)
		if (titles.length % 1024 !== 0) continue
		throwIfAborted(effects)
		progress.update(titles.length)
	}
	progress.finish()
	return titles
}

/** From the database of the data folder or, without one, from the list beside the checkout. */
async function readSizes(
	titles: readonly LabelledTitle[],
	{ data, scratch }: { readonly data: Effects; readonly scratch: Effects },
): Promise<ReadonlyMap<string, number>> {
	const bySmallName = (await readSizesOf(data)) ?? (await importSizes(scratch))
	const names = new Set(titles.map(({ subreddit }) => subreddit))
	return new Map(
		[...names].flatMap((name) => {
			const size = bySmallName.get(name.toLowerCase())
			return size === undefined ? [] : [[name, size] as const]
		}),
	)
}

/** Null where there is no database, or one that knows no sizes. */
async function readSizesOf(effects: Effects): Promise<ReadonlyMap<string, number> | null> {
	const database = await openExistingPosts(effects).catch((error: unknown) => {
		if (error instanceof AppError && error.code === 'not-found') return null
		throw error
	})
	if (!database) return null
	try {
		const sizes = await readSubredditSizes(database)
		return sizes.size > 0 ? sizes : null
	} finally {
		database.close()
	}
}

async function importSizes(scratch: Effects): Promise<ReadonlyMap<string, number>> {
	const file = await sampleSubreddits()
	if (file === null) return new Map()
	await importSubreddits({ file }, scratch)
	return (await readSizesOf(scratch)) ?? new Map()
}

/** Of at most half of all: how telling a word is, the others say. @param titles the first ones of `order` */
function makeTitles(
	titles: readonly LabelledTitle[],
	order: readonly LabelledTitle[],
	random: () => number,
): Pick<QualityPosts, 'made' | 'drawn'> {
	const drawn = titles.slice(0, Math.min(DRAWN, Math.ceil(order.length / 2)))
	const words = new TellingWords(order.slice(drawn.length))
	const frequent = words.frequent()
	const made = new Map<string, { subreddit: string; kind: Kind }[]>()
	for (const { subreddit, text } of drawn) {
		const add = (kind: Kind, title: string) => {
			const stands = made.get(title) ?? []
			stands.push({ subreddit, kind })
			made.set(title, stands)
		}
		add('whole', text)
		add('hidden', hideWords(text, random))
		const length = text.split(' ').length
		for (const count of PREFIXES) if (length > count) add(`first ${count}`, takeFirst(text, count))
		const telling = words.mostTelling(text)
		if (telling === null) continue
		add('telling', telling)
		add('among', hideAmong(telling, frequent, AMONG, random))
	}
	return { made: [...made].map(([text, stands]) => ({ text, stands })), drawn: drawn.length }
}
