// Candidates and their evaluations: those that were made before are taken, the others are made.
import type { Effects } from '../effects.ts'
import { adjustStep } from '../evaluation/adjust-step.ts'
import { evaluateStep } from '../evaluation/evaluate-step.ts'
import {
	listCandidates,
	type ModelRef,
	refCandidate,
	refPlainModel,
	snapshotOf,
} from '../evaluation/models.ts'
import { openSnapshotSet } from '../evaluation/snapshot-sets.ts'
import type { RecordableSet } from '../evaluation/titles.ts'
import { type MakeOptions, make } from '../graph/make.ts'
import type { ArtifactOf } from '../pipeline/artifacts.ts'
import { type Execution, outputRef } from '../pipeline/execution-schema.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { readSnapshot, refSnapshot } from '../snapshot/read-snapshot.ts'
import { findMeasurement, findTraining } from './unseen.ts'

/** @param twin a candidate from which reranker, prior and calibration are copied */
export async function adjustModel(
	model: Execution,
	effects: Effects,
	{ twin, fresh }: MakeOptions & { readonly twin?: Execution | undefined } = {},
): Promise<Execution> {
	const inputs = {
		model: refPlainModel(model),
		snapshot: refSnapshot(await readSnapshot(effects, snapshotOf(model))),
		twin: twin && refCandidate(twin),
	}
	return make(adjustStep, { inputs, parameters: {} }, effects, { fresh })
}

/** A candidate as it is. For a model, its newest candidate if that has the adjustment of a twin; otherwise one adjusted on its own posts. */
export async function ensureCandidate(model: Execution, effects: Effects): Promise<Execution> {
	if (model.step === 'adjust') return model
	const newest = (await listCandidates(model, effects)).at(-1)
	return newest?.inputs.twin ? newest : adjustModel(model, effects)
}

export interface EvaluateOptions extends MakeOptions {
	readonly beside?: ArtifactOf<'evaluation'> | undefined
}

export async function evaluateModel(
	model: ModelRef,
	testSet: RecordableSet,
	effects: Effects,
	{ beside, fresh }: EvaluateOptions = {},
): Promise<Execution> {
	const run = await describeEvaluation(model, testSet, effects)
	const complete = { ...run, inputs: { ...run.inputs, beside } }
	return make(evaluateStep, complete, effects, { fresh })
}

/** The inputs of an evaluation of a model on posts. */
export async function describeEvaluation(
	model: ModelRef,
	testSet: RecordableSet,
	effects: Effects,
) {
	const isRelease = model.kind === 'release' || model.twinOf !== undefined
	const trained = isRelease ? null : await findTraining(await readMaker(model, effects), effects)
	const unseen = (trained && (await findMeasurement(trained, effects))) ?? undefined
	const inputs = { model, posts: await testSet.describe(), beside: undefined, unseen }
	return { inputs, parameters: {} }
}

/** Its evaluation on the test posts of its own snapshot. */
export async function evaluateCandidate(
	candidate: Execution,
	effects: Effects,
	options: EvaluateOptions = {},
): Promise<Execution> {
	const testSet = await openSnapshotSet(snapshotOf(candidate), 'test', effects)
	return evaluateModel(refCandidate(candidate), testSet, effects, options)
}

/** The twin of a candidate that has learnt all posts on which it could be tested, so that it has the twin's figures. Null for any other. */
export async function findStandIn(
	candidate: Execution,
	effects: Effects,
): Promise<Execution | null> {
	const { twin } = candidate.inputs
	if (!twin) return null
	const { snapshot } = await readSnapshot(effects, snapshotOf(candidate))
	return snapshot.counts.test > 0 ? null : readMaker(twin, effects)
}

export function refEvaluation(evaluation: Execution): ArtifactOf<'evaluation'> {
	return { ...outputRef(evaluation), kind: 'evaluation' }
}
