// Finds the full-precision model that a training goes on from.
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { Manifest } from '../../../src/shared/manifest.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import { executionDir, readExecution } from '../executions/executions.ts'
import { exists, readBytes } from '../files.ts'

const MODEL_FILE = 'model.bin'

export interface InitModel {
	readonly file: string
	/** The training that made it, where it is known. */
	readonly execution: number | null
}

/**
 * @param name a release's version, `#` and the id of a training, or a file
 * @throws AppError `not-found` where the model is not on this machine: a release holds the small one only
 */
export async function findInitModel(name: string, effects: Effects): Promise<InitModel> {
	const id = /^\d{8}\.\d+$/.test(name)
		? await trainingOfRelease(name, effects)
		: /^#?(\d+)$/.exec(name)?.[1]
	if (id === undefined) {
		if (await exists(name)) return { file: name, execution: null }
		throw new AppError('not-found', `no model to go on from: ${name}; name a model.bin`)
	}
	const execution = Number(id)
	const file = join(executionDir(effects, execution), MODEL_FILE)
	if (await exists(file)) return { file, execution }
	throw new AppError(
		'not-found',
		`training #${execution} has no ${MODEL_FILE} on this machine (a release holds the small model only); train afresh, or name a file`,
	)
}

async function trainingOfRelease(version: string, effects: Effects): Promise<number> {
	const path = join(effects.modelsDir, version, MANIFEST_FILE)
	const bytes = await readBytes(path, `manifest of ${version}`)
	const { executions } = parseJsonWith(Manifest, bytes.toString('utf8'), path)
	for (const id of executions) {
		const found = await readExecution(effects, id).catch(() => null)
		if (found?.step === 'train') return id
	}
	throw new AppError(
		'not-found',
		`the training behind release ${version} is not on this machine; name a model.bin`,
	)
}
