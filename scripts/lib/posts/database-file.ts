// A database's file before it is used: whether its disk serves a write-ahead log, and locks at all.
import { rm, stat } from 'node:fs/promises'
import Database from 'libsql/promise'
import { AppError } from '../../../src/shared/app-error.ts'
import { temporaryPath } from '../files.ts'
import { describeNoLocks, isBusy, lacksSharedMemory, type Place } from './database-errors.ts'
import { Wait, type WaitEffects } from './database-wait.ts'

const LOOK = 'SELECT count(*) FROM sqlite_master'

/** Where `path` is a file's, and `uri` what SQLite opens. */
export interface DatabaseFile extends Place {
	readonly path: string
	readonly uri: string
}

/**
 * Gives a new file a write-ahead log, which lets readers and a writer work side by side, and leaves it aside where the disk has
 * no shared memory, as many network disks. A file that has posts keeps the mode that it has.
 *
 * SQLite itself looks for up to 10 seconds for such shared memory, so this goes on beside the main thread.
 *
 * @throws AppError `storage` where the disk refuses locks; as of {@link Wait}; other errors are SQLite's
 */
export async function prepareFile(file: DatabaseFile, effects: WaitEffects): Promise<void> {
	const wait = new Wait(file, effects)
	const isNew = await isEmpty(file.path)
	const statements = isNew ? [LOOK, 'PRAGMA journal_mode = WAL', LOOK] : [LOOK]
	const checkLocks = () => requireLocks(file)
	try {
		await wait.until(() => wait.beside(runBeside(file.uri, statements)), checkLocks)
	} catch (error) {
		if (!lacksSharedMemory(error)) throw error
		await wait.until(() => wait.beside(leaveLog(file.uri)), checkLocks)
		effects.err(
			`warning: the disk has no shared memory for a write-ahead log: ${file.location} does without one, and commands wait for each other`,
		)
	}
}

/** With exclusive access SQLite needs no shared memory to bring home what the log holds. */
function leaveLog(uri: string): Promise<void> {
	return runBeside(uri, [
		'PRAGMA locking_mode = EXCLUSIVE',
		'PRAGMA journal_mode = DELETE',
		// Lets go of the file with the next statement.
		'PRAGMA locking_mode = NORMAL',
		LOOK,
	])
}

/** Statements on a connection of their own, on another thread. */
async function runBeside(uri: string, statements: readonly string[]): Promise<void> {
	const database = new Database(uri, {})
	try {
		for (const sql of statements) await database.exec(sql)
	} finally {
		database.close()
	}
}

/** SQLite calls a file `busy` that the system can't lock, too: then an empty one that nobody else knows can't be locked either. */
async function requireLocks(file: DatabaseFile): Promise<void> {
	const scratch = temporaryPath(file.path)
	try {
		await runBeside(scratch, ['BEGIN EXCLUSIVE', 'ROLLBACK'])
	} catch (error) {
		// What else may be wrong there, as with a folder for reading only, says nothing of locks.
		if (isBusy(error)) throw new AppError(...describeNoLocks(file), error)
	} finally {
		await rm(scratch, { force: true }).catch(() => {})
	}
}

function isEmpty(path: string): Promise<boolean> {
	return stat(path).then(
		({ size }) => size === 0,
		() => true,
	)
}
