// The steps around an engine: a snapshot becomes a model, a model becomes a small one.
import { join } from 'node:path'
import * as v from 'valibot'
import { joinModelFile } from '../../../src/model/evidence/evidence-file.ts'
import { readModel } from '../../../src/model/fasttext/read.ts'
import { labelName } from '../../../src/model/training-text.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { buildEvidence } from '../evidence/build-evidence.ts'
import type { WeighedText } from '../evidence/count-pairs.ts'
import { describeFile, readBytes, writeFileAtomic } from '../files.ts'
import { type ArtifactOf, type FileRecord, MODEL_FILES } from '../pipeline/artifacts.ts'
import { type Execution, outputRef } from '../pipeline/execution-schema.ts'
import { latestExecution, readExecution } from '../pipeline/executions.ts'
import { findOutput, readMaker } from '../pipeline/outputs.ts'
import {
	type QuantizeParameters,
	TrainingRecipe,
	type TrainParameters,
} from '../pipeline/recipes.ts'
import { runStep } from '../pipeline/run-step.ts'
import { declareStep } from '../pipeline/step.ts'
import { checkRecordedFile, type RecordedFile } from '../recorded-files.ts'
import { type Given, resolveParameters } from '../resolve-parameters.ts'
import {
	type FoundSnapshot,
	findSnapshotFile,
	hasSnapshotFile,
	readSnapshot,
	readSnapshotOf,
	refSnapshot,
} from '../snapshot/read-snapshot.ts'
import { SPLIT_FILES } from '../snapshot/snapshot-schema.ts'
import { findEngine } from './engines.ts'
import { checkInitFile, findInitModel } from './init-model.ts'
import { QuantizingParameters } from './parameters.ts'
import { WholeRecipe } from './recipe.ts'
import { tuneRecipe } from './tune-recipe.ts'

const CHECKPOINT_FILE = 'training.checkpoint'

/** How much a line of each file counts in the table of evidence: measured, see docs/training.md. */
const EVIDENCE_WEIGHTS = [
	{ part: 'train', weight: 1 },
	{ part: 'about', weight: 2 },
	{ part: 'older', weight: 0.1 },
] as const

/** What the parameters file says: it stands in for the defaults of this engine, and of no other. */
export interface FileDefaults<T> {
	readonly engine: string
	readonly parameters: Given<T>
}

export interface TrainOptions {
	/** A snapshot's hash, the first part of one, or `latest`. */
	readonly snapshot: string
	readonly engine: string
	/** A full-precision model to go on from: a release's version, `#` and a training's number, or a file. */
	readonly init?: string | undefined
	/** Seconds to look for good parameters in before the training; engine wasm only. */
	readonly autotune?: number | undefined
	readonly parameters: Given<TrainParameters>
	readonly defaults?: FileDefaults<TrainParameters> | undefined
}

export interface QuantizeOptions {
	/** The training to quantise; the latest where it is not given. */
	readonly execution?: number | string | undefined
	readonly parameters: Given<QuantizeParameters>
	readonly defaults?: FileDefaults<QuantizeParameters> | undefined
}

/** Trains on a snapshot; the folder then holds the model. */
export const trainStep = declareStep({
	name: 'train',
	inputs: {
		snapshot: { kinds: ['snapshot'] },
		/** A model to go on from. */
		init: { kinds: ['model'], optional: true },
	},
	output: 'model',
	section: 'train',
	parameters: WholeRecipe,
	indifferent: ['threads'],
	entry: import.meta.filename,
	async work({ inputs, parameters: recipe, dir }, effects) {
		const { engine, ...parameters } = recipe
		const outputFile = join(dir, MODEL_FILES.model)
		const found = await readSnapshotOf(inputs.snapshot, effects)
		const { init } = inputs
		const job = {
			trainFile: await checkRecordedFile(findSnapshotFile(found, 'train')),
			outputFile,
			parameters,
			...(init ? { initFile: await checkInitFile(init, effects) } : {}),
			// Not in the step's own folder: that goes when the step fails.
			checkpointFile: join(effects.dataDir, CHECKPOINT_FILE),
		}
		const metrics = await findEngine(engine).train(job, effects)
		return { files: [await describeFile(outputFile)], metrics, result: recipe }
	},
})

/** Makes a trained model small; the folder then holds that. */
export const quantizeStep = declareStep({
	name: 'quantize',
	inputs: { model: { kinds: ['model'] }, snapshot: { kinds: ['snapshot'] } },
	output: 'quantized',
	section: 'quantize',
	parameters: QuantizingParameters,
	indifferent: ['threads'],
	entry: import.meta.filename,
	async work({ inputs, parameters: given, dir }, effects) {
		const maker = await readMaker(inputs.model, effects)
		const { engine: name, ...training } = readRecipe(maker)
		const engine = findEngine(name)
		const found = await readSnapshotOf(inputs.snapshot, effects)
		const { values: parameters } = resolveParameters(quantizeDefaults(name, maker), given)
		const outputFile = join(dir, MODEL_FILES.quantized)
		const job = {
			modelFile: await checkRecordedFile(findOutput(maker, MODEL_FILES.model, effects)),
			trainFile: await checkRecordedFile(findSnapshotFile(found, 'train')),
			outputFile,
			parameters: leaveRoom(parameters),
			training,
		}
		const metrics = await engine.quantize(job, effects)
		const evidence = await addEvidence(outputFile, found, parameters)
		const files = [await describeFile(outputFile)]
		return { files, parameters, metrics: { ...metrics, ...evidence }, result: parameters }
	},
})

/** What fastText's part may take where a table of evidence comes beside it. */
function leaveRoom(parameters: QuantizeParameters): QuantizeParameters {
	const { maxBytes, evidenceBytes } = parameters
	if (maxBytes === undefined || evidenceBytes === 0) return parameters
	if (evidenceBytes >= maxBytes)
		throw new AppError(
			'bad-input',
			`evidenceBytes: ${evidenceBytes} of maxBytes ${maxBytes} leave nothing for the model`,
		)
	return { ...parameters, maxBytes: maxBytes - evidenceBytes }
}

/** Makes the table of evidence and puts it behind the quantised model. @returns figures for the record */
async function addEvidence(
	file: string,
	found: FoundSnapshot,
	{ evidenceBytes }: QuantizeParameters,
): Promise<Readonly<Record<string, number>>> {
	if (evidenceBytes === 0) return {}
	const fastText = await readBytes(file, 'model')
	const labels = readModel(fastText).labels.map(({ bytes }) =>
		labelName(Buffer.from(bytes, 'latin1').toString('utf8')),
	)
	const texts = await findEvidenceTexts(found)
	const evidence = await buildEvidence({ texts, labels, maxBytes: evidenceBytes })
	await writeFileAtomic(file, joinModelFile({ fastText, evidence }))
	return { evidenceBytes: evidence.length }
}

/** What a table of evidence is counted from: all that was trained on, names and descriptions once more, and older posts a little. */
async function findEvidenceTexts(found: FoundSnapshot): Promise<WeighedText[]> {
	const texts: WeighedText[] = []
	for (const { part, weight } of EVIDENCE_WEIGHTS)
		if (part === 'train' || hasSnapshotFile(found, part))
			texts.push({ path: await checkRecordedFile(findSnapshotFile(found, part)), weight })
	return texts
}

// Its posts are the new ones alone, perhaps: trained again on these it would forget what it has from the other model.
function quantizeDefaults(engine: string, { inputs }: Execution): QuantizeParameters {
	const usual = findEngine(engine).quantizeDefaults
	return inputs.init === undefined ? usual : { ...usual, retrain: false }
}

/** What a training was told. @throws AppError `bad-data` for a record that does not say it */
export function readRecipe(training: Execution): TrainingRecipe {
	return parseWith(TrainingRecipe, training.parameters, `parameters of execution #${training.id}`)
}

/** Runs `train` for its command. */
export async function trainSnapshot(options: TrainOptions, effects: Effects): Promise<Execution> {
	const { engine: name, autotune: seconds, defaults } = options
	const engine = findEngine(name)
	const found = await readSnapshot(effects, options.snapshot)
	const usual = { ...engine.defaults, ...defaultsFor(name, defaults) }
	const { values, overridden } = resolveParameters(usual, options.parameters)
	const recipe = v.parse(WholeRecipe, { engine: name, ...values })
	const given = namesOf(options.parameters)
	const parameters = seconds ? await tuneRecipe({ recipe, given, found, seconds }, effects) : recipe
	const snapshot = withFile(refSnapshot(found), findSnapshotFile(found, 'train'))
	const init = options.init === undefined ? undefined : await findInitModel(options.init, effects)
	const run = { inputs: { snapshot, init }, parameters, overridden: defaults && overridden }
	return (await runStep(trainStep, run, effects)).execution
}

/** Runs `quantize` for its command. */
export async function quantizeModel(
	{ execution: reference, parameters: flags, defaults }: QuantizeOptions,
	effects: Effects,
): Promise<Execution> {
	const training = await findTraining(reference, effects)
	const found = await readSnapshot(effects, training.inputs.snapshot?.sha256 ?? '')
	const { engine } = readRecipe(training)
	const usual = { ...quantizeDefaults(engine, training), ...defaultsFor(engine, defaults) }
	// A file means the usual way, and a model that went on from another is not trained again.
	const own = training.inputs.init ? { ...usual, retrain: false } : usual
	const { values, overridden } = resolveParameters<Given<QuantizeParameters>>(own, flags)
	const model: ArtifactOf<'model'> = { ...outputRef(training), kind: 'model' }
	const snapshot = withFile(refSnapshot(found), findSnapshotFile(found, 'train'))
	const run = {
		inputs: { model, snapshot },
		parameters: parseWith(QuantizingParameters, values, 'parameters of quantize'),
		overridden: defaults && overridden,
	}
	return (await runStep(quantizeStep, run, effects)).execution
}

function defaultsFor<T>(engine: string, defaults: FileDefaults<T> | undefined): Given<T> {
	return defaults?.engine === engine ? defaults.parameters : {}
}

/** Names of those that were given. */
function namesOf<T extends object>(given: T): (keyof T)[] {
	return (Object.keys(given) as (keyof T)[]).filter((name) => given[name] !== undefined)
}

/** Of a snapshot the step reads this file alone. */
function withFile(
	snapshot: ArtifactOf<'snapshot'>,
	{ record }: RecordedFile,
): ArtifactOf<'snapshot'> {
	const file: FileRecord = { name: SPLIT_FILES.train, ...record }
	return { ...snapshot, files: [file] }
}

async function findTraining(
	reference: number | string | undefined,
	effects: Effects,
): Promise<Execution> {
	if (reference === undefined) return latestExecution(effects, 'train')
	const execution = await readExecution(effects, reference)
	if (execution.step !== 'train')
		throw new AppError(
			'bad-input',
			`execution #${execution.id} is a ${execution.step}; name a train`,
		)
	return execution
}
