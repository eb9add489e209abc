// A lock file: one command at a time changes what it guards, and a killed command's lock is taken over. Node.
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../../src/shared/app-error.ts'
import { makeFolder, storageError, temporaryPath } from '../files.ts'

const RETRY_MS = 50
const PATIENCE_MS = 15_000

/**
 * Runs `work` while nobody else holds the lock at `path`.
 *
 * @throws AppError `conflict` where another command holds it for longer than a change can take
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
	await makeFolder(dirname(path))
	const deadline = Date.now() + PATIENCE_MS
	while (!(await tryLock(path))) {
		if (Date.now() > deadline)
			throw new AppError(
				'conflict',
				`releases are being changed by another command: ${path}; if none runs, remove that file`,
			)
		if (!(await breakStaleLock(path))) await sleep(RETRY_MS)
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
		await writeFile(temporary, JSON.stringify({ pid: process.pid, host: hostname() }))
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
	if (!(await isStale(path))) return false
	const breaking = `${path}.break`
	if (!(await tryLock(breaking))) return false
	try {
		if (!(await isStale(path))) return false
		await rm(path, { force: true })
		return true
	} finally {
		await rm(breaking, { force: true })
	}
}

async function isStale(path: string): Promise<boolean> {
	const text = await readFile(path, 'utf8').catch(() => null)
	if (text === null) return false
	const { pid, host } = parseOwner(text)
	return host === hostname() && pid !== null && !isRunning(pid)
}

function parseOwner(text: string): { pid: number | null; host: string | null } {
	try {
		const { pid, host } = JSON.parse(text) as { pid?: unknown; host?: unknown }
		return {
			pid: typeof pid === 'number' ? pid : null,
			host: typeof host === 'string' ? host : null,
		}
	} catch {
		return { pid: null, host: null }
	}
}

function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0)
		return true
	} catch (error) {
		// EPERM: it runs, under another user.
		return (error as NodeJS.ErrnoException).code === 'EPERM'
	}
}
