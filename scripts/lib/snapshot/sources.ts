// What a snapshot reads of the database, as inputs that are known before it is read whole: posts by month, subreddits, picks.
import type { Effects } from '../effects.ts'
import { readChosenTitles } from '../feedback/export.ts'
import { sha256 } from '../files.ts'
import type { ArtifactOf, ArtifactRef } from '../pipeline/artifacts.ts'
import { readRefusedWithPosts } from '../policy/policy.ts'
import { openExistingPosts } from '../posts/database.ts'
import { type MonthDigest, readMonthDigests } from '../posts/month-digests.ts'
import { openPosts } from '../posts/open-posts.ts'
import type { Window } from '../posts/post-store.ts'
import { formatCount } from '../progress.ts'
import { readKnownSubreddits } from '../subreddits/known.ts'
import type { SnapshotOptions } from './snapshot.ts'
import { isByTime } from './split.ts'

/** An input of a step, and how whichsub.lock describes it: in one line, or in one for each part. */
export interface Source<Ref extends ArtifactRef = ArtifactRef> {
	readonly ref: Ref
	readonly described: string | Readonly<Record<string, string>>
}

/** Digits of a digest that are shown: enough to tell two apart. */
export const DIGITS = 16

/** The posts that a snapshot with these options reads, by month, and what is known of their subreddits. */
export async function readPostsSource(
	options: SnapshotOptions,
	effects: Effects,
): Promise<Source<ArtifactOf<'posts'>>> {
	const months = await readMonthDigests(windowOf(options), effects)
	const subscribers = await digestSubreddits(effects)
	const refused = options.policy === 'apply' ? await digestRefused(effects) : NOTHING
	const known = [months, subscribers.digest, ...(refused.count > 0 ? [refused.digest] : [])]
	const digest = sha256(JSON.stringify(known))
	return {
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
}

/** The posts that a snapshot reads, those of its test file included. */
export function windowOf(options: SnapshotOptions): Window {
	const { from, until, testUntil } = options
	return { from, until: isByTime(options) ? testUntil : until }
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

/** What people picked; null where the snapshot takes none of it. @param weight of a picked title */
export async function readPicksSource(
	weight: number,
	effects: Effects,
): Promise<Source<ArtifactOf<'picks'>> | null> {
	if (weight === 0) return null
	const { titles } = await readChosenTitles(effects)
	const digest = sha256(JSON.stringify(titles))
	return {
		ref: refPicks(titles.length, digest),
		described: describePart(titles.length, 'titles', digest),
	}
}

export function refPicks(count: number, digest: string): ArtifactOf<'picks'> {
	return { kind: 'picks', name: `${count} titles`, sha256: digest, execution: null, files: [] }
}
