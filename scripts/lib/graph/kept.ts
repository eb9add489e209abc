// What was made, in the store: the record of an execution under its key, and its files by their digests.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { exists, readNames, writeFileAtomic } from '../files.ts'
import type { FileRecord } from '../pipeline/artifacts.ts'
import { executionDir } from '../pipeline/claim.ts'
import {
	type Execution,
	ExecutionRecord,
	executionName,
	filesOf,
	isDone,
	RECORD_FILE,
} from '../pipeline/execution-schema.ts'
import { listExecutions, readExecution } from '../pipeline/executions.ts'
import { filesDir } from '../pipeline/outputs.ts'
import { hasSize, isWhole, storeDir } from '../store/objects.ts'
import { openStore, type Store } from '../store/store.ts'

export function noteName(key: string): string {
	return `runs/${key}.json`
}

/** Puts an execution and its files into the store, unless that has them. What has no key can't be found again, and is not kept. */
export async function keep(execution: Execution, store: Store, effects: Effects): Promise<void> {
	const { key } = execution
	if (key === undefined) return
	// A note that is damaged or of an earlier version finds nothing.
	const isKept =
		!(await store.lacksNote(noteName(key))) && (await readKept(key, store, effects)) !== null
	if (!isKept) await keepAgain(execution, store, effects)
}

/** The same in the place of what the store has under this key. The note comes last: what it names is there. */
export async function keepAgain(
	execution: Execution,
	store: Store,
	effects: Effects,
): Promise<void> {
	const { folder: _, ...record } = execution
	if (record.key === undefined) return
	const dir = filesDir(execution, effects)
	for (const file of filesOf(execution)) await store.put(join(dir, file.name), file)
	await store.writeNote(noteName(record.key), `${JSON.stringify(record)}\n`)
}

/** Null where the store has nothing under this key, or nothing that can be read. */
export async function readKept(
	key: string,
	store: Store,
	effects: Effects,
): Promise<Execution | null> {
	const text = await store.readNote(noteName(key))
	if (text === null) return null
	try {
		const record = parseJsonWith(ExecutionRecord, text, noteName(key))
		const execution = { ...record, folder: await findFolder(record, effects) }
		return record.key === key && isDone(execution) ? execution : null
	} catch (error) {
		return ignoreExpected(error)
	}
}

/** What the store of this machine has. */
export async function listKept(effects: Effects): Promise<Execution[]> {
	const names = await readNames(join(storeDir(effects), 'runs'), 'folder of runs')
	const keys = names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name))
	const store = openStore(effects, null)
	const kept = await Promise.all(keys.map((name) => readKept(name.slice(0, 64), store, effects)))
	return kept.filter((execution) => execution !== null)
}

/**
 * Makes the files of an execution lie where its record says; one that was edited is replaced.
 *
 * @returns the execution, or null where a file is in no store
 */
export async function bringBack(
	execution: Execution,
	store: Store,
	effects: Effects,
): Promise<Execution | null> {
	const dir = filesDir(execution, effects)
	for (const file of filesOf(execution)) {
		const path = join(dir, file.name)
		const isHere = (await stateOf(path, file, execution)) === 'whole'
		if (!isHere && !(await store.take(file, path))) return null
	}
	const { folder, ...record } = execution
	const path = join(executionDir(effects, folder), RECORD_FILE)
	if (!(await exists(path))) await writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`)
	return execution
}

/** Whether {@link bringBack} would find each file; changes nothing. */
export async function isAtHand(
	execution: Execution,
	store: Store,
	effects: Effects,
): Promise<boolean> {
	const dir = filesDir(execution, effects)
	for (const file of filesOf(execution)) {
		const isHere = (await stateOf(join(dir, file.name), file, execution)) === 'whole'
		if (!isHere && !(await store.has(file))) return false
	}
	return true
}

/** Whether all files lie where they belong: by their sizes, as digests are checked when a file is read. */
export async function hasFiles(execution: Execution, effects: Effects): Promise<boolean> {
	const dir = filesDir(execution, effects)
	for (const { name, bytes } of filesOf(execution))
		if (!(await hasSize(join(dir, name), bytes))) return false
	return true
}

/** The names of files that lie here with other contents than an execution made: somebody changed them. */
export async function findEdited(execution: Execution, effects: Effects): Promise<string[]> {
	const dir = filesDir(execution, effects)
	const edited: string[] = []
	for (const file of filesOf(execution))
		if ((await stateOf(join(dir, file.name), file, execution)) === 'edited') edited.push(file.name)
	return edited
}

/** Nothing is read again that was not written since the execution ended, as git does it. */
async function stateOf(
	path: string,
	file: FileRecord,
	{ end }: Execution,
): Promise<'missing' | 'whole' | 'edited'> {
	const found = await stat(path).catch(() => null)
	if (!found) return 'missing'
	const isSame =
		found.size === file.bytes && (found.mtimeMs <= Date.parse(end) || (await isWhole(path, file)))
	return isSame ? 'whole' : 'edited'
}

// The number alone, as long as no other execution of this machine has it.
async function findFolder(record: ExecutionRecord, effects: Effects): Promise<string> {
	const name = executionName(record)
	const known = await readExecution(effects, name).catch(ignoreExpected)
	if (known && (await exists(executionDir(effects, known.folder)))) return known.folder
	const number = `${record.id}`
	return (await exists(executionDir(effects, number))) ? name : number
}

function ignoreExpected(error: unknown): null {
	if (error instanceof AppError) return null
	throw error
}

/** The newest execution of this machine with a key; null where there is none. */
export async function findNewest(key: string, effects: Effects): Promise<Execution | null> {
	return (await listExecutions(effects)).findLast((one) => one.key === key) ?? null
}
