// Which files of the code changed between two commits.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { AnyExecution } from '../pipeline/execution-schema.ts'
import { CODE, ROOT } from '../pipeline/machine.ts'

const run = promisify(execFile)

type Code = AnyExecution['code']

export interface CodeChange {
	readonly a: Code
	readonly b: Code
	/** The changed paths; null if git does not have both commits. */
	readonly files: readonly string[] | null
}

/** @returns null if both have the same code: by its digest or, in older records, by the commit alone */
export async function compareCode(a: Code, b: Code): Promise<CodeChange | null> {
	if (a.sha256 !== undefined && a.sha256 === b.sha256) return null
	if (a.commit === b.commit && !a.dirty && !b.dirty) return null
	return { a, b, files: await listChanged(a.commit, b.commit) }
}

async function listChanged(a: string, b: string): Promise<string[] | null> {
	// A record's commit is untrusted: git must not read it as an option.
	if (![a, b].every((commit) => /^[0-9a-f]{40,64}$/.test(commit))) return null
	if (a === b) return []
	try {
		const { stdout } = await run('git', ['diff', '--name-only', a, b, '--', ...CODE], { cwd: ROOT })
		return stdout.split('\n').filter(Boolean)
	} catch {
		return null
	}
}
