// What the first steps read and no step makes: posts and picks of the database, the release that production serves.
import * as v from 'valibot'
import { refHistory } from '../comparison/history.ts'
import type { Effects } from '../effects.ts'
import { resolve } from '../evaluation/resolve.ts'
import { openSnapshotSet } from '../evaluation/snapshot-sets.ts'
import { sha256 } from '../files.ts'
import { readReleases } from '../models/releases-json.ts'
import type { ParametersFile } from '../parameters/parameters.ts'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import type { Execution, StepName } from '../pipeline/execution-schema.ts'
import { readMonthDigests } from '../posts/month-digests.ts'
import { RecordedParameters, toOptions } from '../snapshot/recorded-parameters.ts'
import type { SnapshotOptions } from '../snapshot/snapshot.ts'
import { readPicksSource, readPostsSource, tell, windowOf } from '../snapshot/sources.ts'

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

/** What a snapshot with these parameters reads. */
export async function readPosts({ snapshot }: ParametersFile, effects: Effects): Promise<Source> {
	return readPostsSource(optionsOf(snapshot), effects)
}

function optionsOf(snapshot: ParametersFile['snapshot']): SnapshotOptions {
	return toOptions(v.parse(RecordedParameters, snapshot))
}

/** Older posts, on which a comparison looks at how much suggestions change; null where it looks at no month. */
export async function readHistorySource(
	{ snapshot, compare }: ParametersFile,
	effects: Effects,
): Promise<Source | null> {
	if (compare.historyMonths.length === 0) return null
	const { until } = windowOf(optionsOf(snapshot))
	const months = await readMonthDigests({ from: null, until }, effects)
	const posts = months.reduce((sum, month) => sum + month.posts, 0)
	const digest = sha256(JSON.stringify(months))
	return { ref: { ...refHistory(null), sha256: digest }, told: tell(posts, 'posts', digest) }
}

/** What people picked; null where the snapshot takes none of it. */
export async function readPicks(
	{ snapshot }: ParametersFile,
	effects: Effects,
): Promise<Source | null> {
	return readPicksSource(v.parse(RecordedParameters, snapshot).feedbackWeight, effects)
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
