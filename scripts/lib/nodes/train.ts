// `train` and `quantize`: find the snapshot or the training, and run the step.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { type MakeOptions, make } from '../graph/make.ts'
import type { ArtifactOf } from '../pipeline/artifacts.ts'
import { type Execution, outputRef, type StepName } from '../pipeline/execution-schema.ts'
import { latestExecution, readExecution } from '../pipeline/executions.ts'
import { findSnapshotFile, readSnapshot, refSnapshot } from '../snapshot/read-snapshot.ts'
import { SPLIT_FILES } from '../snapshot/snapshot-schema.ts'
import type { QuantizeParameters, TrainParameters } from '../trainer/parameters.ts'
import { quantizeStep, trainStep } from '../trainer/steps.ts'

export interface TrainOptions extends MakeOptions {
	/** A snapshot's hash, the first part of one, or `latest`. */
	readonly snapshot: string
	readonly parameters: TrainParameters
	/** Those that a flag gave another value than the parameters file. */
	readonly overridden?: readonly string[]
}

export interface QuantizeOptions extends MakeOptions {
	/** The training to quantise (default: the latest). */
	readonly execution?: number | string | undefined
	readonly parameters: QuantizeParameters
	/** Those that a flag gave another value than the parameters file. */
	readonly overridden?: readonly string[]
}

/** Trains a model, or takes the same one that was made before. */
export async function trainSnapshot(
	{ snapshot: hash, parameters, overridden, fresh }: TrainOptions,
	effects: Effects,
): Promise<Execution> {
	const snapshot = await refTrainingPosts(hash, effects)
	return make(trainStep, { inputs: { snapshot }, parameters, overridden }, effects, { fresh })
}

/** Quantises a model, or takes the same one that was made before. */
export async function quantizeModel(
	{ execution: reference, parameters, overridden, fresh }: QuantizeOptions,
	effects: Effects,
): Promise<Execution> {
	const training = await readNamed('train', reference, effects)
	const model: ArtifactOf<'model'> = { ...outputRef(training), kind: 'model' }
	const snapshot = await refTrainingPosts(training.inputs.snapshot?.sha256 ?? '', effects)
	const run = { inputs: { model, snapshot }, parameters, overridden }
	return make(quantizeStep, run, effects, { fresh })
}

/** With the only file of a snapshot that the two steps read. */
async function refTrainingPosts(hash: string, effects: Effects): Promise<ArtifactOf<'snapshot'>> {
	const found = await readSnapshot(effects, hash)
	const { record } = findSnapshotFile(found, 'train')
	return { ...refSnapshot(found), files: [{ name: SPLIT_FILES.train, ...record }] }
}

/** An execution of a step; without a reference, the latest. @throws AppError `bad-input` for one of another step */
export async function readNamed(
	step: StepName,
	reference: number | string | undefined,
	effects: Effects,
): Promise<Execution> {
	if (reference === undefined) return latestExecution(effects, step)
	const execution = await readExecution(effects, reference)
	if (execution.step === step) return execution
	throw new AppError(
		'bad-input',
		`execution #${execution.id} is a ${execution.step}; name a ${step}`,
	)
}
