// What a snapshot reads of the database, as inputs that are known before it is read whole: posts by month, subreddits, picks.
import type { Effects } from '../effects.ts'
import { readChosenTitles } from '../feedback/stored-feedback.ts'
import { sha256 } from '../files.ts'
import type { ArtifactOf, ArtifactRef } from '../pipeline/artifacts.ts'
import { readRefusedWithPosts } from '../policy/policy.ts'
import { openExistingPosts } from '../posts/database.ts'
import { type MonthDigest, readMonthDigests } from '../posts/month-digests.ts'
import { openPosts } from '../posts/open-posts.ts'
import type { Window } from '../posts/post-store.ts'
import { formatCount } from '../progress.ts'
import { readKnownSubreddits } from '../subreddits/known.ts'
import { type RecordedParameters, toSeconds } from './recorded-parameters.ts'
import { isByTime } from './split.ts'

/** An input of a step, and how whichsub.lock describes it: in one line, or in one for each part. */
export interface Source<Ref extends ArtifactRef = ArtifactRef> {
	readonly ref: Ref
	readonly described: string | Readonly<Record<string, string>>
}

/** Digits of a digest that are shown: enough to tell two apart. */
export const DIGITS = 16

/** What a snapshot with these parameters reads, as it is now. */
export interface Sources {
	readonly posts: Source<ArtifactOf<'posts'>>
	/** What people picked; null where a picked title has no weight. */
	readonly picks: Source<ArtifactOf<'picks'>> | null
}

export async function readSources(
	{ split, from, until, testUntil, feedbackWeight, policy }: ReadParameters,
	effects: Effects,
): Promise<Sources> {
	// Alone, so that a database that is held is waited for, and said to be, once.
	const subscribers = await digestSubreddits(effects)
	const [months, refused] = await allOrStop(effects, (either) => [
		readMonthDigests(windowOf({ split, from, until, testUntil }), either),
		policy === 'apply' ? digestRefused(either) : NOTHING,
	])
	const known = [months, subscribers.digest, ...(refused.count > 0 ? [refused.digest] : [])]
	const digest = sha256(JSON.stringify(known))
	const posts: Sources['posts'] = {
		ref: { kind: 'posts', name: 'the database', sha256: digest, execution: null, files: [] },
		described: {
			...Object.fromEntries(months.map((month) => [month.month, describeMonth(month)])),
			...(subscribers.count > 0
				? { subscribers: describePart(subscribers.count, 'subreddits', subscribers.digest) }
				: {}),
			...(refused.count > 0
				? { policy: describePart(refused.count, 'subreddits left out', refused.digest) }
				: {}),
		},
	}
	return { posts, picks: feedbackWeight === 0 ? null : await readPicks(effects) }
}

/** Those that say what is read. */
type ReadParameters = Times & Pick<RecordedParameters, 'feedbackWeight' | 'policy'>

type Times = Pick<RecordedParameters, 'split' | 'from' | 'until' | 'testUntil'>

/** The posts that a snapshot reads, those of its test file included. */
export function windowOf({ split, from, until, testUntil }: Times): Window {
	const end = isByTime({ split }) ? testUntil : until
	return { from: toSeconds(from), until: toSeconds(end) }
}

/** Both look at all posts, on connections of their own; exported for tests. Where one fails, the other is told to stop, and waited for. */
export async function allOrStop<A, B>(
	effects: Effects,
	begin: (effects: Effects) => [Promise<A>, Promise<B> | B],
): Promise<[A, B]> {
	const stop = new AbortController()
	const signal = AbortSignal.any([effects.signal, stop.signal])
	const both = begin({ ...effects, signal })
	try {
		return await Promise.all(both)
	} catch (error) {
		stop.abort()
		await Promise.allSettled(both)
		throw error
	}
}

function describeMonth({ posts, sha256: digest }: MonthDigest): string {
	return describePart(posts, 'posts', digest)
}

export function describePart(count: number, unit: string, digest: string): string {
	return `${formatCount(count)} ${unit}, ${digest.slice(0, DIGITS)}`
}

interface Digest {
	readonly count: number
	readonly digest: string
}

const NOTHING: Digest = { count: 0, digest: '' }

async function digestSubreddits(effects: Effects): Promise<Digest> {
	const database = await openExistingPosts(effects)
	try {
		const known = [...(await readKnownSubreddits(database)).values()]
		const listed = known
			.map(({ name, subscribers, description }) => [name, subscribers, description])
			.sort()
		return { count: listed.length, digest: sha256(JSON.stringify(listed)) }
	} finally {
		database.close()
	}
}

async function digestRefused(effects: Effects): Promise<Digest> {
	const posts = await openPosts(effects)
	try {
		const refused = await readRefusedWithPosts(posts, effects)
		return { count: refused.length, digest: sha256(JSON.stringify(refused)) }
	} finally {
		posts.close()
	}
}

async function readPicks(effects: Effects): Promise<Source<ArtifactOf<'picks'>>> {
	const { titles } = await readChosenTitles(effects)
	const name = `${titles.length} titles`
	const digest = sha256(JSON.stringify(titles))
	return {
		ref: { kind: 'picks', name, sha256: digest, execution: null, files: [] },
		described: describePart(titles.length, 'titles', digest),
	}
}
