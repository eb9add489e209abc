// A lock file: one command at a time changes what it guards, and a killed command's lock is taken over. Node.
import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../src/shared/app-error.ts'
import { makeFolder, storageError, temporaryPath } from './files.ts'
import { parseOwner, stateOf, thisOwner } from './owner.ts'

const RETRY_MS = 50
/** A change takes far less. */
const PATIENCE_MS = 15_000
/** A lock that names no owner, as a crashed disk leaves it, is given up at this age. */
const NAMELESS_MS = 15_000

export interface Lock {
	readonly path: string
	/** What another command that holds it does, as in `releases are being changed by another command`. */
	readonly what: string
	/** How long to wait for it; by default, longer than a change of a file can take. */
	readonly patienceMs?: number
}

/**
 * Runs `work` while nobody else holds the lock.
 *
 * @throws AppError `conflict` where another command holds it for longer than that
 */
export async function withLock<T>(
	{ path, what, patienceMs = PATIENCE_MS }: Lock,
	work: () => Promise<T>,
): Promise<T> {
	await makeFolder(dirname(path))
	const deadline = Date.now() + patienceMs
	while (!(await tryLock(path))) {
		if (await breakStaleLock(path)) continue
		if (Date.now() >= deadline)
			throw new AppError(
				'conflict',
				`${what}: ${path}; if none runs, remove that file, and ${breakingPath(path)} if it is there`,
			)
		await sleep(RETRY_MS)
	}
	try {
		return await work()
	} finally {
		await rm(path, { force: true })
	}
}

// Linking a file that is already written: the lock never exists without its owner's name.
async function tryLock(path: string): Promise<boolean> {
	const temporary = temporaryPath(path)
	try {
		await writeFile(temporary, JSON.stringify({ ...thisOwner(), id: randomUUID() }))
		await link(temporary, path)
		return true
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
		throw storageError(error, path)
	} finally {
		await rm(temporary, { force: true })
	}
}

// Breaking has a lock of its own: between looking at a dead owner's lock and removing it, nobody else can have removed
// it and taken a new one.
async function breakStaleLock(path: string): Promise<boolean> {
	if ((await readStale(path)) === null) return false
	const breaking = breakingPath(path)
	if (!(await tryLock(breaking))) {
		await removeStaleBreaking(breaking)
		return false
	}
	try {
		if ((await readStale(path)) === null) return false
		await rm(path, { force: true })
		return true
	} finally {
		await rm(breaking, { force: true })
	}
}

// A command may be killed while it breaks a lock, too. Renaming takes what is there at that moment: should another have
// been here first and hold a new one, that is put back.
async function removeStaleBreaking(breaking: string): Promise<void> {
	const stale = await readStale(breaking)
	if (stale === null) return
	const taken = temporaryPath(breaking)
	try {
		await rename(breaking, taken)
		if ((await readFile(taken, 'utf8')) !== stale) await link(taken, breaking)
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException
		if (code !== 'ENOENT' && code !== 'EEXIST') throw storageError(error, breaking)
	} finally {
		await rm(taken, { force: true })
	}
}

function breakingPath(path: string): string {
	return `${path}.break`
}

/** The text of a lock whose owner is gone; null for one that may be held, and where there is none. */
async function readStale(path: string): Promise<string | null> {
	const text = await readFile(path, 'utf8').catch(() => null)
	if (text === null) return null
	const owner = parseOwner(text)
	const isStale = owner ? stateOf(owner) === 'gone' : await isOlderThan(path, NAMELESS_MS)
	return isStale ? text : null
}

async function isOlderThan(path: string, milliseconds: number): Promise<boolean> {
	const written = await stat(path).catch(() => null)
	return written !== null && Date.now() - written.mtimeMs > milliseconds
}
