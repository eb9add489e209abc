// Claims a number and a folder for a step, and removes the folders of killed steps.
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Effects } from '../effects.ts'
import { exists, makeFolder, readNames, storageError, temporaryPath } from '../files.ts'
import { newestChange, reportRemoved } from '../leftovers.ts'
import { parseOwner, stateOf, thisOwner } from '../owner.ts'
import { ExecutionName } from './artifacts.ts'
import { RECORD_FILE } from './execution-schema.ts'

/** Names the process that runs the step; gone when the step is recorded. */
const OWNER_FILE = '.running'

// Making the folder and writing its owner takes an instant.
const NAMELESS_MS = 60 * 60 * 1000
// Nobody can see from here whether it runs, and a training may write nothing for hours.
const ELSEWHERE_MS = 7 * 24 * 60 * 60 * 1000

export interface Claim {
	readonly id: number
	/** Tells the execution from one of another machine with the same number. */
	readonly uid: string
	readonly dir: string
}

/** Where the files of an execution are. @param folder its number; with its six digits where another one here has that, too */
export function executionDir(effects: Pick<Effects, 'dataDir'>, folder: number | string): string {
	return join(executionsDir(effects), String(folder))
}

/** The folders of executions and of steps that run; smallest number first. */
export async function readFolders(effects: Pick<Effects, 'dataDir'>): Promise<string[]> {
	const names = await readNames(executionsDir(effects), 'folder of executions')
	return sortByNumber(names.filter((name) => v.is(ExecutionName, name)))
}

/** The names of the records that git sees, of all machines; smallest number first. */
export async function readRecordNames({
	recordsDir,
}: Pick<Effects, 'recordsDir'>): Promise<string[]> {
	if (recordsDir === undefined) return []
	const files = await readNames(recordsDir, 'folder of records')
	const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5))
	return sortByNumber(names.filter((name) => v.is(ExecutionName, name)))
}

function sortByNumber(names: readonly string[]): string[] {
	return names.toSorted(
		(a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1),
	)
}

async function nextNumber(effects: Pick<Effects, 'dataDir' | 'recordsDir'>): Promise<number> {
	const names = [...(await readFolders(effects)), ...(await readRecordNames(effects))]
	return Math.max(0, ...names.map((name) => Number.parseInt(name, 10))) + 1
}

/**
 * Takes the number after the largest that is known here. Two commands at once never get the same one; two machines may, and
 * then the six digits of the name tell their executions apart.
 */
export async function claimExecution(
	effects: Pick<Effects, 'dataDir' | 'recordsDir' | 'err'>,
): Promise<Claim> {
	await makeFolder(executionsDir(effects))
	await removeAbandoned(effects)
	let id = await nextNumber(effects)
	const uid = randomUUID().slice(0, 6)
	for (;;) {
		const dir = executionDir(effects, id)
		try {
			// Without `recursive` it fails where the folder exists.
			await mkdir(dir)
			await writeFile(join(dir, OWNER_FILE), JSON.stringify(thisOwner()))
			return { id, uid, dir }
		} catch (error) {
			const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST'
			if (!isTaken) {
				await rm(dir, { recursive: true, force: true })
				throw storageError(error, dir)
			}
			id += 1
		}
	}
}

/** Says that a step is over and recorded. */
export async function releaseClaim({ dir }: Claim): Promise<void> {
	// With a record it is nobody's leftover, whatever else its folder holds.
	await rm(join(dir, OWNER_FILE), { force: true }).catch(() => {})
}

// A step that was killed has neither a record nor a process. Nothing can have named its number, so the next step may
// have it.
async function removeAbandoned(effects: Pick<Effects, 'dataDir' | 'err'>): Promise<void> {
	const removed: string[] = []
	for (const folder of await readFolders(effects)) {
		const dir = executionDir(effects, folder)
		if (await exists(join(dir, RECORD_FILE))) continue
		const owner = await readOwner(dir)
		if ((await isAbandoned(dir, owner)) && (await removeOf(dir, owner))) removed.push(dir)
	}
	reportRemoved(removed, effects)
}

function readOwner(dir: string): Promise<string> {
	return readFile(join(dir, OWNER_FILE), 'utf8').catch(() => '')
}

async function isAbandoned(dir: string, ownerText: string): Promise<boolean> {
	const owner = parseOwner(ownerText)
	const state = owner ? stateOf(owner) : 'nameless'
	if (state === 'running' || state === 'gone') return state === 'gone'
	const age = Date.now() - (await newestChange(dir))
	return age > (state === 'elsewhere' ? ELSEWHERE_MS : NAMELESS_MS)
}

// Another command may have removed it first, and a third taken the number anew: what is renamed is looked at again.
async function removeOf(dir: string, owner: string): Promise<boolean> {
	const aside = temporaryPath(dir)
	try {
		await rename(dir, aside)
		if ((await readOwner(aside)) !== owner) {
			await rename(aside, dir)
			return false
		}
		await rm(aside, { recursive: true, force: true })
		return true
	} catch {
		// It is gone already, or another user's: nothing waits for it.
		return false
	}
}

function executionsDir({ dataDir }: Pick<Effects, 'dataDir'>): string {
	return join(dataDir, 'executions')
}
