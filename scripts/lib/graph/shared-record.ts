// The copy of a record that others get through git: it names files outside the repository without the folders of this machine. Pure.
import { basename } from 'node:path'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import type { ExecutionRecord } from '../pipeline/execution-schema.ts'

/** Separates the names of several files, such as the dumps of an evaluation. */
const BETWEEN_FILES = ', '

/** The folders of an absolute path, but not placeholders such as `<data>/executions`. */
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

/** Inputs that are named by their paths: dumps, and a model that no execution made. */
function withoutFolders(input: ArtifactRef): ArtifactRef {
	const isByPath = input.kind === 'dumps' || (input.kind === 'model' && input.execution === null)
	if (!isByPath) return input
	const names = input.name.split(BETWEEN_FILES).map((path) => basename(path))
	return { ...input, name: names.join(BETWEEN_FILES) }
}
