// `subreddits index`: finds the model that the index is for, and the training that a measurement repeats.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { readExecutionModel, snapshotOf } from '../evaluation/models.ts'
import { writeFileAtomic } from '../files.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { latestExecution, readExecution } from '../pipeline/executions.ts'
import { type PackedFiles, packUnseen } from './pack-index.ts'
import { recordUnseen } from './step.ts'
import type { UnseenFigures } from './tally.ts'

export interface IndexOptions {
	/** A quantized model; the latest where it is not given. */
	readonly execution?: number | undefined
	/** A file to write the packed index to. */
	readonly out?: string | undefined
	/** The same for the long tail. */
	readonly tailOut?: string | undefined
}

/** @throws AppError `not-found` where there is no list with a subreddit that the model has not learnt */
export async function indexSubreddits(
	{ execution, out, tailOut }: IndexOptions,
	effects: Effects,
): Promise<PackedFiles> {
	const candidate = await findCandidate(execution, effects)
	const { bytes, labels } = await readExecutionModel(candidate, effects)
	const packed = await packUnseen({ bytes, labels, snapshot: snapshotOf(candidate) }, effects)
	if (!packed)
		throw new AppError(
			'not-found',
			'subreddits in the database that the model has not learnt: 0; run: subreddits import FILE',
		)
	if (tailOut !== undefined && !packed.tail)
		throw new AppError(
			'bad-input',
			`--tail-out ${tailOut}: there is no long tail, the index holds all; leave the option out`,
		)
	if (out !== undefined) await writeFileAtomic(out, packed.index.content)
	if (tailOut !== undefined && packed.tail) await writeFileAtomic(tailOut, packed.tail.content)
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
	return recordUnseen(await findCandidate(execution, effects), options, effects)
}

async function findCandidate(id: number | undefined, effects: Effects): Promise<Execution> {
	if (id === undefined) return latestExecution(effects, 'quantize')
	const execution = await readExecution(effects, id)
	if (execution.step === 'quantize') return execution
	throw new AppError('bad-input', `execution #${id} is a ${execution.step}; name a quantize`)
}
