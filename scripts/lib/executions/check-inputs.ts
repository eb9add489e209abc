// Checks that the inputs of an execution are here and unchanged.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { pathsOf } from '../evaluation/titles.ts'
import { describeFile, readFailure } from '../files.ts'
import { type ArtifactOf, digestFiles } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { readSnapshotOf } from '../snapshot/read-snapshot.ts'

/**
 * Inputs whose files a step reads by digest are checked as it reads them. The posts of the database have no digest before they are read.
 *
 * @throws AppError `not-found`, `damaged`
 */
export async function checkInputs({ inputs }: Execution, effects: Effects): Promise<void> {
	for (const input of Object.values(inputs)) {
		if (input.kind === 'snapshot') await readSnapshotOf(input, effects)
		else if (input.kind === 'dumps') await checkDumps(input as ArtifactOf<'dumps'>)
		else if (input.execution !== null) await readMaker(input, effects)
	}
}

async function checkDumps(dumps: ArtifactOf<'dumps'>): Promise<void> {
	const paths = pathsOf(dumps)
	if (dumps.sha256 === null)
		throw new AppError('not-found', `the posts came through stdin, and are gone: ${dumps.name}`)
	const files = await Promise.all(
		paths.map((path) =>
			describeFile(path).catch((error: unknown) => {
				throw readFailure(error, path, 'file')
			}),
		),
	)
	if (digestFiles(files) !== dumps.sha256)
		throw new AppError('damaged', `${dumps.name}: no longer the posts of then; restore them`)
}
