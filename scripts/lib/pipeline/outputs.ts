// The files that an execution made, as they were then.
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import type { RecordedFile } from '../recorded-files.ts'
import { type ArtifactRef, snapshotName } from './artifacts.ts'
import { executionDir } from './claim.ts'
import type { Execution } from './execution-schema.ts'
import { listExecutions, readExecution } from './executions.ts'

/** The folder of a snapshot in the data folder. */
export function snapshotDir({ dataDir }: Pick<Effects, 'dataDir'>, hash: string): string {
	return join(dataDir, 'snapshots', snapshotName(hash))
}

/** Where the files of an execution lie: those of a snapshot have a folder of their own, which is named by their content. */
export function filesDir(
	{ output, folder }: Pick<Execution, 'output' | 'folder'>,
	effects: Pick<Effects, 'dataDir'>,
): string {
	return output.kind === 'snapshot'
		? snapshotDir(effects, output.sha256)
		: executionDir(effects, folder)
}

/** @throws AppError `not-found` where the execution made no such file */
export function findOutput(
	execution: Execution,
	name: string,
	effects: Pick<Effects, 'dataDir'>,
): RecordedFile {
	const { id, step, outputs } = execution
	const record = outputs.find((file) => file.name === name)
	if (!record)
		throw new AppError('not-found', `execution #${id} made no ${name}; run ${step} again`)
	return {
		path: join(filesDir(execution, effects), name),
		record,
		what: `${name} of execution #${id}`,
		remedy: `restore it from a copy, or run ${step} again`,
	}
}

/** The execution that made an artefact. @throws AppError `not-found`, `damaged` where it has another digest on record */
export async function readMaker(
	{ kind, name, sha256, execution }: ArtifactRef,
	effects: Pick<Effects, 'dataDir' | 'recordsDir'>,
): Promise<Execution> {
	if (execution === null)
		throw new AppError('not-found', `nobody knows which execution made ${kind} ${name}`)
	const maker = await readExecution(effects, execution)
	if (maker.output.sha256 === sha256) return maker
	throw new AppError(
		'damaged',
		`execution #${execution} made another ${kind} than the one that is asked for (${sha256?.slice(0, 12)}); run its step again`,
	)
}

/**
 * An execution of this data folder that made the same bytes as one of any machine, or that one itself: a model that was made
 * again by its record is as good as the first.
 */
export async function findCopy(
	{ step, output }: Execution,
	effects: Pick<Effects, 'dataDir' | 'err'>,
): Promise<Execution | null> {
	const isSame = (one: Execution) => one.step === step && one.output.sha256 === output.sha256
	return (await listExecutions(effects)).findLast(isSame) ?? null
}
