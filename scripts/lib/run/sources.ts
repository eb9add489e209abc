// What the first steps read and no step makes: posts and picks of the database, the release that production serves. Node.
import * as v from 'valibot'
import { refHistory } from '../comparison/history.ts'
import type { Effects } from '../effects.ts'
import { resolve } from '../evaluation/resolve.ts'
import { openSnapshotSet } from '../evaluation/snapshot-sets.ts'
import { readChosenTitles } from '../feedback/export.ts'
import { sha256 } from '../files.ts'
import { readReleases } from '../models/releases-json.ts'
import type { ParametersFile } from '../parameters/parameters.ts'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import type { Execution, StepName } from '../pipeline/execution-schema.ts'
import { readRefusedWithPosts } from '../policy/policy.ts'
import { openExistingPosts } from '../posts/database.ts'
import { type MonthDigest, readMonthDigests } from '../posts/month-digests.ts'
import { openPosts } from '../posts/open-posts.ts'
import type { Window } from '../posts/post-store.ts'
import { formatCount } from '../progress.ts'
import { RecordedParameters, toOptions } from '../snapshot/recorded-parameters.ts'
import { isByTime } from '../snapshot/split.ts'
import { readKnownSubreddits } from '../subreddits/known.ts'

/** An input of a step, and how whichsub.lock tells it: in one line, or in one for each part. */
export interface Source {
	readonly ref: ArtifactRef
	readonly told: string | Readonly<Record<string, string>>
}

/** What a step before made, with its files at hand; null in a dry run that would have to bring them. */
export type Made = (step: StepName) => Promise<Execution | null>

/** In a dry run: it depends on files that are not at hand. */
export const UNKNOWN = Symbol('unknown')

/** Of what a digest is told: enough to tell two apart. */
const DIGITS = 16

/** The posts that a snapshot with these parameters reads, by month, and what is known of their subreddits. */
export async function readPostsSource(
	{ snapshot }: ParametersFile,
	effects: Effects,
): Promise<Source> {
	const months = await readMonthDigests(windowOf(snapshot), effects)
	const subscribers = await digestSubreddits(effects)
	const refused = snapshot.policy === 'apply' ? await digestRefused(effects) : NOTHING
	const known = [months, subscribers.digest, ...(refused.count > 0 ? [refused.digest] : [])]
	const digest = sha256(JSON.stringify(known))
	return {
		ref: { kind: 'posts', name: 'the database', sha256: digest, execution: null, files: [] },
		told: {
			...Object.fromEntries(months.map((month) => [month.month, tellMonth(month)])),
			...(subscribers.count > 0
				? { subscribers: tell(subscribers.count, 'subreddits', subscribers.digest) }
				: {}),
			...(refused.count > 0
				? { policy: tell(refused.count, 'subreddits left out', refused.digest) }
				: {}),
		},
	}
}

/** Older posts, on which a comparison looks at how much suggestions change; null where it looks at no month. */
export async function readHistorySource(
	{ snapshot, compare }: ParametersFile,
	effects: Effects,
): Promise<Source | null> {
	if (compare.historyMonths.length === 0) return null
	const { until } = windowOf(snapshot)
	const months = await readMonthDigests({ from: null, until }, effects)
	const posts = months.reduce((sum, month) => sum + month.posts, 0)
	const digest = sha256(JSON.stringify(months))
	return { ref: { ...refHistory(null), sha256: digest }, told: tell(posts, 'posts', digest) }
}

/** The posts that a snapshot reads, those of its test file included. */
function windowOf(snapshot: ParametersFile['snapshot']): Window {
	const options = toOptions(v.parse(RecordedParameters, snapshot))
	const { from, until, testUntil } = options
	return { from, until: isByTime(options) ? testUntil : until }
}

function tellMonth({ posts, sha256: digest }: MonthDigest): string {
	return tell(posts, 'posts', digest)
}

function tell(count: number, unit: string, digest: string): string {
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
		const told = known
			.map(({ name, subscribers, description }) => [name, subscribers, description])
			.sort()
		return { count: told.length, digest: sha256(JSON.stringify(told)) }
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

/** What people picked; null where the snapshot takes none of it. */
export async function readPicksSource(
	{ snapshot }: ParametersFile,
	effects: Effects,
): Promise<Source | null> {
	if (v.parse(RecordedParameters, snapshot).feedbackWeight === 0) return null
	const { titles } = await readChosenTitles(effects)
	const digest = sha256(JSON.stringify(titles))
	const name = `${titles.length} titles`
	return {
		ref: { kind: 'picks', name, sha256: digest, execution: null, files: [] },
		told: tell(titles.length, 'titles', digest),
	}
}

export async function hasProduction({ modelsDir }: Effects): Promise<boolean> {
	return (await readReleases(modelsDir)).channels.production !== null
}

/** What is asked for the release that production serves: its twin, where it has learnt the test posts of the snapshot. */
export async function readProductionSource(
	_: ParametersFile,
	effects: Effects,
	made: Made,
): Promise<Source | typeof UNKNOWN> {
	const snapshot = await made('snapshot')
	if (snapshot === null) return UNKNOWN
	const testSet = await openSnapshotSet(snapshot.output.sha256, 'test', effects)
	const { shown, asked } = await resolve('production', testSet, effects)
	const digest = (asked.sha256 ?? '').slice(0, DIGITS)
	const name = asked === shown ? shown.name : `twin of ${shown.name}, ${asked.execution}`
	return { ref: asked, told: `${name}, ${digest}` }
}
