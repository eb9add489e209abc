// `train --autotune`: which search it is, and where its trials are kept. Node.
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { sha256 } from '../files.ts'
import type { TrainingRecipe, TrainParameters } from '../pipeline/recipes.ts'
import { checkRecordedFile } from '../recorded-files.ts'
import { type FoundSnapshot, findSnapshotFile } from '../snapshot/read-snapshot.ts'
import { isTuned, tune } from './autotune.ts'
import { hashTrainer } from './compile.ts'
import { findEngine } from './engines.ts'

export interface TuneOptions {
	/** Where the search starts. */
	readonly recipe: TrainingRecipe
	/** Names of the parameters that the search must not touch, as somebody gave them. */
	readonly given: readonly (keyof TrainParameters)[]
	readonly found: FoundSnapshot
	readonly seconds: number
}

/** Trials are kept beside the executions: the same search again goes on where it was. */
export async function tuneRecipe(
	{ recipe, given, found, seconds }: TuneOptions,
	effects: Effects,
): Promise<TrainingRecipe> {
	const { engine: name, ...parameters } = recipe
	if (name !== 'wasm')
		throw new AppError('unsupported', `the engine ${name} has no --autotune; use wasm`)
	const job = {
		parameters,
		given,
		seconds,
		trainFile: await checkRecordedFile(findSnapshotFile(found, 'train')),
		validationFile: await checkRecordedFile(findSnapshotFile(found, 'valid')),
		trialsFile: join(effects.dataDir, 'tuning', await nameTrials(found, parameters)),
	}
	return { engine: name, ...(await tune(findEngine(name), job, effects)) }
}

/** What was measured on other posts, by other code or with other parameters than those that are searched says nothing of this. */
async function nameTrials(
	{ snapshot }: FoundSnapshot,
	parameters: TrainParameters,
): Promise<string> {
	const fixed = Object.entries(parameters)
		// Those that are searched stand in each trial, and threads change nothing.
		.filter(([name]) => !isTuned(name) && name !== 'threads')
		.sort(([a], [b]) => (a < b ? -1 : 1))
	const code = (await hashTrainer()).slice(0, 8)
	return `${snapshot.hash.slice(0, 12)}-${code}-${sha256(JSON.stringify(fixed)).slice(0, 8)}.jsonl`
}
