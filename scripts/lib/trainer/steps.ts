// The recorded steps around an engine: a snapshot becomes a model, a model becomes a small one.
import { basename, join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { describeFile } from '../files.ts'
import type { Artifact, Execution } from '../pipeline/execution-schema.ts'
import { latestExecution, readExecution, runStep } from '../pipeline/executions.ts'
import { findOutput } from '../pipeline/outputs.ts'
import { checkRecordedFile, type RecordedFile } from '../recorded-files.ts'
import { type Given, resolveParameters } from '../resolve-parameters.ts'
import { type FoundSnapshot, findSnapshotFile, readSnapshot } from '../snapshot/read-snapshot.ts'
import { tune } from './autotune.ts'
import { hashTrainer } from './compile.ts'
import { findEngine } from './engines.ts'
import { findInitModel } from './init-model.ts'
import type { QuantizeParameters, Trainer, TrainParameters } from './trainer.ts'

const MODEL_FILE = 'model.bin'
const QUANTIZED_FILE = 'model.ftz'
const CHECKPOINT_FILE = 'training.checkpoint'

/** What the parameters file says: it stands in for the defaults of this engine, and of no other. */
export interface FileDefaults<T> {
	readonly engine: string
	readonly parameters: Given<T>
}

export interface TrainOptions {
	/** A snapshot's hash, the first part of one, or `latest`. */
	readonly snapshot: string
	readonly engine: string
	/** A full-precision model to go on from: a release's version, `#` and a training's id, or a file. */
	readonly init?: string | undefined
	/** Seconds to look for good parameters in before the training; engine wasm only. */
	readonly autotune?: number | undefined
	readonly parameters: Given<TrainParameters>
	readonly defaults?: FileDefaults<TrainParameters> | undefined
}

export interface QuantizeOptions {
	/** The training to quantise; the latest where it is not given. */
	readonly execution?: number | undefined
	readonly parameters: Given<QuantizeParameters>
	readonly defaults?: FileDefaults<QuantizeParameters> | undefined
}

/** Trains on a snapshot; the execution's folder then holds `model.bin`. */
export async function trainSnapshot(options: TrainOptions, effects: Effects): Promise<Execution> {
	const engine = findEngine(options.engine)
	const found = await readSnapshot(effects, options.snapshot)
	const usual = fileDefaults(engine.name, engine.defaults, options.defaults)
	const { values: given, overridden } = resolveParameters(usual, options.parameters)
	const parameters = options.autotune
		? await tuneParameters(engine, found, { parameters: given, seconds: options.autotune }, effects)
		: given
	const init = options.init === undefined ? null : await findInitModel(options.init, effects)
	const plan = {
		step: 'train',
		parameters: {
			...parameters,
			engine: engine.name,
			snapshot: found.snapshot.hash,
			...(init ? { init: options.init ?? '' } : {}),
		},
		overridden: options.defaults && overridden,
		parents: [found.execution, init?.execution ?? null].filter((id) => id !== null),
	} as const
	return runStep(plan, effects, async (dir) => {
		const outputFile = join(dir, MODEL_FILE)
		const train = findSnapshotFile(found, 'train')
		const trainFile = await checkRecordedFile(train)
		const job = {
			trainFile,
			outputFile,
			parameters,
			...(init ? { initFile: init.file } : {}),
			// Not in the step's own folder: that goes when the step fails.
			checkpointFile: join(effects.dataDir, CHECKPOINT_FILE),
		}
		const metrics = await engine.train(job, effects)
		const inputs = [toArtifact(train), ...(init ? [init.artifact] : [])]
		return { inputs, outputs: [await describeFile(outputFile)], metrics }
	})
}

/** Trials are kept beside the executions: the same search again goes on where it was. */
async function tuneParameters(
	engine: Trainer,
	found: FoundSnapshot,
	options: { readonly parameters: TrainParameters; readonly seconds: number },
	effects: Effects,
): Promise<TrainParameters> {
	if (engine.name !== 'wasm')
		throw new AppError('unsupported', `the engine ${engine.name} has no --autotune; use wasm`)
	// What other code measured says nothing of this.
	const code = (await hashTrainer()).slice(0, 8)
	const trials = `${found.snapshot.hash.slice(0, 12)}-${code}.jsonl`
	const job = {
		...options,
		trainFile: await checkRecordedFile(findSnapshotFile(found, 'train')),
		validationFile: await checkRecordedFile(findSnapshotFile(found, 'valid')),
		trialsFile: join(effects.dataDir, 'tuning', trials),
	}
	return tune(engine, job, effects)
}

// Its posts are the new ones alone, perhaps: trained again on these it would forget what it has from the other model.
function quantizeDefaults(
	{ name, quantizeDefaults: own }: Trainer,
	training: Execution,
	defaults: QuantizeOptions['defaults'],
): QuantizeParameters {
	const usual = fileDefaults(name, own, defaults)
	return training.parameters.init === undefined ? usual : { ...usual, retrain: false }
}

/** Makes a trained model small; the execution's folder then holds `model.ftz`. */
export async function quantizeModel(
	options: QuantizeOptions,
	effects: Effects,
): Promise<Execution> {
	const training = await findTraining(options.execution, effects)
	const engine = findEngine(String(training.parameters.engine))
	const found = await readSnapshot(effects, String(training.parameters.snapshot))
	const usual = quantizeDefaults(engine, training, options.defaults)
	const { values: parameters, overridden } = resolveParameters(usual, options.parameters)
	const plan = {
		step: 'quantize',
		parameters: { ...parameters, engine: engine.name, snapshot: found.snapshot.hash },
		overridden: options.defaults && overridden,
		parents: [training.id],
	} as const
	return runStep(plan, effects, async (dir) => {
		const model = findOutput(training, MODEL_FILE, effects)
		const modelFile = await checkRecordedFile(model)
		const outputFile = join(dir, QUANTIZED_FILE)
		const train = findSnapshotFile(found, 'train')
		const trainFile = await checkRecordedFile(train)
		const metrics = await engine.quantize({ modelFile, trainFile, outputFile, parameters }, effects)
		const inputs = [model, train].map(toArtifact)
		return { inputs, outputs: [await describeFile(outputFile)], metrics }
	})
}

async function findTraining(id: number | undefined, effects: Effects): Promise<Execution> {
	if (id === undefined) return latestExecution(effects, 'train')
	const execution = await readExecution(effects, id)
	if (execution.step !== 'train')
		throw new AppError('bad-input', `execution #${id} is a ${execution.step}; name a train`)
	return execution
}

function toArtifact({ path, record }: RecordedFile): Artifact {
	return { name: basename(path), bytes: record.bytes, sha256: record.sha256 }
}

function fileDefaults<T extends object>(
	engine: string,
	own: T,
	defaults: FileDefaults<T> | undefined,
): T {
	return defaults?.engine === engine ? resolveParameters(own, defaults.parameters).values : own
}
