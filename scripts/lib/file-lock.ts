// A lock file: one command at a time changes what it guards, and a killed command's lock is taken over.
import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from './effects.ts'
import { makeFolder, storageError, temporaryPath } from './files.ts'
import { type Owner, parseOwner, stateOf, thisOwner } from './owner.ts'
import { formatSeconds } from './progress.ts'

const RETRY_MS = 50
const NOTICE_MS = 1_000
/** With each command that holds it: a change takes far less, unless the machine is very busy. */
const PATIENCE_MS = 10 * 60_000
/** A lock that names no owner, as a crashed disk leaves it, is given up at this age. */
const NAMELESS_MS = 15_000
/** Nobody can see from here whether a process of another machine runs: while it does, it touches its lock. */
const HEARTBEAT_MS = 20_000
const ELSEWHERE_MS = 5 * 60_000

export interface Lock {
	readonly path: string
	/** What another command that holds it does, as in `releases are being changed by another command`. */
	readonly what: string
	/** How long to wait for each command that holds it; by default, longer than a change of a file can take. */
	readonly patienceMs?: number
}

type LockEffects = Pick<Effects, 'err' | 'signal'>

/**
 * Runs `work` while nobody else holds the lock.
 *
 * @throws AppError `conflict` where one other command holds it for longer than that, `aborted`
 */
export async function withLock<T>(
	lock: Lock,
	work: () => Promise<T>,
	effects: LockEffects,
): Promise<T> {
	const { path } = lock
	await makeFolder(dirname(path))
	const text = JSON.stringify({ ...thisOwner(), id: randomUUID() })
	await takeLock(lock, text, effects)
	const heartbeat = setInterval(() => {
		const now = new Date()
		utimes(path, now, now).catch(() => {})
	}, HEARTBEAT_MS)
	heartbeat.unref()
	try {
		return await work()
	} finally {
		clearInterval(heartbeat)
		// A machine that slept for long may have lost it to another.
		if ((await readLock(path)) === text) await rm(path, { force: true })
	}
}

async function takeLock(lock: Lock, text: string, effects: LockEffects): Promise<void> {
	const { path, what, patienceMs = PATIENCE_MS } = lock
	const start = Date.now()
	let [holder, since, isSaid] = ['', start, false]
	while (!(await tryLock(path, text))) {
		if (await breakStaleLock(path)) continue
		throwIfAborted(effects)
		const now = Date.now()
		const other = (await readLock(path)) ?? ''
		if (other !== holder) [holder, since] = [other, now]
		if (now - since >= patienceMs)
			throw new AppError(
				'conflict',
				`${what}${await describeHolder(path, other)}: ${path}; if none runs, remove that file, and ${breakingPath(path)} if it is there`,
			)
		if (!isSaid && now - start >= NOTICE_MS) {
			isSaid = true
			effects.err(`waiting: ${what}${await describeHolder(path, other)}`)
		}
		await sleep(RETRY_MS, undefined, { signal: effects.signal }).catch(() => {})
	}
}

async function describeHolder(path: string, text: string): Promise<string> {
	const owner = parseOwner(text)
	if (!owner) return ''
	if (stateOf(owner) !== 'elsewhere') return ` (process ${owner.pid})`
	const age = formatSeconds((await ageOf(path)) / 1000)
	return ` (process ${owner.pid} of machine ${owner.host}, which gave its last sign of life ${age} ago; after ${formatSeconds(ELSEWHERE_MS / 1000)} it counts as gone)`
}

// Linking a file that is already written: the lock never exists without its owner's name.
async function tryLock(path: string, text: string): Promise<boolean> {
	const temporary = temporaryPath(path)
	try {
		await writeFile(temporary, text)
		await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
			// Some disks have no links; an owner that is killed at this instant leaves a lock without its name.
			if (!NO_LINKS.has(error.code ?? '')) throw error
			return writeFile(path, text, { flag: 'wx' })
		})
		return true
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
		throw storageError(error, path)
	} finally {
		await rm(temporary, { force: true })
	}
}

const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

// Breaking has a lock of its own: between looking at a dead owner's lock and removing it, nobody else can have removed
// it and taken a new one.
async function breakStaleLock(path: string): Promise<boolean> {
	if ((await readStale(path)) === null) return false
	const breaking = breakingPath(path)
	if (!(await tryLock(breaking, JSON.stringify({ ...thisOwner(), id: randomUUID() })))) {
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
	const text = await readLock(path)
	return text !== null && (await isStale(parseOwner(text), path)) ? text : null
}

async function isStale(owner: Owner | null, path: string): Promise<boolean> {
	if (!owner) return (await ageOf(path)) > NAMELESS_MS
	const state = stateOf(owner)
	return state === 'gone' || (state === 'elsewhere' && (await ageOf(path)) > ELSEWHERE_MS)
}

function readLock(path: string): Promise<string | null> {
	return readFile(path, 'utf8').catch(() => null)
}

/** Milliseconds since it was written or touched; 0 where it is gone. */
async function ageOf(path: string): Promise<number> {
	const written = await stat(path).catch(() => null)
	return written === null ? 0 : Date.now() - written.mtimeMs
}
