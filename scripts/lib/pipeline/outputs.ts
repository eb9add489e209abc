// The files that an execution made, as they were then. Node.
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import type { RecordedFile } from '../recorded-files.ts'
import { executionDir } from './claim.ts'
import type { Execution } from './execution-schema.ts'

/** @throws AppError `not-found` where the execution made no such file */
export function findOutput(
	{ id, step, outputs }: Execution,
	name: string,
	effects: Pick<Effects, 'dataDir'>,
): RecordedFile {
	const record = outputs.find((file) => file.name === name)
	if (!record)
		throw new AppError('not-found', `execution #${id} made no ${name}; run ${step} again`)
	return {
		path: join(executionDir(effects, id), name),
		record,
		what: `${name} of execution #${id}`,
		remedy: `restore it from a copy, or run ${step} again`,
	}
}
