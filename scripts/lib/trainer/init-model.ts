// Finds the full-precision model that a training starts from. Node.
import { relative, resolve } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { describeFile, exists } from '../files.ts'
import { readManifest } from '../models/release.ts'
import { findRelease, readReleases } from '../models/releases-json.ts'
import { type ArtifactOf, MODEL_FILES } from '../pipeline/artifacts.ts'
import { type Execution, outputRef } from '../pipeline/execution-schema.ts'
import { isExecutionReference, readExecution } from '../pipeline/executions.ts'
import { findArtifactFile } from '../pipeline/outputs.ts'
import { checkRecordedFile } from '../recorded-files.ts'

/**
 * @param name a release's version, `#` and the number of a training, or a file
 * @throws AppError `not-found` where the model is not on this machine: a release holds the small one only
 */
export async function findInitModel(name: string, effects: Effects): Promise<ArtifactOf<'model'>> {
	if (/^\d{8}\.\d+$/.test(name)) return refTraining(await findTrainingOfRelease(name, effects))
	const reference = isExecutionReference(name) ? name : numberInPath(name, effects)
	if (reference !== undefined) return refTraining(await readExecution(effects, reference))
	if (!(await exists(name)))
		throw new AppError('not-found', `no model to start from: ${name}; name a model.bin`)
	const file = await describeFile(name)
	return { kind: 'model', name, sha256: file.sha256, execution: null, files: [file] }
}

/**
 * The path of the model, whose bytes were checked.
 *
 * @throws AppError `damaged` where it is no longer what it was
 */
export async function checkInitFile(model: ArtifactOf<'model'>, effects: Effects): Promise<string> {
	const [file] = model.files
	if (model.execution === null && file)
		return checkRecordedFile({
			path: model.name,
			record: file,
			what: 'model to start from',
			remedy: 'name the model.bin that it was',
		})
	return checkRecordedFile(await findArtifactFile(model, MODEL_FILES.model, effects))
}

function refTraining(training: Execution): ArtifactOf<'model'> {
	const { id, step } = training
	if (step !== 'train')
		throw new AppError('bad-input', `execution #${id} is a ${step}; name a train, or a model.bin`)
	return { ...outputRef(training), kind: 'model' }
}

/** The number in a path like `.data/executions/56/model.bin`: such a file has a record, however it is named. */
function numberInPath(path: string, { dataDir }: Pick<Effects, 'dataDir'>): string | undefined {
	return /^executions\/([\da-f-]+)\/model\.bin$/.exec(
		relative(dataDir, resolve(path)).replaceAll('\\', '/'),
	)?.[1]
}

async function findTrainingOfRelease(version: string, effects: Effects): Promise<Execution> {
	const { modelsDir } = effects
	const entry = findRelease(await readReleases(modelsDir), version)
	const { executions, data } = await readManifest(modelsDir, entry)
	for (const name of executions) {
		const found = await readExecution(effects, name).catch(() => null)
		// On another machine the number may be of another training.
		if (found?.step === 'train' && found.inputs.snapshot?.sha256 === data.snapshot) return found
	}
	throw new AppError(
		'not-found',
		`the training behind release ${version} is not on this machine (a release holds the small model only); train from scratch, or name a model.bin`,
	)
}
