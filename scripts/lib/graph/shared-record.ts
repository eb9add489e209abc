// A record as others get it, through git: files that lie outside are named without the folders of this machine. Pure.
import { basename } from 'node:path'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import type { ExecutionRecord } from '../pipeline/execution-schema.ts'

/** Between the names of several files; as the dumps of an evaluation are named. */
const BETWEEN_FILES = ', '

/** An absolute path's folders, but none that stand for a place, as in `<data>/executions`. */
const FOLDERS = /(?<![\w>.~-])(?:\/[^\s/:;,]+)+\//g

export function formatShared(record: ExecutionRecord): string {
	const { ending, inputs } = record
	const shared: ExecutionRecord = {
		...record,
		ending: 'error' in ending ? { ...ending, error: ending.error.replace(FOLDERS, '') } : ending,
		inputs: Object.fromEntries(
			Object.entries(inputs).map(([role, input]) => [role, withoutFolders(input)]),
		),
	}
	return `${JSON.stringify(shared, null, 2)}\n`
}

/** Dumps, and a model that no execution made, are named by their paths. */
function withoutFolders(input: ArtifactRef): ArtifactRef {
	const isByPath = input.kind === 'dumps' || (input.kind === 'model' && input.execution === null)
	if (!isByPath) return input
	const names = input.name.split(BETWEEN_FILES).map((path) => basename(path))
	return { ...input, name: names.join(BETWEEN_FILES) }
}
