// `run --gc` removes what no lock, no commit and no release needs, from this machine's store and from the folders of the runs. Records
// stay, and a shared store is never cleared.
import { execFile } from 'node:child_process'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import { exists, readNames } from '../files.ts'
import { listKept, noteName } from '../graph/kept.ts'
import { type Execution, filesOf } from '../pipeline/execution-schema.ts'
import { filesDir } from '../pipeline/outputs.ts'
import { objectName, storeDir } from '../store/objects.ts'
import { LOCK_FILE, lockPath } from './lock-file.ts'

export interface Garbage {
	/** Runs that nobody needs. */
	readonly runs: readonly Execution[]
	/** The notes and files of these runs, and objects that belong to no run. */
	readonly paths: readonly string[]
	/** How much becomes free. */
	readonly bytes: number
	/** How many runs stay. */
	readonly kept: number
}

/** Finds garbage; changes nothing. */
export async function findGarbage(effects: Effects): Promise<Garbage> {
	const needed = await findNeeded(effects)
	const all = await listKept(effects)
	const kept = all.filter(({ key = '', output }) => needed.has(key) || needed.has(output.sha256))
	const runs = all.filter((run) => !kept.includes(run))
	const keptFiles = new Set([...needed, ...kept.flatMap(filesOf).map(({ sha256 }) => sha256)])
	const paths = [
		...runs.map(({ key = '' }) => join(storeDir(effects), noteName(key))),
		...(await findObjects(keptFiles, effects)),
		...(await findFilesOf(runs, keptFiles, effects)),
	]
	return { runs, paths, bytes: await measure(paths), kept: kept.length }
}

/** Removes notes before files, so that a note never names a missing file. */
export async function removeGarbage({ paths }: Garbage): Promise<void> {
	for (const path of paths) await rm(path, { force: true })
}

const DIGEST = /\b[0-9a-f]{64}\b/g

/** Every digest in whichsub.lock, here and in any commit, and in the manifest of any release. */
async function findNeeded(effects: Effects): Promise<Set<string>> {
	const texts = [
		await readFile(lockPath(effects), 'utf8').catch(() => ''),
		...(await readCommittedLocks(effects)),
		...(await readManifests(effects)),
	]
	return new Set(texts.flatMap((text) => text.match(DIGEST) ?? []))
}

const run = promisify(execFile)
const MOST_BYTES = 1 << 28

/** The locks of all commits, of any schema, because only their digests matter; none outside a checkout. */
async function readCommittedLocks(effects: Effects): Promise<string[]> {
	const options = { cwd: dirname(lockPath(effects)), maxBuffer: MOST_BYTES }
	const git = async (...args: string[]) => (await run('git', args, options)).stdout
	const isCheckout = await git('rev-parse', '--git-dir').catch(() => null)
	if (isCheckout === null) return []
	const commits = (await git('log', '--all', '--format=%H', '--', LOCK_FILE))
		.split('\n')
		.filter(Boolean)
	// A commit that removed the lock has no content for it.
	const read = (commit: string) => git('show', `${commit}:./${LOCK_FILE}`).catch(() => '')
	return Promise.all(commits.map(read))
}

async function readManifests({ modelsDir }: Effects): Promise<string[]> {
	const names = await readNames(modelsDir, 'folder of releases')
	const read = (name: string) =>
		readFile(join(modelsDir, name, MANIFEST_FILE), 'utf8').catch(() => '')
	return Promise.all(names.map(read))
}

/** Objects of the runs that are removed, and those that a killed run left behind. */
async function findObjects(kept: ReadonlySet<string>, effects: Effects): Promise<string[]> {
	const dir = join(storeDir(effects), 'objects')
	const names = await readdir(dir, { recursive: true }).catch(() => [])
	const digests = names.map((name) => basename(name)).filter((name) => /^[0-9a-f]{64}$/.test(name))
	return digests
		.filter((sha256) => !kept.has(sha256))
		.map((sha256) => join(storeDir(effects), objectName({ sha256 })))
}

async function findFilesOf(
	runs: readonly Execution[],
	kept: ReadonlySet<string>,
	effects: Effects,
): Promise<string[]> {
	const paths: string[] = []
	for (const one of runs) {
		const dir = filesDir(one, effects)
		for (const { name, sha256 } of filesOf(one)) if (!kept.has(sha256)) paths.push(join(dir, name))
	}
	const there = await Promise.all(paths.map(exists))
	return paths.filter((_, index) => there[index])
}

/** The bytes that become free. A file with other hard links stays, so it does not count. */
async function measure(paths: readonly string[]): Promise<number> {
	const files = new Map<string, { bytes: number; names: number; removed: number }>()
	for (const path of paths) {
		const { dev, ino, size, nlink } = await stat(path)
		const key = `${dev} ${ino}`
		const file = files.get(key) ?? { bytes: size, names: nlink, removed: 0 }
		file.removed += 1
		files.set(key, file)
	}
	const free = [...files.values()].filter(({ names, removed }) => removed >= names)
	return free.reduce((sum, { bytes }) => sum + bytes, 0)
}
