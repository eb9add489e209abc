// Older posts, on which two models are asked whether they still suggest the same: samples of months of the database.
import { normalizeTitle } from '../../../src/model/normalize.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { EvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { listTitles, type TestSet } from '../evaluation/titles.ts'
import { sha256 } from '../files.ts'
import { nullIfMissing } from '../null-if-missing.ts'
import type { ArtifactOf } from '../pipeline/artifacts.ts'
import { readMonthDigests } from '../posts/month-digests.ts'
import { openPosts } from '../posts/open-posts.ts'
import type { PostStore } from '../posts/post-store.ts'
import { drawTicket } from '../snapshot/random.ts'
import { describePart, type Source } from '../snapshot/sources.ts'
import type { ComparisonParameters } from './parameters.ts'

/** Which posts of a month are asked about is the same in every comparison. */
const SEED = 1

export interface History {
	readonly sets: readonly TestSet[]
	readonly ref: ArtifactOf<'posts'>
}

/** Older posts are of months before it. The newest posts of silent subreddits are years old: for these, the posts before the last. */
export function endOfHistory({
	split,
	testFrom,
	testUntil,
}: Pick<EvaluationReport, 'split' | 'testFrom' | 'testUntil'>): string {
	return split === 'newest' ? testUntil : testFrom
}

/**
 * The older posts of the database on which a comparison on a test set measures how many suggestions change, as they are now; null if
 * it looks at no month. Without a digest if there is no database, or if only reading the test set says how old older posts are.
 */
export async function readHistory(
	{ historyMonths }: ComparisonParameters,
	testSet: TestSet,
	effects: Effects,
): Promise<Source<ArtifactOf<'posts'>> | null> {
	if (historyMonths.length === 0) return null
	const unknown = { ref: refHistory(null), described: 'unknown' }
	if (testSet.snapshot === null) return unknown
	const { from: testFrom, until: testUntil } = testSet.window()
	const until = Date.parse(endOfHistory({ ...testSet, testFrom, testUntil })) / 1000
	const months = await readMonthDigests({ from: null, until }, effects).catch(nullIfMissing)
	if (!months) return unknown
	const posts = months.reduce((sum, month) => sum + month.posts, 0)
	const digest = sha256(JSON.stringify(months))
	return { ref: refHistory(digest), described: describePart(posts, 'posts', digest) }
}

/**
 * Samples of the database's posts in whole months before an instant. A month without posts is left out; all are where there
 * is no database, which is said.
 */
export async function openHistory(
	{ historyMonths, historyPosts }: ComparisonParameters,
	before: string,
	effects: Effects,
): Promise<History> {
	const store = historyMonths.length === 0 ? null : await openPostStore(effects)
	const sets: TestSet[] = []
	const digests: string[] = []
	try {
		for (const back of store ? historyMonths : []) {
			throwIfAborted(effects)
			const month = monthBefore(before, back)
			const titles = store ? await sampleMonth(store, month, historyPosts) : []
			if (titles.length === 0) continue
			sets.push(toTestSet(month, titles))
			digests.push(sha256(JSON.stringify(titles)))
		}
	} finally {
		store?.close()
	}
	return { sets, ref: refHistory(sets.length > 0 ? sha256(digests.join('\n')) : null) }
}

/** As an input of a step; which posts they are is known once they were read. */
function refHistory(digest: string | null): ArtifactOf<'posts'> {
	const name = 'older posts of the database'
	return { kind: 'posts', name, sha256: digest, execution: null, files: [] }
}

async function openPostStore(effects: Effects): Promise<PostStore | null> {
	try {
		return await openPosts(effects)
	} catch (error) {
		if (!(error instanceof AppError) || error.code !== 'not-found') throw error
		effects.err(`warning: no older posts to compare suggestions on: ${error.message}`)
		return null
	}
}

interface Month {
	/** As in `2013-05`. */
	readonly name: string
	readonly from: Date
	readonly until: Date
}

function monthBefore(instant: string, back: number): Month {
	const start = new Date(instant)
	const at = (months: number) =>
		new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() - back + months, 1))
	const from = at(0)
	return { name: from.toISOString().slice(0, 7), from, until: at(1) }
}

/** By ticket: what else is in the database leaves no trace. */
async function sampleMonth(
	store: PostStore,
	{ from, until }: Month,
	posts: number,
): Promise<LabelledTitle[]> {
	const window = { from: from.getTime() / 1000, until: until.getTime() / 1000 }
	const found: { ticket: number; id: string; subreddit: string; title: string }[] = []
	for await (const page of store.readPages(window))
		for (const [id, , subreddit, title] of page)
			found.push({ ticket: drawTicket(SEED, id), id, subreddit, title })
	return found
		.sort((one, other) => one.ticket - other.ticket || (one.id < other.id ? -1 : 1))
		.slice(0, posts)
		.map(({ subreddit, title }) => ({ subreddit, text: normalizeTitle(title) }))
		.filter(({ text }) => text !== '')
}

function toTestSet({ name, from, until }: Month, titles: readonly LabelledTitle[]): TestSet {
	return {
		name: `posts of ${name}`,
		split: 'external',
		snapshot: null,
		...listTitles(titles),
		sizes: new Map(),
		window: () => ({ from: from.toISOString(), until: until.toISOString() }),
	}
}
