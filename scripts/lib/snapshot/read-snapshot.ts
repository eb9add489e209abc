// Finds a snapshot that was made before, by a piece of its hash or as the latest one.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { latestExecution, listExecutions } from '../executions/executions.ts'
import { readTextFile } from '../files.ts'
import { snapshotDir } from './snapshot.ts'
import { SNAPSHOT_FILE, Snapshot } from './snapshot-schema.ts'

export interface FoundSnapshot {
	readonly snapshot: Snapshot
	readonly dir: string
	/** The execution that made it, newest first where it was made again; null where its record is gone. */
	readonly execution: number | null
}

/**
 * @param ref the begin of a hash, or `latest`: the one that the last `snapshot` made
 * @throws AppError `not-found` with what there is, `bad-input` where several begin so, `bad-data` for a damaged record
 */
export async function readSnapshot(effects: Effects, ref: string): Promise<FoundSnapshot> {
	const hash = ref === 'latest' ? await latestHash(effects) : await completeHash(effects, ref)
	const dir = snapshotDir(effects, hash)
	const path = join(dir, SNAPSHOT_FILE)
	const snapshot = parseJsonWith(Snapshot, await readTextFile(path, 'snapshot'), path)
	const maker = (await listExecutions(effects)).findLast(
		({ step, outputs }) =>
			step === 'snapshot' && outputs.some(({ sha256 }) => sha256 === snapshot.hash),
	)
	return { snapshot, dir, execution: maker?.id ?? null }
}

async function latestHash(effects: Effects): Promise<string> {
	const { id, outputs } = await latestExecution(effects, 'snapshot')
	const hash = outputs.find(({ name }) => name === 'snapshot')?.sha256
	if (!hash) throw new AppError('bad-data', `execution #${id} names no snapshot`)
	return hash
}

// Folders are named by the first digits: a longer reference is compared as far as the name goes.
async function completeHash(effects: Effects, ref: string): Promise<string> {
	const names = await readdir(join(effects.dataDir, 'snapshots')).catch(() => [])
	const hashes = names.filter((name) => /^[0-9a-f]{12}$/.test(name)).sort()
	const found = hashes.filter((name) => name.startsWith(ref) || ref.startsWith(name))
	if (found.length === 1 && ref !== '') return found[0] as string
	const list = hashes.length > 0 ? `there are: ${hashes.join(', ')}` : 'run snapshot first'
	if (found.length > 1)
		throw new AppError('bad-input', `several snapshots begin with "${ref}": ${found.join(', ')}`)
	throw new AppError('not-found', `no snapshot ${ref} in ${effects.dataDir}; ${list}`)
}
