// `subreddits index`: finds the model that the index is for, and has it measured how well unseen subreddits are found.
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { readExecutionModel, snapshotOf } from '../evaluation/models.ts'
import { writeFileAtomic } from '../files.ts'
import { type Made, makeFresh } from '../graph/make.ts'
import { type Execution, outputRef } from '../pipeline/execution-schema.ts'
import { latestExecution, readExecution } from '../pipeline/executions.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { QuantizeParameters } from '../pipeline/recipes.ts'
import { readSnapshot, refSnapshot } from '../snapshot/read-snapshot.ts'
import { type PackedFiles, packUnseen } from '../unseen/pack-index.ts'
import { refList, unseenStep } from '../unseen/step.ts'
import type { UnseenFigures } from '../unseen/tally.ts'

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

/** Measures with the snapshot and the recipe of a candidate's training, as a step. */
export async function measureIndex(
	{ execution, ...options }: MeasureOptions,
	effects: Effects,
): Promise<Made<UnseenFigures>> {
	return recordUnseen(await findCandidate(execution, effects), options, effects)
}

/**
 * @param candidate a quantized model, whose training is repeated without some labels
 * @throws AppError `bad-data` where its record names no training
 */
export async function recordUnseen(
	candidate: Execution,
	draw: { readonly leaveOut: number; readonly seed: number },
	effects: Effects,
): Promise<Made<UnseenFigures>> {
	const { model } = candidate.inputs
	if (!model)
		throw new AppError('bad-data', `execution #${candidate.id} names no training; quantize again`)
	const training = await readMaker(model, effects)
	const found = await readSnapshot(effects, training.inputs.snapshot?.sha256 ?? '')
	const { evidenceBytes } = parseWith(
		QuantizeParameters,
		candidate.parameters,
		`parameters of execution #${candidate.id}`,
	)
	const parameters = { ...draw, evidenceBytes }
	const inputs = {
		training: { ...outputRef(training), kind: 'model' as const },
		snapshot: refSnapshot(found),
		list: await refList(effects),
	}
	return makeFresh(unseenStep, { inputs, parameters }, effects)
}

async function findCandidate(id: number | undefined, effects: Effects): Promise<Execution> {
	if (id === undefined) return latestExecution(effects, 'quantize')
	const execution = await readExecution(effects, id)
	if (execution.step === 'quantize') return execution
	throw new AppError('bad-input', `execution #${id} is a ${execution.step}; name a quantize`)
}
