// Finds the full-precision model that a training starts from. Node.
import { relative, resolve } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { describeFile, exists } from '../files.ts'
import { readManifest } from '../models/release.ts'
import { findRelease, readReleases } from '../models/releases-json.ts'
import type { Artifact, Execution } from '../pipeline/execution-schema.ts'
import { readExecution } from '../pipeline/executions.ts'
import { findOutput } from '../pipeline/outputs.ts'
import { checkRecordedFile } from '../recorded-files.ts'

const MODEL_FILE = 'model.bin'

export interface InitModel {
	readonly file: string
	/** As the record of what starts from it names it. */
	readonly artifact: Artifact
	/** The training that made it, where it is known. */
	readonly execution: number | null
}

/**
 * @param name a release's version, `#` and the id of a training, or a file
 * @throws AppError `not-found` where the model is not on this machine: a release holds the small one only; `damaged` for
 * a training's model that is no longer what the training wrote
 */
export async function findInitModel(name: string, effects: Effects): Promise<InitModel> {
	if (/^\d{8}\.\d+$/.test(name))
		return readTrainedModel(await findTrainingOfRelease(name, effects), effects)
	const id = /^#?(\d+)$/.exec(name)?.[1] ?? idInPath(name, effects)
	if (id !== undefined) return readTrainedModel(await readExecution(effects, Number(id)), effects)
	if (!(await exists(name)))
		throw new AppError('not-found', `no model to start from: ${name}; name a model.bin`)
	return { file: name, artifact: await describeFile(name), execution: null }
}

async function readTrainedModel(training: Execution, effects: Effects): Promise<InitModel> {
	const { id, step } = training
	if (step !== 'train')
		throw new AppError('bad-input', `execution #${id} is a ${step}; name a train, or a model.bin`)
	const output = findOutput(training, MODEL_FILE, effects)
	const file = await checkRecordedFile(output)
	return { file, artifact: { name: MODEL_FILE, ...output.record }, execution: id }
}

/** The id in a path like `.data/executions/56/model.bin`: such a file has a record, however it is named. */
function idInPath(path: string, { dataDir }: Pick<Effects, 'dataDir'>): string | undefined {
	return /^executions\/(\d+)\/model\.bin$/.exec(
		relative(dataDir, resolve(path)).replaceAll('\\', '/'),
	)?.[1]
}

async function findTrainingOfRelease(version: string, effects: Effects): Promise<Execution> {
	const { modelsDir } = effects
	const entry = findRelease(await readReleases(modelsDir), version)
	const { executions, data } = await readManifest(modelsDir, entry)
	for (const id of executions) {
		const found = await readExecution(effects, id).catch(() => null)
		// On another machine the number may be of another training.
		if (found?.step === 'train' && found.parameters.snapshot === data.snapshot) return found
	}
	throw new AppError(
		'not-found',
		`the training behind release ${version} is not on this machine (a release holds the small model only); train from scratch, or name a model.bin`,
	)
}
