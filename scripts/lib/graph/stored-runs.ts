// What was made by which key, in the store: a run of a step is found again by what went into it, and its files by their
// digests.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { Sha256 } from '../../../src/shared/schema-parts.ts'
import type { Effects } from '../effects.ts'
import { describeFile, exists, readNames, writeFileAtomic } from '../files.ts'
import { FileRecord } from '../pipeline/artifacts.ts'
import { executionDir } from '../pipeline/claim.ts'
import {
	type Execution,
	ExecutionRecord,
	executionName,
	RECORD_FILE,
} from '../pipeline/execution-schema.ts'
import { readExecution } from '../pipeline/executions.ts'
import { filesDir } from '../pipeline/outputs.ts'
import { hasSize, isWhole, objectPath, storeDir } from '../store/objects.ts'
import { openStore, type Store } from '../store/store.ts'

export const StoredRun = v.object({
	schema: v.literal(1),
	key: Sha256,
	execution: v.object({
		...ExecutionRecord.entries,
		output: nonNull(ExecutionRecord.entries.output),
	}),
	/** All that lies in its folder but the record. */
	files: v.array(FileRecord),
})
export type StoredRun = v.InferOutput<typeof StoredRun>

function nonNull<Schema extends v.GenericSchema>(schema: v.NullableSchema<Schema, undefined>) {
	return schema.wrapped
}

export function runName(key: string): string {
	return `runs/${key}.json`
}

/** Null where no run has this key, or none that can be read. */
export async function readStoredRun(key: string, store: Store): Promise<StoredRun | null> {
	const text = await store.readNote(runName(key))
	if (text === null) return null
	try {
		const run = parseJsonWith(StoredRun, text, runName(key))
		return run.key === key ? run : null
	} catch (error) {
		if (error instanceof AppError) return null
		throw error
	}
}

/** An execution of this machine as the store would have it. */
export async function describeRun(
	key: string,
	execution: Execution,
	effects: Effects,
): Promise<StoredRun> {
	const dir = filesDir(execution, effects)
	const known = new Map(execution.outputs.map((file) => [file.name, file]))
	const names = (await readdir(dir)).filter((name) => name !== RECORD_FILE && !name.startsWith('.'))
	const files: FileRecord[] = []
	for (const name of names.sort())
		files.push(known.get(name) ?? (await describeFile(join(dir, name))))
	const { folder: _, ...record } = execution
	return { schema: 1, key, execution: record, files }
}

/** Puts the files of a run into the store. The note comes last: what it names is there. */
export async function keepRun(
	key: string,
	execution: Execution,
	store: Store,
	effects: Effects,
): Promise<StoredRun> {
	const run = await describeRun(key, execution, effects)
	await putRun(run, filesDir(execution, effects), store)
	return run
}

async function putRun(run: StoredRun, dir: string, store: Store): Promise<void> {
	for (const file of run.files) await store.put(join(dir, file.name), file)
	await writeRun(run, store)
}

function writeRun(run: StoredRun, store: Store): Promise<void> {
	return store.writeNote(runName(run.key), `${JSON.stringify(run)}\n`)
}

/** Gives a run that is here to the shared store, unless that has it. */
export async function shareRun(run: StoredRun, store: Store, effects: Effects): Promise<void> {
	if (!(await store.isMissingInShared(runName(run.key)))) return
	await putRun(run, await makerDir(run, effects), store)
}

export interface BringOptions {
	/** Looks at the digests of files that are where they belong, too: they are to be read now. */
	readonly verify: boolean
}

/**
 * Makes the files of a run lie where its execution says.
 *
 * @returns the execution, or null where some file is in no store
 */
export async function bringBack(
	run: StoredRun,
	store: Store,
	{ verify }: BringOptions,
	effects: Effects,
): Promise<Execution | null> {
	const folder = await findFolder(run, effects)
	const dir = filesDir({ ...run.execution, folder }, effects)
	for (const file of run.files) {
		const path = join(dir, file.name)
		const isThere = verify ? await isWhole(path, file) : await hasSize(path, file.bytes)
		if (!isThere && !(await store.take(file, path))) return null
	}
	const path = join(executionDir(effects, folder), RECORD_FILE)
	if (!(await exists(path)))
		await writeFileAtomic(path, `${JSON.stringify(run.execution, null, 2)}\n`)
	return { ...run.execution, folder }
}

/** The runs that the store of this machine knows. */
export async function readLocalRuns(effects: Effects): Promise<StoredRun[]> {
	const dir = join(storeDir(effects), 'runs')
	const names = (await readNames(dir, 'folder of runs')).filter((name) =>
		/^[0-9a-f]{64}\.json$/.test(name),
	)
	const runs = await Promise.all(
		names.map((name) => readStoredRun(name.slice(0, 64), openStore(effects, null))),
	)
	return runs.filter((run) => run !== null)
}

/** The folder where a run's files lie on this machine. */
export async function makerDir(run: StoredRun, effects: Effects): Promise<string> {
	return filesDir({ ...run.execution, folder: await findFolder(run, effects) }, effects)
}

/** Whether all files of a run are where they belong, or could be brought there. */
export async function isAtHand(run: StoredRun, store: Store, effects: Effects): Promise<boolean> {
	const dir = await makerDir(run, effects)
	for (const file of run.files)
		if (!(await hasSize(join(dir, file.name), file.bytes)) && !(await store.has(file))) return false
	return true
}

/** Files of a run that lie here with other contents than it made: somebody changed them. */
export async function findAltered(run: StoredRun, effects: Effects): Promise<FileRecord[]> {
	const dir = await makerDir(run, effects)
	const ended = Date.parse(run.execution.end)
	const altered: FileRecord[] = []
	for (const file of run.files) {
		const path = join(dir, file.name)
		const found = await stat(path).catch(() => null)
		if (!found) continue
		// Nothing is read again that was not written since, as git does it.
		const isSame =
			found.size === file.bytes && (found.mtimeMs <= ended || (await isWhole(path, file)))
		if (!isSame) altered.push(file)
	}
	return altered
}

/** Whether the store of this machine has these files undamaged; where the disk knows links, an edit may have changed both. */
export async function hasWhole(files: readonly FileRecord[], effects: Effects): Promise<boolean> {
	for (const file of files) if (!(await isWhole(objectPath(effects, file), file))) return false
	return true
}

/** A run whose files all lie where they belong; null where one does not. */
export async function findHere(run: StoredRun, effects: Effects): Promise<Execution | null> {
	const folder = await findFolder(run, effects)
	const dir = filesDir({ ...run.execution, folder }, effects)
	for (const { name, bytes } of run.files) if (!(await hasSize(join(dir, name), bytes))) return null
	return { ...run.execution, folder }
}

// The number alone, as long as no other execution of this machine has it.
async function findFolder({ execution }: StoredRun, effects: Effects): Promise<string> {
	const name = executionName(execution)
	const known = await readExecution(effects, name).catch(ignoreExpected)
	if (known && (await exists(executionDir(effects, known.folder)))) return known.folder
	const number = `${execution.id}`
	return (await exists(executionDir(effects, number))) ? name : number
}

function ignoreExpected(error: unknown): null {
	if (error instanceof AppError) return null
	throw error
}
