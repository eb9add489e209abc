// `subreddits index`: finds the model that the index is for, and the training that a measurement repeats. Node.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { readExecutionModel, snapshotOf } from '../evaluation/models.ts'
import { writeFileAtomic } from '../files.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { latestExecution, readExecution } from '../pipeline/executions.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { makeUnseenIndex, type PackedUnseen } from './pack-index.ts'
import { recordUnseen } from './step.ts'
import type { UnseenFigures } from './tally.ts'

export interface IndexOptions {
	/** A quantized model; the latest where it is not given. */
	readonly execution?: number | undefined
	/** A file to write the packed index to. */
	readonly out?: string | undefined
}

/** @throws AppError `not-found` where there is no list with a subreddit that the model has not learnt */
export async function indexSubreddits(
	{ execution, out }: IndexOptions,
	effects: Effects,
): Promise<PackedUnseen> {
	const candidate = await findCandidate(execution, effects)
	const { bytes, labels } = await readExecutionModel(candidate, effects)
	const packed = await makeUnseenIndex({ bytes, labels, snapshot: snapshotOf(candidate) }, effects)
	if (!packed)
		throw new AppError(
			'not-found',
			'subreddits in the database that the model has not learnt: 0; run: subreddits import FILE',
		)
	if (out !== undefined) await writeFileAtomic(out, packed.content)
	return packed
}

export interface MeasureOptions {
	readonly execution?: number | undefined
	readonly leaveOut: number
	readonly seed: number
}

export interface MeasuredIndex {
	readonly execution: Execution
	readonly result: UnseenFigures
}

/** Measures with the snapshot and the recipe of a candidate's training, as a step. */
export async function measureIndex(
	{ execution, ...options }: MeasureOptions,
	effects: Effects,
): Promise<MeasuredIndex> {
	const candidate = await findCandidate(execution, effects)
	const { model } = candidate.inputs
	if (!model)
		throw new AppError('bad-data', `execution #${candidate.id} names no training; quantize again`)
	return recordUnseen(await readMaker(model, effects), options, effects)
}

async function findCandidate(id: number | undefined, effects: Effects): Promise<Execution> {
	if (id === undefined) return latestExecution(effects, 'quantize')
	const execution = await readExecution(effects, id)
	if (execution.step === 'quantize') return execution
	throw new AppError('bad-input', `execution #${id} is a ${execution.step}; name a quantize`)
}
