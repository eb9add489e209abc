// What the first steps read and no step makes: posts and picks of the database, the release that production serves.
import * as v from 'valibot'
import { refHistory } from '../comparison/history.ts'
import type { Effects } from '../effects.ts'
import type { ModelRef } from '../evaluation/models.ts'
import { openSnapshotSet } from '../evaluation/snapshot-sets.ts'
import { evaluateStep } from '../evaluation/steps.ts'
import type { RecordableSet } from '../evaluation/titles.ts'
import { findMeasurementOf } from '../evaluation/unseen-figure.ts'
import { sha256 } from '../files.ts'
import { findMade } from '../graph/make.ts'
import { readReleases } from '../models/releases-json.ts'
import { describeEvaluation, evaluateModel } from '../nodes/candidates.ts'
import { refuseLearntBy } from '../nodes/compare.ts'
import { resolve } from '../nodes/resolve.ts'
import type { ParametersFile } from '../parameters/parameters.ts'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import { type Execution, outputRef, type StepName } from '../pipeline/execution-schema.ts'
import { keyOf } from '../pipeline/key.ts'
import { readMonthDigests } from '../posts/month-digests.ts'
import { RecordedParameters, toOptions } from '../snapshot/recorded-parameters.ts'
import type { SnapshotOptions } from '../snapshot/snapshot.ts'
import { readPicksSource, readPostsSource, tell, windowOf } from '../snapshot/sources.ts'

/** An input of a step, and how whichsub.lock tells it: in one line, or in one for each part. */
export interface Source {
	readonly ref: ArtifactRef
	readonly told: string | Readonly<Record<string, string>>
}

/** The walk, as a source sees it. */
export interface Walked {
	/** What a step before made, with its files at hand; null in a dry run that would have to bring them. */
	readonly made: (step: StepName) => Promise<Execution | null>
	/** What a step before made, wherever its files are. */
	readonly output: (step: StepName) => ArtifactRef | null
	readonly dryRun: boolean
}

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
	walked: Walked,
): Promise<Source | typeof UNKNOWN> {
	const found = await findProduction(effects, walked)
	if (found === null) return UNKNOWN
	const { shown, asked } = found
	const digest = (asked.sha256 ?? '').slice(0, DIGITS)
	const name = asked === shown ? shown.name : `twin of ${shown.name}, ${asked.execution}`
	return { ref: asked, told: `${name}, ${digest}` }
}

/** What that model says to the test posts; it is asked unless it was before. */
export async function readProductionEvaluation(
	_: ParametersFile,
	effects: Effects,
	walked: Walked,
): Promise<Source | typeof UNKNOWN> {
	const found = await findProduction(effects, walked)
	if (found === null) return UNKNOWN
	const { asked, testSet } = found
	await refuseLearntBy(asked, testSet, effects)
	const evaluation = walked.dryRun
		? await findEvaluation(asked, testSet, effects)
		: await evaluateModel(asked, testSet, effects)
	if (evaluation === null) return UNKNOWN
	const ref = outputRef(evaluation)
	return { ref, told: `evaluation ${(ref.sha256 ?? '').slice(0, DIGITS)}` }
}

async function findProduction(effects: Effects, { made }: Walked) {
	const snapshot = await made('snapshot')
	if (snapshot === null) return null
	const testSet = await openSnapshotSet(snapshot.output.sha256, 'test', effects)
	return { testSet, ...(await resolve('production', testSet, effects)) }
}

async function findEvaluation(
	asked: ModelRef,
	testSet: RecordableSet,
	effects: Effects,
): Promise<Execution | null> {
	const { inputs, parameters } = await describeEvaluation(asked, testSet, effects)
	const { key } = await keyOf(evaluateStep, inputs, parameters)
	return key === null ? null : findMade(key, effects)
}

/** The measurement of unseen subreddits for the training, where there is one. */
export async function readUnseenSource(
	_: ParametersFile,
	effects: Effects,
	{ output }: Walked,
): Promise<Source | null> {
	const ref = await findMeasurementOf(output('train')?.sha256 ?? null, effects)
	return ref && { ref, told: `unseen ${(ref.sha256 ?? '').slice(0, DIGITS)}` }
}
