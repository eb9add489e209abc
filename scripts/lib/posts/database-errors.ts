// What a database or its disk answers, as an expected failure that says what to do about it.
import { constants } from 'node:fs'
import { access, open, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LibsqlError } from '@libsql/client/sqlite3'
import { AppError } from '../../../src/shared/app-error.ts'
import { temporaryPath } from '../files.ts'

/** Where a database is. */
export interface Place {
	/** As a message may show it: never with a token. */
	readonly location: string
	/** Null for one on a server. */
	readonly path: string | null
}

const OTHER_FOLDER = 'name a folder on another disk with --data'

/** SQLite's name of the error, with what it says beyond the basic one, as in `SQLITE_IOERR_WRITE`; '' for any other error. */
export function sqliteCode(error: unknown): string {
	if (error instanceof LibsqlError) return error.extendedCode || error.code
	const { code, rawCode } = (error ?? {}) as { readonly code?: unknown; readonly rawCode?: unknown }
	if (typeof code !== 'string') return ''
	if (code.startsWith('SQLITE_')) return code
	// The client knows no name for some of the extended codes, whose last byte is the basic one.
	const isUnnamed = code.startsWith('UNKNOWN_SQLITE_ERROR') && typeof rawCode === 'number'
	return isUnnamed ? (BASIC_CODES[rawCode & 0xff] ?? '') : ''
}

/** Source: https://www.sqlite.org/rescode.html */
const BASIC_CODES: Readonly<Record<number, string>> = {
	3: 'SQLITE_PERM',
	5: 'SQLITE_BUSY',
	6: 'SQLITE_LOCKED',
	8: 'SQLITE_READONLY',
	10: 'SQLITE_IOERR',
	11: 'SQLITE_CORRUPT',
	13: 'SQLITE_FULL',
	14: 'SQLITE_CANTOPEN',
	15: 'SQLITE_PROTOCOL',
	26: 'SQLITE_NOTADB',
}

/** Whether another program holds the database, or the disk refuses locks: SQLite does not tell these apart. */
export function isBusy(error: unknown): boolean {
	return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error))
}

/** Whether the file, or a file beside it, may only be read. */
export function mayNotWrite(error: unknown): boolean {
	return /^SQLITE_(READONLY|PERM|CANTOPEN)/.test(sqliteCode(error))
}

/** Whether the disk has no shared memory, or no locks in it: a write-ahead log needs both. */
export function lacksSharedMemory(error: unknown): boolean {
	return /^SQLITE_(IOERR_(SHM|LOCK)|PROTOCOL)/.test(sqliteCode(error))
}

/** An expected failure for what a database may answer; anything else, as wrong SQL, comes back as it is. */
export async function describeDatabaseError(error: unknown, place: Place): Promise<unknown> {
	if (error instanceof AppError) return error
	const { location } = place
	const fail = (code: AppError['code'], message: string) => new AppError(code, message, error)
	const disk = mayNotWrite(error)
		? await describeRefused(place)
		: await describeDiskError(sqliteCode(error), place)
	if (disk) return fail(...disk)
	// The local client throws no error of its own for a file that SQLite refuses to open, as for a folder.
	if (isUnopened(error))
		return fail(
			'storage',
			`database may not be opened: ${location}; check that it is a file and its permissions`,
		)
	if (isRefusal(error))
		return fail(
			'bad-input',
			`database refused the token: ${location}; check WHICHSUB_DATABASE_TOKEN`,
		)
	if (isNetworkError(error))
		return fail(
			'network',
			`database did not answer: ${location}; check the server and WHICHSUB_DATABASE_URL`,
		)
	return error
}

type Description = [AppError['code'], string]

async function describeDiskError(code: string, place: Place): Promise<Description | null> {
	const { location } = place
	if (code.startsWith('SQLITE_FULL'))
		return ['storage-full', `disk is full: ${location}; free some space and run this again`]
	if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
		return ['damaged', `database is damaged: ${location}; restore a copy, or ingest into a new one`]
	if (/^SQLITE_(IOERR_LOCK|IOERR_RDLOCK|NOLFS)/.test(code)) return describeNoLocks(place)
	if (/^SQLITE_(IOERR_SHM|PROTOCOL)/.test(code))
		return [
			'storage',
			`disk has no shared memory for the database's write-ahead log: ${location}; end all programs that use it and run this again, or ${OTHER_FOLDER}`,
		]
	if (code === 'SQLITE_IOERR_WRITE' || code === 'SQLITE_IOERR_TRUNCATE')
		return describeFailedWrite(code, place)
	if (code.startsWith('SQLITE_IOERR')) return describeFailedDisk(code, place)
	return null
}

/** For a disk on which no file can be locked. */
export function describeNoLocks({ location, path }: Place): Description {
	return [
		'storage',
		`disk refuses file locks: ${path === null ? location : dirname(path)}; a database needs them: ${OTHER_FOLDER}`,
	]
}

function describeFailedDisk(code: string, { location }: Place): Description {
	return ['storage', `disk failed: ${location} (${code}); check the disk, or ${OTHER_FOLDER}`]
}

async function describeRefused({ location, path }: Place): Promise<Description> {
	if (path !== null && (await isReadOnlyDisk(path)))
		return [
			'storage',
			`disk is mounted read-only: ${location}; copy the folder to another disk and name it with --data`,
		]
	return ['storage', `database may not be opened: ${location}; check its permissions`]
}

async function isReadOnlyDisk(path: string): Promise<boolean> {
	return access(dirname(path), constants.W_OK).then(
		() => false,
		(error: NodeJS.ErrnoException) => error.code === 'EROFS',
	)
}

/** SQLite says only that a write failed: a write of our own in the same folder says why. */
async function describeFailedWrite(code: string, place: Place): Promise<Description> {
	const { location, path } = place
	const reason = path === null ? '' : await findWriteFailure(path)
	if (reason === 'EFBIG')
		return [
			'storage-full',
			`largest file reached: ${location}; the disk, or a limit as of ulimit -f, allows no larger one: raise the limit, or ${OTHER_FOLDER}`,
		]
	if (reason === 'EDQUOT')
		return [
			'storage-full',
			`disk quota is used up: ${location}; free some space and run this again, or ${OTHER_FOLDER}`,
		]
	if (reason === 'ENOSPC')
		return ['storage-full', `disk is full: ${location}; free some space and run this again`]
	return describeFailedDisk(code, place)
}

/** Behind the end of the largest file of the database, where its own next write would be. @returns the system's error */
async function findWriteFailure(path: string): Promise<string> {
	const sizes = [path, `${path}-wal`].map((file) => stat(file).catch(() => ({ size: 0 })))
	const end = Math.max(...(await Promise.all(sizes)).map(({ size }) => size))
	const scratch = temporaryPath(path)
	try {
		const file = await open(scratch, 'w')
		try {
			await file.write(new Uint8Array(1 << 16), 0, 1 << 16, end)
			await file.sync()
		} finally {
			await file.close()
		}
		return ''
	} catch (error) {
		return (error as NodeJS.ErrnoException).code ?? ''
	} finally {
		await rm(scratch, { force: true }).catch(() => {})
	}
}

function isUnopened(error: unknown): boolean {
	return error instanceof Error && /^ConnectionFailed\(.*: 14"?\)/s.test(error.message)
}

// Some servers refuse by status alone, others by a message without a code.
function isRefusal(error: unknown): boolean {
	const code = error instanceof LibsqlError ? error.code : ''
	const { message, cause } = error as Error
	const status = (cause as { status?: unknown } | undefined)?.status
	if (code === 'SERVER_ERROR') return status === 401 || status === 403
	return code === 'UNKNOWN' && /unauthorized|forbidden|authentication/i.test(message)
}

function isNetworkError(error: unknown): boolean {
	const code = error instanceof LibsqlError ? error.code : ''
	if (code === 'SERVER_ERROR' || code.startsWith('HRANA_')) return true
	return error instanceof TypeError && error.message === 'fetch failed'
}
