// The inputs of the pipeline that no step makes: posts and picks of the database, and the release that production serves.
import * as v from 'valibot'
import { readHistory } from '../comparison/history.ts'
import type { Effects } from '../effects.ts'
import { evaluateStep } from '../evaluation/evaluate-step.ts'
import { openSnapshotSet } from '../evaluation/snapshot-sets.ts'
import { keyOf } from '../graph/key.ts'
import { findMade } from '../graph/make.ts'
import { describeEvaluation, evaluateModel } from '../nodes/candidates.ts'
import { refuseLearntBy } from '../nodes/compare.ts'
import { resolve } from '../nodes/resolve.ts'
import { findMeasurement } from '../nodes/unseen.ts'
import type { ParametersFile } from '../parameters/parameters.ts'
import type { ArtifactOf, ArtifactRef } from '../pipeline/artifacts.ts'
import { type Execution, outputRef, type StepName } from '../pipeline/execution-schema.ts'
import { readReleases } from '../release-files/releases-json.ts'
import { RecordedParameters } from '../snapshot/recorded-parameters.ts'
import { DIGITS, readSources, type Source } from '../snapshot/sources.ts'
import { QuantizeParameters } from '../trainer/parameters.ts'

/** The inputs by the step's names for them; null: the step runs without. */
export type StepSources = Readonly<Record<string, Source | null>>

/** In a dry run, an input that depends on files which are not here. */
export const UNKNOWN = Symbol('unknown')

/** Reads inputs that no step makes. */
export type ReadSources = (
	parameters: ParametersFile,
	effects: Effects,
	earlier: EarlierSteps,
) => Promise<StepSources | typeof UNKNOWN>

/** What a source may ask of the steps before. */
export interface EarlierSteps {
	/** What an earlier step made, with its files here; null in a dry run, if they would have to be brought back. */
	readonly made: (step: StepName) => Promise<Execution | null>
	/** What an earlier step made, wherever its files are. */
	readonly output: (step: StepName) => ArtifactRef | null
	readonly dryRun: boolean
}

export const readNothing: ReadSources = async () => ({})

/** The inputs of a snapshot with these parameters. */
export const readDatabase: ReadSources = async ({ snapshot }, effects) => ({
	...(await readSources(v.parse(RecordedParameters, snapshot), effects)),
})

/** The measurement of unseen subreddits for this training, if there is one. */
export const readUnseen: ReadSources = async ({ quantize }, effects, { output }) => {
	const { evidenceBytes } = v.parse(QuantizeParameters, quantize)
	const training = output('train') as ArtifactOf<'model'> | null
	const snapshot = output('snapshot') as ArtifactOf<'snapshot'> | null
	if (!training || !snapshot) return { unseen: null }
	const ref = await findMeasurement({ training, snapshot, evidenceBytes }, effects)
	return { unseen: ref && toSource('unseen', ref) }
}

export async function hasProduction({ modelsDir }: Effects): Promise<boolean> {
	return (await readReleases(modelsDir)).channels.production !== null
}

/**
 * What a candidate is compared with: the release that production serves, or its twin if the release has learnt the test posts of the
 * snapshot; its evaluation on these posts, made now if there is none; and older posts.
 */
export const readProduction: ReadSources = async (parameters, effects, { made, dryRun }) => {
	const snapshot = await made('snapshot')
	if (snapshot === null) return UNKNOWN
	const testSet = await openSnapshotSet(snapshot.output.sha256, 'test', effects)
	const { shown, asked } = await resolve('production', testSet, effects)
	await refuseLearntBy(asked, testSet, effects)
	const evaluation = dryRun
		? await findMadeEvaluation(await describeEvaluation(asked, testSet, effects), effects)
		: await evaluateModel(asked, testSet, effects)
	if (evaluation === null) return UNKNOWN
	const name = asked === shown ? shown.name : `twin of ${shown.name}, ${asked.execution}`
	return {
		a: toSource(`${name},`, asked),
		evaluationOfA: toSource('evaluation', outputRef(evaluation)),
		history: await readHistory(parameters.compare, testSet, effects),
	}
}

type EvaluationRun = Awaited<ReturnType<typeof describeEvaluation>>

async function findMadeEvaluation(
	{ inputs, parameters }: EvaluationRun,
	effects: Effects,
): Promise<Execution | null> {
	const { key } = await keyOf(evaluateStep, inputs, parameters)
	return key === null ? null : findMade(key, effects)
}

function toSource(what: string, ref: ArtifactRef): Source {
	return { ref, described: `${what} ${(ref.sha256 ?? '').slice(0, DIGITS)}` }
}
