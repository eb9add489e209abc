// `subreddits index`: finds the model that the index is for, makes the index, and measures how well it finds unseen subreddits.
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { readExecutionModel, snapshotOf } from '../evaluation/models.ts'
import { UNSEEN_DRAW } from '../evaluation/unseen-figure.ts'
import { writeFileAtomic } from '../files.ts'
import { keyOf } from '../graph/key.ts'
import { findRecord, type Made, makeFresh } from '../graph/make.ts'
import type { ArtifactOf } from '../pipeline/artifacts.ts'
import { type Execution, outputRef } from '../pipeline/execution-schema.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { QuantizeParameters } from '../trainer/parameters.ts'
import { type PackedFiles, packUnseen } from '../unseen/pack-index.ts'
import type { DrawParameters } from '../unseen/parameters.ts'
import { refList, unseenStep } from '../unseen/step.ts'
import type { UnseenFigures } from '../unseen/tally.ts'
import { readNamed } from './train.ts'

export interface IndexOptions {
	/** A quantized model (default: the latest). */
	readonly execution?: number | undefined
	/** A file to write the packed index to. */
	readonly out?: string | undefined
	/** A file to write the long tail to. */
	readonly tailOut?: string | undefined
}

/** Makes the index and the long tail. @throws AppError `not-found` if no list has a subreddit that the model has not learnt */
export async function indexSubreddits(
	{ execution, out, tailOut }: IndexOptions,
	effects: Effects,
): Promise<PackedFiles> {
	const candidate = await readNamed('quantize', execution, effects)
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

/**
 * Runs the step that measures the index, with the snapshot and the recipe of a training.
 *
 * @param candidate a quantized model, whose training is repeated without some labels
 * @throws AppError `bad-data` if its record names no training
 */
export async function recordUnseen(
	candidate: Execution,
	draw: DrawParameters,
	effects: Effects,
): Promise<Made<UnseenFigures>> {
	const trained = await findTraining(candidate, effects)
	if (!trained)
		throw new AppError('bad-data', `execution #${candidate.id} names no training; quantize again`)
	return makeFresh(unseenStep, await describeMeasurement(trained, draw, effects), effects)
}

/** What is measured: a training, and the table of evidence beside its model. */
export interface MeasuredTraining {
	readonly training: ArtifactOf<'model'>
	readonly snapshot: ArtifactOf<'snapshot'>
	readonly evidenceBytes: number
}

async function describeMeasurement(
	{ training, snapshot, evidenceBytes }: MeasuredTraining,
	draw: DrawParameters,
	effects: Effects,
) {
	const inputs = await withCurrentList({ training, snapshot }, effects)
	return { inputs, parameters: { ...draw, evidenceBytes } }
}

/** The inputs of a measurement, with the list of subreddits as it is now. */
export async function withCurrentList<Inputs extends object>(inputs: Inputs, effects: Effects) {
	return { ...inputs, list: await refList(effects) }
}

/** The measurement of a training with the default draw, today's list and today's code; null if there is none. */
export async function findMeasurement(
	measured: MeasuredTraining,
	effects: Effects,
): Promise<ArtifactOf<'unseen'> | null> {
	const { inputs, parameters } = await describeMeasurement(measured, UNSEEN_DRAW, effects)
	const { key } = await keyOf(unseenStep, inputs, parameters)
	// The figure is in the record, so one from another machine is as good.
	const found = key === null ? null : await findRecord(key, effects)
	return found && { ...outputRef(found), kind: 'unseen' }
}

/** The training behind an adjust or a quantize; null if the records don't say it. */
export async function findTraining(
	execution: Execution,
	effects: Effects,
): Promise<MeasuredTraining | null> {
	const { step, inputs } = execution
	if (step === 'adjust') {
		const { model } = inputs
		return model ? findTraining(await readMaker(model, effects), effects) : null
	}
	const training = step === 'train' ? outputRef(execution) : inputs.model
	const { snapshot } = inputs
	if (!training || !snapshot) return null
	return {
		training: { ...training, kind: 'model' },
		snapshot: { ...snapshot, kind: 'snapshot' },
		evidenceBytes: readEvidenceBytes(execution),
	}
}

/** A model that was not quantized has no table of evidence. */
function readEvidenceBytes({ id, step, parameters }: Execution): number {
	if (step === 'train') return 0
	const { evidenceBytes } = QuantizeParameters.entries
	return parseWith(evidenceBytes, parameters.evidenceBytes, `evidenceBytes of execution #${id}`)
}
