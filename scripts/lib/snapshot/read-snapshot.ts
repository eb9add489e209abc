// Finds a snapshot that was made before, and checks its files before they are read.
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { readNames } from '../files.ts'
import { type ArtifactOf, type ArtifactRef, snapshotName } from '../pipeline/artifacts.ts'
import { executionName } from '../pipeline/execution-schema.ts'
import { latestExecution, listExecutions } from '../pipeline/executions.ts'
import { snapshotDir } from '../pipeline/outputs.ts'
import { type RecordedFile, readRecord } from '../recorded-files.ts'
import {
	hashSnapshot,
	SNAPSHOT_FILE,
	Snapshot,
	TEXT_FILES,
	type TextName,
} from './snapshot-schema.ts'

const REMEDY = 'restore it from a copy, or run snapshot again with the same options'

export interface FoundSnapshot {
	readonly snapshot: Snapshot
	readonly dir: string
	/** The name of the newest execution that made it; null where there is no record of one. */
	readonly execution: string | null
}

/**
 * @param ref the first digits of a hash, or `latest`: the one that the last `snapshot` made
 * @throws AppError `not-found` with what there is, `bad-input` where several begin so, `damaged` where snapshot.json was
 * changed, `unsupported` for one of a newer version
 */
export async function readSnapshot(effects: Effects, ref: string): Promise<FoundSnapshot> {
	const hash = ref === 'latest' ? await latestHash(effects) : await completeHash(effects, ref)
	const dir = snapshotDir(effects, hash)
	const snapshot = await readSnapshotRecord(dir, hash)
	const maker = (await listExecutions(effects)).findLast(
		({ output: { kind, sha256 } }) => kind === 'snapshot' && sha256 === snapshot.hash,
	)
	return { snapshot, dir, execution: maker ? executionName(maker) : null }
}

/** The snapshot that a step has as an input. @throws AppError as {@link readSnapshot} */
export async function readSnapshotOf(
	{ name, sha256 }: ArtifactRef,
	effects: Effects,
): Promise<FoundSnapshot> {
	return readSnapshot(effects, sha256 ?? name)
}

/** A snapshot as an input of a step. */
export function refSnapshot({ snapshot, execution }: FoundSnapshot): ArtifactOf<'snapshot'> {
	const { hash, files } = snapshot
	return { kind: 'snapshot', name: snapshotName(hash), sha256: hash, execution, files }
}

/**
 * The snapshot.json of a folder. Its content gives the hash, and the hash the folder's name.
 *
 * @param hash of the snapshot that the folder should hold, or the first digits of it
 * @throws AppError `not-found`, `damaged`, `unsupported`
 */
export async function readSnapshotRecord(dir: string, hash: string): Promise<Snapshot> {
	const path = join(dir, SNAPSHOT_FILE)
	const { record: snapshot, json } = await readRecord(Snapshot, {
		path,
		what: 'snapshot',
		remedy: REMEDY,
	})
	if (!snapshot.hash.startsWith(hash))
		throw new AppError(
			'damaged',
			`${path} is damaged: it describes snapshot ${snapshot.hash.slice(0, 12)}; ${REMEDY}`,
		)
	if (hashSnapshot(json) !== snapshot.hash)
		throw new AppError('damaged', `${path} is damaged: its content has another hash; ${REMEDY}`)
	return snapshot
}

/** Whether a snapshot has one of the files that not every snapshot has. */
export function hasSnapshotFile(
	{ snapshot }: Pick<FoundSnapshot, 'snapshot'>,
	part: TextName,
): boolean {
	return snapshot.files.some(({ name }) => name === TEXT_FILES[part])
}

/** One of a snapshot's files of titles. */
export function findSnapshotFile(
	{ snapshot, dir }: Pick<FoundSnapshot, 'snapshot' | 'dir'>,
	part: TextName,
): RecordedFile {
	const name = TEXT_FILES[part]
	const record = snapshot.files.find((file) => file.name === name)
	if (!record)
		throw new AppError('damaged', `${join(dir, SNAPSHOT_FILE)} names no ${name}; ${REMEDY}`)
	const what = `${name} of snapshot ${snapshot.hash.slice(0, 12)}`
	return { path: join(dir, name), record, what, remedy: REMEDY }
}

async function latestHash(effects: Effects): Promise<string> {
	return (await latestExecution(effects, 'snapshot')).output.sha256
}

// Folders are named by the first digits: a longer reference is compared as far as the name goes.
async function completeHash(effects: Effects, ref: string): Promise<string> {
	const names = await readNames(join(effects.dataDir, 'snapshots'), 'folder of snapshots')
	const hashes = names.filter((name) => /^[0-9a-f]{12}$/.test(name)).sort()
	const found = hashes.filter((name) => name.startsWith(ref) || ref.startsWith(name))
	const [only] = found
	if (found.length === 1 && only !== undefined && ref !== '')
		return ref.length > only.length ? ref : only
	const list = hashes.length > 0 ? `there are: ${hashes.join(', ')}` : 'run snapshot first'
	if (found.length > 1)
		throw new AppError('bad-input', `several snapshots begin with "${ref}": ${found.join(', ')}`)
	throw new AppError('not-found', `no snapshot ${ref} in ${effects.dataDir}; ${list}`)
}
