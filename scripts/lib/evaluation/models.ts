// The models that can be measured: releases, and candidates, which are executions so far.
import type { GenericSchema, InferOutput } from 'valibot'
import { type Adjustment, adjustmentOf } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { Calibration } from '../../../src/shared/calibration.ts'
import type { Manifest } from '../../../src/shared/manifest.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { Prior } from '../../../src/shared/prior.ts'
import { nameOfTwin } from '../../../src/shared/published-figures.ts'
import { Reranker } from '../../../src/shared/reranker.ts'
import type { Effects } from '../effects.ts'
import { type ArtifactOf, CANDIDATE_FILES, MODEL_FILES } from '../pipeline/artifacts.ts'
import { type Execution, executionName, outputRef } from '../pipeline/execution-schema.ts'
import { isExecutionReference, listExecutions, readExecution } from '../pipeline/executions.ts'
import { findOutput, readMaker } from '../pipeline/outputs.ts'
import { type RecordedFile, readRecordedFile } from '../recorded-files.ts'
import { openRelease, readManifest } from '../release-files/release.ts'
import { findRelease, readReleases } from '../release-files/releases-json.ts'
import { readSnapshot } from '../snapshot/read-snapshot.ts'
import type { Snapshot } from '../snapshot/snapshot-schema.ts'
import { adjust, adoptAdjustment } from './adjust.ts'
import type { AdjustedModel, Model } from './evaluate.ts'
import { readLabels } from './scoring.ts'
import { openSnapshotSet } from './snapshot-sets.ts'
import { UNSEEN_METRIC } from './unseen-figure.ts'

/** A model without reranker, prior and calibration. */
export type PlainModelRef = ArtifactOf<'model' | 'quantized'>
export type ModelRef = ArtifactOf<'release' | 'candidate' | 'model' | 'quantized'>

/** Which posts a model was trained on. */
export interface LearntPosts {
	/** The hash of their snapshot. */
	readonly snapshot: string
	/** They were created before this instant. */
	readonly trainedUntil: string
	/** So many of the newest posts of each subreddit are not among them. */
	readonly heldBack: number
}

/** A model that can be measured. */
export interface MeasurableModel extends AdjustedModel, LearntPosts {
	readonly ref: ModelRef
	/** unseen.recall@5, as its manifest has it. */
	readonly unseenRecall?: number | undefined
}

/**
 * @param name a version or a channel, or an execution: `20200602.0`, `staging`, `56`, `#56`
 * @throws AppError `not-found`, `damaged`, `bad-input` for an execution that is no model's
 */
export async function findModel(name: string, effects: Effects): Promise<ModelRef> {
	return isExecutionReference(name)
		? refModel(await findModelExecution(name, effects))
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

export async function readReleaseManifest(name: string, { modelsDir }: Effects): Promise<Manifest> {
	return readManifest(modelsDir, findRelease(await readReleases(modelsDir), name))
}

export async function refRelease(name: string, effects: Effects): Promise<ArtifactOf<'release'>> {
	const manifest = await readReleaseManifest(name, effects)
	const { file, decodedBytes: bytes, decodedSha256: sha256 } = manifest.model
	const files = [{ name: file, bytes, sha256 }]
	return { kind: 'release', name: manifest.version, sha256, execution: null, files }
}

/** What a train, a quantize or an adjust made. */
export function refModel(execution: Execution): Exclude<ModelRef, ArtifactOf<'release'>> {
	const { kind } = execution.output
	if (kind === 'model' || kind === 'quantized' || kind === 'candidate')
		return { ...outputRef(execution), kind }
	throw noModel(execution)
}

export function refPlainModel(execution: Execution): PlainModelRef {
	const ref = refModel(execution)
	if (ref.kind !== 'candidate') return ref
	throw new AppError(
		'bad-input',
		`execution #${execution.id} is adjusted already; name a train or a quantize`,
	)
}

export function refCandidate(execution: Execution): ArtifactOf<'candidate'> {
	const ref = refModel(execution)
	if (ref.kind === 'candidate') return ref
	throw new AppError(
		'bad-input',
		`execution #${execution.id} is a ${execution.step}; name an adjust`,
	)
}

function noModel({ id, step }: Execution): AppError {
	return new AppError(
		'bad-input',
		`execution #${id} made no model: it is a ${step}; name a train, a quantize or an adjust`,
	)
}

/** @throws AppError `not-found`, `damaged` */
export async function loadModel(ref: ModelRef, effects: Effects): Promise<MeasurableModel> {
	if (ref.kind === 'release') return loadRelease(ref, effects)
	if (ref.twinOf === undefined) return loadExecution(ref, effects)
	const manifest = await readReleaseManifest(ref.twinOf, effects)
	return loadTwin(await readMaker(ref, effects), manifest, effects)
}

/** Which posts a model was trained on, without reading it. @throws AppError `not-found` */
export async function describeLearnt(ref: ModelRef, effects: Effects): Promise<LearntPosts> {
	if (ref.kind === 'release') return learntByRelease(await readReleaseManifest(ref.name, effects))
	const { snapshot } = await readSnapshot(effects, snapshotOf(await readMaker(ref, effects)))
	return learntFrom(snapshot)
}

function learntFrom({ hash, until, split, flags }: Snapshot): LearntPosts {
	const heldBack = split === 'newest' ? Number(flags.testPosts) : 0
	return { snapshot: hash, trainedUntil: until, heldBack }
}

// Its figures are of the posts that were held back; where it has a twin, of those that were held back from that one.
function learntByRelease({ data, metrics, twin }: Manifest): LearntPosts {
	const heldBack = twin || metrics.split !== 'newest' ? 0 : (metrics.newest ?? 0)
	return { snapshot: data.snapshot, trainedUntil: data.until, heldBack }
}

/**
 * A model that stands in for a release as its twin: it has the reranker, the prior and the calibration that people see, and not
 * what was chosen for it since.
 *
 * @param twin an execution whose files are in this data folder
 * @throws AppError `damaged`
 */
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
		name: nameOfTwin(`release ${manifest.version}`),
		...adoptAdjustment(manifest, model.labels, snapshot.labels),
		...learntFrom(snapshot),
		ref: { ...refModel(twin), twinOf: manifest.version },
		unseenRecall: manifest.metrics[UNSEEN_METRIC],
	}
}

async function loadRelease(ref: ArtifactOf<'release'>, effects: Effects): Promise<MeasurableModel> {
	const { manifest, model: bytes } = await openRelease(effects, ref.name)
	return {
		name: `release ${manifest.version}`,
		bytes,
		labels: await readLabels(bytes),
		...adjustmentOf(manifest),
		...learntByRelease(manifest),
		ref,
		unseenRecall: manifest.metrics[UNSEEN_METRIC],
	}
}

// Records from before there were candidates name plain models: these are adjusted now, as they were then.
async function loadExecution(
	ref: Exclude<ModelRef, ArtifactOf<'release'>>,
	effects: Effects,
): Promise<MeasurableModel> {
	const execution = await readMaker(ref, effects)
	const model = await readExecutionModel(execution, effects)
	const { snapshot } = await readSnapshot(effects, snapshotOf(execution))
	const adjustment =
		ref.kind === 'candidate'
			? await readAdjustment(execution, effects)
			: await adjustCandidate(model, snapshot.hash, effects)
	return { ...model, ...adjustment, ...learntFrom(snapshot), ref }
}

/** The execution that is named itself where it made a model or, for an evaluation, the one that it is about. */
export async function findModelExecution(
	reference: number | string,
	effects: Effects,
): Promise<Execution> {
	const execution = await readExecution(effects, reference)
	const { step, inputs } = execution
	if (step === 'train' || step === 'quantize' || step === 'adjust') return execution
	const measured = inputs.model?.execution
	if (step === 'evaluate' && measured) return readExecution(effects, measured)
	throw noModel(execution)
}

/** The candidates that were made of a model, oldest first. */
export async function listCandidates(model: Execution, effects: Effects): Promise<Execution[]> {
	const name = executionName(model)
	return (await listExecutions(effects)).filter(
		({ step, inputs }) => step === 'adjust' && inputs.model?.execution === name,
	)
}

/** The newest evaluation of a model, or of a candidate that was made of it, on the test posts of its own snapshot. */
export async function findEvaluation(
	model: Execution,
	effects: Effects,
): Promise<Execution | null> {
	const models = [model, ...(await listCandidates(model, effects))].map(executionName)
	const found = (await listExecutions(effects)).findLast(
		({ step, inputs }) =>
			step === 'evaluate' &&
			models.includes(inputs.model?.execution ?? '') &&
			// In the place of a release it was asked with that one's adjustment.
			inputs.model?.twinOf === undefined &&
			inputs.posts?.sha256 === model.inputs.snapshot?.sha256,
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
	const bytes = await readRecordedFile(findModelFile(execution, effects))
	return { name: `execution #${execution.id}`, bytes, labels: await readLabels(bytes) }
}

/** The file that a train, a quantize or an adjust has its model in. */
function findModelFile(execution: Execution, effects: Effects): RecordedFile {
	const { kind } = refModel(execution)
	if (kind !== 'candidate') return findOutput(execution, MODEL_FILES[kind], effects)
	const isModel = ({ name }: { readonly name: string }) =>
		Object.values<string>(MODEL_FILES).includes(name)
	const file = execution.outputs.find(isModel)
	return findOutput(execution, file?.name ?? MODEL_FILES.quantized, effects)
}

/** Chooses reranker, prior and calibration on the validation posts of the model's own snapshot. */
export async function adjustCandidate(
	model: Model,
	snapshotHash: string,
	effects: Effects,
): Promise<Adjustment> {
	const { snapshot } = await readSnapshot(effects, snapshotHash)
	const validation = await openSnapshotSet(snapshotHash, 'valid', effects)
	return adjust(model, validation, snapshot.labels, effects)
}

/** Of a candidate. @throws AppError `damaged` */
export async function readAdjustment(candidate: Execution, effects: Effects): Promise<Adjustment> {
	const files = CANDIDATE_FILES
	const calibration = await readOutput(candidate, files.calibration, Calibration, effects)
	const has = (file: string) => candidate.outputs.some(({ name }) => name === file)
	const prior = has(files.prior)
		? await readOutput(candidate, files.prior, Prior, effects)
		: undefined
	const reranker = has(files.reranker)
		? await readOutput(candidate, files.reranker, Reranker, effects)
		: undefined
	return { calibration, prior, reranker }
}

/** One of the JSON files that an execution made. @throws AppError `damaged`, `bad-data` */
export async function readOutput<Schema extends GenericSchema>(
	execution: Execution,
	name: string,
	schema: Schema,
	effects: Effects,
): Promise<InferOutput<Schema>> {
	const file = findOutput(execution, name, effects)
	return parseJsonWith(schema, (await readRecordedFile(file)).toString('utf8'), file.path)
}
