// Executions in the store: the record of each under its key, and its files by their digests.
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

/** Puts an execution and its files into the store, unless they are there. One without a key could not be found again, and is not kept. */
export async function keep(execution: Execution, store: Store, effects: Effects): Promise<void> {
	const { key } = execution
	if (key === undefined) return
	// A note that is damaged, or of an earlier version, counts as missing.
	const isKept =
		!(await store.lacksNote(noteName(key))) && (await readKept(key, store, effects)) !== null
	if (!isKept) await keepAgain(execution, store, effects)
}

/** As `keep`, but replaces what the store has under this key. The note is written last, so all files that it names are there. */
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

/** The execution with this key; null if the store has none, or none that can be read. */
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

/** The execution with this key in the store of this machine. */
export async function listKept(effects: Effects): Promise<Execution[]> {
	const names = await readNames(join(storeDir(effects), 'runs'), 'folder of runs')
	const keys = names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name))
	const store = openStore(effects, null)
	const kept = await Promise.all(keys.map((name) => readKept(name.slice(0, 64), store, effects)))
	return kept.filter((execution) => execution !== null)
}

/**
 * Puts the files of an execution back where its record says; a file that was edited is replaced.
 *
 * @returns the execution, or null if a file is in no store
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

/** Whether {@link bringBack} would find every file. Changes nothing. */
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

/** Whether all files are where they belong. Compares sizes only; digests are checked when a file is read. */
export async function hasFiles(execution: Execution, effects: Effects): Promise<boolean> {
	const dir = filesDir(execution, effects)
	for (const { name, bytes } of filesOf(execution))
		if (!(await hasSize(join(dir, name), bytes))) return false
	return true
}

/** The names of the execution's files that somebody changed since. */
export async function findEdited(execution: Execution, effects: Effects): Promise<string[]> {
	const dir = filesDir(execution, effects)
	const edited: string[] = []
	for (const file of filesOf(execution))
		if ((await stateOf(join(dir, file.name), file, execution)) === 'edited') edited.push(file.name)
	return edited
}

/** As git does, reads only files that were written after the execution ended. */
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

// The folder is named by the number alone, unless another execution of this machine has that number.
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

/** The newest execution of this machine with this key; null if there is none. */
export async function findNewest(key: string, effects: Effects): Promise<Execution | null> {
	return (await listExecutions(effects)).findLast((one) => one.key === key) ?? null
}
