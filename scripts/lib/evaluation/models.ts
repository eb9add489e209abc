// The models that can be measured: releases, and candidates that are executions so far. Node.
import { AppError } from '../../../src/shared/app-error.ts'
import { Calibration } from '../../../src/shared/calibration.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import type { Artifact, Execution } from '../executions/execution-schema.ts'
import { listExecutions, readExecution } from '../executions/executions.ts'
import { findOutput } from '../executions/outputs.ts'
import { sha256 } from '../files.ts'
import { openRelease } from '../models/release.ts'
import { readRecordedFile } from '../recorded-files.ts'
import { readSnapshot } from '../snapshot/read-snapshot.ts'
import { type CalibratedModel, calibrateOn, type Model } from './evaluate.ts'
import { readLabels } from './scoring.ts'
import { openSnapshotSet } from './snapshot-sets.ts'

export const CALIBRATION_FILE = 'calibration.json'

const MODEL_FILES: { readonly [step in Execution['step']]?: string } = {
	train: 'model.bin',
	quantize: 'model.ftz',
}

/** A model that can be measured, and the snapshot that it was trained on. */
export interface MeasurableModel extends CalibratedModel {
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
		snapshot: manifest.data.snapshot,
		trainedUntil: manifest.data.until,
		execution: null,
	}
}

// A candidate that was evaluated has a calibration; another one gets it now, from the same validation posts.
async function loadCandidate(id: number, effects: Effects): Promise<MeasurableModel> {
	const execution = await findModelExecution(id, effects)
	const model = await readExecutionModel(execution, effects)
	const { snapshot } = await readSnapshot(effects, snapshotOf(execution))
	const evaluation = await findEvaluation(execution.id, effects)
	const calibration = evaluation
		? await readCalibration(evaluation, effects)
		: await calibrateOn(model, await openSnapshotSet(snapshot.hash, 'valid', effects), effects)
	return {
		...model,
		calibration,
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

export async function readCalibration(
	evaluation: Execution,
	effects: Effects,
): Promise<Calibration> {
	const file = findOutput(evaluation, CALIBRATION_FILE, effects)
	return parseJsonWith(Calibration, (await readRecordedFile(file)).toString('utf8'), file.path)
}
