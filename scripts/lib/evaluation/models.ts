// The models that can be measured: releases, and candidates that are executions so far. Node.

import type { GenericSchema, InferOutput } from 'valibot'
import type { Adjustment } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { Calibration } from '../../../src/shared/calibration.ts'
import type { Manifest } from '../../../src/shared/manifest.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { Prior } from '../../../src/shared/prior.ts'
import { TWIN_OF } from '../../../src/shared/published-figures.ts'
import type { Effects } from '../effects.ts'
import { openRelease, readManifest } from '../models/release.ts'
import { findRelease, readReleases } from '../models/releases-json.ts'
import { type ArtifactOf, EVALUATION_FILES, MODEL_FILES } from '../pipeline/artifacts.ts'
import { type Execution, executionName, outputRef } from '../pipeline/execution-schema.ts'
import { isExecutionReference, listExecutions, readExecution } from '../pipeline/executions.ts'
import { findCopy, findOutput, readMaker } from '../pipeline/outputs.ts'
import { readRecordedFile } from '../recorded-files.ts'
import { readSnapshot } from '../snapshot/read-snapshot.ts'
import { adjust, adoptAdjustment } from './adjust.ts'
import type { AdjustedModel, Model } from './evaluate.ts'
import { readLabels } from './scoring.ts'
import { openSnapshotSet } from './snapshot-sets.ts'
import type { TestSet } from './titles.ts'
import { UNSEEN_METRIC } from './unseen-figure.ts'

/** A model that is not released yet. */
export type CandidateRef = ArtifactOf<'model'> | ArtifactOf<'quantized'>
export type ModelRef = CandidateRef | ArtifactOf<'release'>

/** A model that can be measured, and the snapshot that it was trained on. */
export interface MeasurableModel extends AdjustedModel {
	/** The snapshot's hash. */
	readonly snapshot: string
	/** Its training posts were created before this instant. */
	readonly trainedUntil: string
	readonly ref: ModelRef
	/** unseen.recall@5, as its manifest or its evaluation has it. */
	readonly unseenRecall?: number | undefined
}

/**
 * @param name a version or a channel, or an execution: `20200602.0`, `staging`, `56`, `#56`
 * @throws AppError `not-found`, `damaged`, `bad-input` for an execution that is no model's
 */
export async function findModel(name: string, effects: Effects): Promise<ModelRef> {
	return isExecutionReference(name)
		? refCandidate(await findModelExecution(name, effects))
		: refRelease(name, effects)
}

/** What people call a model, and the snapshot that it was trained on, without reading it. */
export async function describeModel(
	ref: ModelRef,
	effects: Effects,
): Promise<{ readonly name: string; readonly snapshot: string }> {
	if (ref.kind !== 'release') {
		const maker = await readMaker(ref, effects)
		return { name: `execution #${maker.id}`, snapshot: snapshotOf(maker) }
	}
	const { version, data } = await readReleaseManifest(ref.name, effects)
	return { name: `release ${version}`, snapshot: data.snapshot }
}

/**
 * What is measured in place of a release that was trained on its test posts, too: its twin, which has never seen them. Any other
 * model is measured itself.
 *
 * @throws AppError `not-found` where the twin is not of this data folder, with how to make it
 */
export async function findMeasured(ref: ModelRef, effects: Effects): Promise<ModelRef> {
	if (ref.kind !== 'release') return ref
	const { twin, version } = await readReleaseManifest(ref.name, effects)
	if (!twin) return ref
	const execution = await findModelExecution(twin.execution, effects)
	const copy = await findCopy(execution, effects)
	if (copy) return refCandidate(copy)
	throw new AppError(
		'not-found',
		`release ${version} has learnt these posts, and its twin (execution #${execution.id}), which has not, is not in ${effects.dataDir}; make it again: executions rerun ${executionName(execution)} --with-inputs`,
	)
}

/**
 * What is measured in place of a model on any posts: its twin, where it is a release that has learnt some of them.
 *
 * @throws AppError `not-found` as {@link findMeasured}
 */
export async function findUnspoiled(
	ref: ModelRef,
	testSet: Pick<TestSet, 'snapshot' | 'window'>,
	effects: Effects,
): Promise<ModelRef> {
	// When the posts of dumps were created is known once they were read.
	if (ref.kind !== 'release' || testSet.snapshot === null) return ref
	const { data } = await readReleaseManifest(ref.name, effects)
	return data.until <= testSet.window().from ? ref : findMeasured(ref, effects)
}

/** The release that was named, where its twin is measured. */
export function releaseBehind(
	named: ModelRef,
	measured: ModelRef,
): ArtifactOf<'release'> | undefined {
	return named.kind === 'release' && named !== measured ? named : undefined
}

/** The twin of a release, as its record has it, wherever its files are; null where there is none, or no record of it. */
export async function refTwin(ref: ModelRef, effects: Effects): Promise<CandidateRef | null> {
	if (ref.kind !== 'release') return null
	const { twin } = await readReleaseManifest(ref.name, effects)
	if (!twin) return null
	try {
		return refCandidate(await findModelExecution(twin.execution, effects))
	} catch (error) {
		if (error instanceof AppError && error.code === 'not-found') return null
		throw error
	}
}

async function readReleaseManifest(name: string, { modelsDir }: Effects): Promise<Manifest> {
	return readManifest(modelsDir, findRelease(await readReleases(modelsDir), name))
}

export async function refRelease(name: string, effects: Effects): Promise<ArtifactOf<'release'>> {
	const manifest = await readReleaseManifest(name, effects)
	const { file, decodedBytes: bytes, decodedSha256: sha256 } = manifest.model
	const files = [{ name: file, bytes, sha256 }]
	return { kind: 'release', name: manifest.version, sha256, execution: null, files }
}

export function refCandidate(execution: Execution): CandidateRef {
	const { kind } = execution.output
	if (kind === 'model' || kind === 'quantized') return { ...outputRef(execution), kind }
	throw new AppError(
		'bad-input',
		`execution #${execution.id} made no model: it is a ${execution.step}; name a train or a quantize`,
	)
}

/** @throws AppError `not-found`, `damaged` */
export async function loadModel(ref: ModelRef, effects: Effects): Promise<MeasurableModel> {
	return ref.kind === 'release' ? loadRelease(ref, effects) : loadCandidate(ref, effects)
}

/**
 * A model that stands in for a release as its twin: it has the prior and the calibration that people see, and not what was chosen
 * for it since.
 *
 * @param release undefined: the model stands for itself @throws AppError `not-found`, `damaged`
 */
export async function loadModelAs(
	ref: ModelRef,
	release: ArtifactOf<'release'> | undefined,
	effects: Effects,
): Promise<MeasurableModel> {
	if (!release || ref.kind === 'release') return loadModel(ref, effects)
	const manifest = await readReleaseManifest(release.name, effects)
	return loadTwin(await readMaker(ref, effects), manifest, effects)
}

/** @param twin an execution whose files are in this data folder @throws AppError `damaged` */
export async function loadTwin(
	twin: Execution,
	manifest: Manifest,
	effects: Effects,
): Promise<MeasurableModel> {
	const model = await readExecutionModel(twin, effects)
	const { snapshot } = await readSnapshot(effects, snapshotOf(twin))
	return {
		...model,
		// Two releases may have one model as their twin.
		name: `${TWIN_OF}release ${manifest.version}`,
		...adoptAdjustment(manifest, model.labels, snapshot.labels),
		snapshot: snapshot.hash,
		trainedUntil: snapshot.until,
		ref: refCandidate(twin),
		unseenRecall: manifest.metrics[UNSEEN_METRIC],
	}
}

async function loadRelease(ref: ArtifactOf<'release'>, effects: Effects): Promise<MeasurableModel> {
	const { manifest, model: bytes } = await openRelease(effects.modelsDir, ref.name)
	return {
		name: `release ${manifest.version}`,
		bytes,
		labels: await readLabels(bytes),
		calibration: manifest.calibration,
		prior: manifest.prior,
		snapshot: manifest.data.snapshot,
		trainedUntil: manifest.data.until,
		ref,
		unseenRecall: manifest.metrics[UNSEEN_METRIC],
	}
}

// A candidate that was evaluated has an adjustment; another one gets it now, from the same validation posts.
async function loadCandidate(ref: CandidateRef, effects: Effects): Promise<MeasurableModel> {
	const execution = await readMaker(ref, effects)
	const model = await readExecutionModel(execution, effects)
	const { snapshot } = await readSnapshot(effects, snapshotOf(execution))
	const evaluation = await findEvaluation(execution, effects)
	const adjustment = evaluation
		? await readAdjustment(evaluation, effects)
		: await adjustCandidate(model, snapshot.hash, effects)
	return {
		...model,
		...adjustment,
		snapshot: snapshot.hash,
		trainedUntil: snapshot.until,
		ref,
		unseenRecall: evaluation?.metrics[UNSEEN_METRIC],
	}
}

/** The train or quantize execution that is named itself or, for an evaluation, the one that it is about. */
export async function findModelExecution(
	reference: number | string,
	effects: Effects,
): Promise<Execution> {
	const execution = await readExecution(effects, reference)
	const { id, step, inputs } = execution
	if (step === 'train' || step === 'quantize') return execution
	const measured = inputs.model?.execution
	if (step === 'evaluate' && measured) return readExecution(effects, measured)
	throw new AppError(
		'bad-input',
		`execution #${id} made no model: it is a ${step}; name a train or a quantize`,
	)
}

/** The newest evaluation of a model on its own snapshot, which calibrates it; one on other posts does not. */
export async function findEvaluation(
	candidate: Execution,
	effects: Effects,
): Promise<Execution | null> {
	const name = executionName(candidate)
	const found = (await listExecutions(effects)).findLast(
		({ step, inputs, outputs }) =>
			step === 'evaluate' &&
			inputs.model?.execution === name &&
			outputs.some((file) => file.name === EVALUATION_FILES.calibration),
	)
	return found ?? null
}

/** The hash of the snapshot that a model was trained on. */
export function snapshotOf({ id, inputs }: Execution): string {
	const hash = inputs.snapshot?.sha256
	if (hash) return hash
	throw new AppError('bad-data', `execution #${id} names no snapshot; train again`)
}

/** @throws AppError `damaged` where the file is not the one on record */
export async function readExecutionModel(execution: Execution, effects: Effects): Promise<Model> {
	const { kind } = refCandidate(execution)
	const bytes = await readRecordedFile(findOutput(execution, MODEL_FILES[kind], effects))
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
	const files = EVALUATION_FILES
	const calibration = await readOutput(evaluation, files.calibration, Calibration, effects)
	const hasPrior = evaluation.outputs.some(({ name }) => name === files.prior)
	const prior = hasPrior ? await readOutput(evaluation, files.prior, Prior, effects) : undefined
	return { calibration, prior }
}

/** One of the JSON files of an evaluation. @throws AppError `damaged`, `bad-data` */
export async function readOutput<Schema extends GenericSchema>(
	evaluation: Execution,
	name: string,
	schema: Schema,
	effects: Effects,
): Promise<InferOutput<Schema>> {
	const file = findOutput(evaluation, name, effects)
	return parseJsonWith(schema, (await readRecordedFile(file)).toString('utf8'), file.path)
}
