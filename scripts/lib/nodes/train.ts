// `train` and `quantize`: name the snapshot and the training, and have a model made, and a small one of it.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { type MakeOptions, make } from '../graph/make.ts'
import type { ArtifactOf, FileRecord } from '../pipeline/artifacts.ts'
import { type Execution, outputRef } from '../pipeline/execution-schema.ts'
import { latestExecution, readExecution } from '../pipeline/executions.ts'
import { QuantizeParameters, RecordedTraining, type TrainParameters } from '../pipeline/recipes.ts'
import type { RecordedFile } from '../recorded-files.ts'
import { type Given, resolveParameters } from '../resolve-parameters.ts'
import { findSnapshotFile, readSnapshot, refSnapshot } from '../snapshot/read-snapshot.ts'
import { SPLIT_FILES } from '../snapshot/snapshot-schema.ts'
import { quantizeStep, trainStep } from '../trainer/steps.ts'
import { wasmTrainer } from '../trainer/wasm.ts'

export interface TrainOptions extends MakeOptions {
	/** A snapshot's hash, the first part of one, or `latest`. */
	readonly snapshot: string
	readonly parameters: Given<TrainParameters>
	/** What the parameters file says. */
	readonly defaults?: Given<TrainParameters> | undefined
}

export interface QuantizeOptions extends MakeOptions {
	/** The training to quantise; the latest where it is not given. */
	readonly execution?: number | string | undefined
	readonly parameters: Given<QuantizeParameters>
	/** What the parameters file says. */
	readonly defaults?: Given<QuantizeParameters> | undefined
}

/** Trains, unless this was trained before. */
export async function trainSnapshot(options: TrainOptions, effects: Effects): Promise<Execution> {
	const { defaults } = options
	const found = await readSnapshot(effects, options.snapshot)
	const usual = { ...wasmTrainer.defaults, ...defaults }
	const { values, overridden } = resolveParameters(usual, options.parameters)
	const parameters = v.parse(RecordedTraining, values)
	const snapshot = withFile(refSnapshot(found), findSnapshotFile(found, 'train'))
	const run = { inputs: { snapshot }, parameters, overridden: defaults && overridden }
	return make(trainStep, run, effects, options)
}

/** Quantises, unless this was quantised before. */
export async function quantizeModel(
	{ execution: reference, parameters: flags, defaults, fresh }: QuantizeOptions,
	effects: Effects,
): Promise<Execution> {
	const training = await findTraining(reference, effects)
	const found = await readSnapshot(effects, training.inputs.snapshot?.sha256 ?? '')
	const usual = { ...wasmTrainer.quantizeDefaults, ...defaults }
	const { values, overridden } = resolveParameters<Given<QuantizeParameters>>(usual, flags)
	const model: ArtifactOf<'model'> = { ...outputRef(training), kind: 'model' }
	const snapshot = withFile(refSnapshot(found), findSnapshotFile(found, 'train'))
	const run = {
		inputs: { model, snapshot },
		parameters: parseWith(QuantizeParameters, values, 'parameters of quantize'),
		overridden: defaults && overridden,
	}
	return make(quantizeStep, run, effects, { fresh })
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
