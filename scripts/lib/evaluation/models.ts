// The models that can be measured: releases, and candidates that are executions so far. Node.

import type { GenericSchema, InferOutput } from 'valibot'
import type { Adjustment } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { Calibration } from '../../../src/shared/calibration.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { Prior } from '../../../src/shared/prior.ts'
import type { Effects } from '../effects.ts'
import { sha256 } from '../files.ts'
import { openRelease } from '../models/release.ts'
import type { Artifact, Execution } from '../pipeline/execution-schema.ts'
import { listExecutions, readExecution } from '../pipeline/executions.ts'
import { findOutput } from '../pipeline/outputs.ts'
import { readRecordedFile } from '../recorded-files.ts'
import { readSnapshot } from '../snapshot/read-snapshot.ts'
import { adjust } from './adjust.ts'
import type { AdjustedModel, Model } from './evaluate.ts'
import { readLabels } from './scoring.ts'
import { openSnapshotSet } from './snapshot-sets.ts'

export const CALIBRATION_FILE = 'calibration.json'
/** Only there where the evaluation chose one. */
export const PRIOR_FILE = 'prior.json'

const MODEL_FILES: { readonly [step in Execution['step']]?: string } = {
	train: 'model.bin',
	quantize: 'model.ftz',
}

/** A model that can be measured, and the snapshot that it was trained on. */
export interface MeasurableModel extends AdjustedModel {
	/** The snapshot's hash. */
	readonly snapshot: string
	/** Its training posts were created before this instant. */
	readonly trainedUntil: string
	/** Of a candidate: the execution that made it. */
	readonly execution: number | null
}

/** A version or a channel, or the id of an execution: `20200602.0`, `staging`, `56`, `#56`. */
export type ModelRef = { readonly release: string } | { readonly execution: number }

export function parseModelRef(text: string): ModelRef {
	const id = /^#?([1-9]\d{0,14})$/.exec(text)?.[1]
	return id ? { execution: Number(id) } : { release: text }
}

/** @throws AppError `not-found`, `damaged` */
export async function loadModel(ref: ModelRef, effects: Effects): Promise<MeasurableModel> {
	return 'release' in ref
		? loadRelease(ref.release, effects)
		: loadCandidate(ref.execution, effects)
}

async function loadRelease(name: string, effects: Effects): Promise<MeasurableModel> {
	const { manifest, model: bytes } = await openRelease(effects.modelsDir, name)
	return {
		name: `release ${manifest.version}`,
		bytes,
		labels: await readLabels(bytes),
		calibration: manifest.calibration,
		prior: manifest.prior,
		snapshot: manifest.data.snapshot,
		trainedUntil: manifest.data.until,
		execution: null,
	}
}

// A candidate that was evaluated has an adjustment; another one gets it now, from the same validation posts.
async function loadCandidate(id: number, effects: Effects): Promise<MeasurableModel> {
	const execution = await findModelExecution(id, effects)
	const model = await readExecutionModel(execution, effects)
	const { snapshot } = await readSnapshot(effects, snapshotOf(execution))
	const evaluation = await findEvaluation(execution.id, effects)
	const adjustment = evaluation
		? await readAdjustment(evaluation, effects)
		: await adjustCandidate(model, snapshot.hash, effects)
	return {
		...model,
		...adjustment,
		snapshot: snapshot.hash,
		trainedUntil: snapshot.until,
		execution: execution.id,
	}
}

/** The train or quantize execution that `id` names itself or, for an evaluation, is about. */
export async function findModelExecution(id: number, effects: Effects): Promise<Execution> {
	const execution = await readExecution(effects, id)
	if (execution.step === 'train' || execution.step === 'quantize') return execution
	const parent = execution.parents[0]
	if (execution.step === 'evaluate' && parent !== undefined) return readExecution(effects, parent)
	throw new AppError(
		'bad-input',
		`execution #${id} made no model: it is a ${execution.step}; name a train or a quantize`,
	)
}

/** A model as a record names it, by the digest of the fastText file. */
export function describeModel({ name, bytes }: Model): Artifact {
	return { name, bytes: bytes.length, sha256: sha256(bytes) }
}

/** The newest evaluation of a model on its own snapshot, which calibrates it; one on other posts does not. */
export async function findEvaluation(id: number, effects: Effects): Promise<Execution | null> {
	const evaluations = (await listExecutions(effects)).filter(
		({ step, outputs }) =>
			step === 'evaluate' && outputs.some(({ name }) => name === CALIBRATION_FILE),
	)
	return evaluations.findLast(({ parents }) => parents.includes(id)) ?? null
}

/** The hash of the snapshot that a model was trained on. */
export function snapshotOf(execution: Execution): string {
	const { snapshot } = execution.parameters
	if (typeof snapshot === 'string') return snapshot
	throw new AppError('bad-data', `execution #${execution.id} names no snapshot; train again`)
}

/** @throws AppError `damaged` where the file is not the one on record */
export async function readExecutionModel(execution: Execution, effects: Effects): Promise<Model> {
	const name = MODEL_FILES[execution.step] ?? 'model'
	const bytes = await readRecordedFile(findOutput(execution, name, effects))
	return { name: `execution #${execution.id}`, bytes, labels: await readLabels(bytes) }
}

/** Chooses prior and calibration on the validation posts of the model's own snapshot. */
export async function adjustCandidate(
	model: Model,
	snapshotHash: string,
	effects: Effects,
): Promise<Adjustment> {
	const { snapshot } = await readSnapshot(effects, snapshotHash)
	const validation = await openSnapshotSet(snapshotHash, 'valid', effects)
	return adjust(model, validation, snapshot.labels, effects)
}

/** What an evaluation chose. @throws AppError `damaged` */
export async function readAdjustment(evaluation: Execution, effects: Effects): Promise<Adjustment> {
	const calibration = await readOutput(evaluation, CALIBRATION_FILE, Calibration, effects)
	const hasPrior = evaluation.outputs.some(({ name }) => name === PRIOR_FILE)
	const prior = hasPrior ? await readOutput(evaluation, PRIOR_FILE, Prior, effects) : undefined
	return { calibration, prior }
}

async function readOutput<Schema extends GenericSchema>(
	evaluation: Execution,
	name: string,
	schema: Schema,
	effects: Effects,
): Promise<InferOutput<Schema>> {
	const file = findOutput(evaluation, name, effects)
	return parseJsonWith(schema, (await readRecordedFile(file)).toString('utf8'), file.path)
}
