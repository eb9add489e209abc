// The one door to the posts' database: a libSQL file in the data folder, or the server that WHICHSUB_DATABASE_URL names.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type Client, createClient, type InArgs, LibsqlError, type ResultSet } from '@libsql/client'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { exists, makeFolder } from '../files.ts'
import { ADD_SOURCES, HAS_SOURCE_NAMES, MAKE_TABLES } from './tables.ts'

// Another command may be writing; its batches take well under a second each.
const BUSY_TIMEOUT_MS = 30_000
const RETRY_MS = 50

export interface Statement {
	readonly sql: string
	readonly args?: InArgs
}

export interface Database {
	/** Where it is, as a message may show it: never with a token. */
	readonly location: string
	/** @throws AppError `storage`, `storage-full`, `damaged` or `network`; wrong SQL stays a bug */
	execute(sql: string, args?: InArgs): Promise<ResultSet>
	/** All statements or none, in one transaction; errors as of `execute`. */
	batch(statements: readonly Statement[]): Promise<ResultSet[]>
	close(): void
}

/**
 * Opens the database with the tables of posts and sources, making what is missing. `WHICHSUB_DATABASE_URL` (`libsql:`,
 * `http:`, `https:`, `ws:`, `wss:` or `file:`) replaces `<data>/posts.db`; `WHICHSUB_DATABASE_TOKEN` opens it.
 *
 * @param tables `CREATE … IF NOT EXISTS` statements of the caller's own tables and indexes
 */
export async function openPostsDatabase(
	effects: Pick<Effects, 'dataDir' | 'env'>,
	tables: readonly string[] = [],
): Promise<Database> {
	const { url, location, isFile } = locate(effects)
	if (!effects.env.WHICHSUB_DATABASE_URL) await makeFolder(effects.dataDir)
	const client = connect(url, location, effects.env.WHICHSUB_DATABASE_TOKEN)
	const database = wrapClient(client, location)
	try {
		if (isFile) await tuneFile(database)
		await addSources(database)
		await database.batch([...MAKE_TABLES, ...tables].map((sql) => ({ sql })))
	} catch (error) {
		database.close()
		throw error
	}
	return database
}

/** Migrates a database that was made before there were sources; leaves any other as it is. */
export async function addSources(database: Database): Promise<void> {
	const isOld = async () => (await database.execute(HAS_SOURCE_NAMES)).rows.length > 0
	if (!(await isOld())) return
	try {
		await database.batch(ADD_SOURCES.map((sql) => ({ sql })))
	} catch (error) {
		// Another command may have migrated it at the same moment.
		if (await isOld()) throw error
	}
}

/**
 * Opens an existing database, for commands that need not create one; a read-only file or folder is enough.
 *
 * @throws AppError `not-found` where there is no table of posts yet, and as of {@link openPostsDatabase}
 */
export async function openExistingPosts(
	effects: Pick<Effects, 'dataDir' | 'env'>,
): Promise<Database> {
	const { url, location, isFile } = locate(effects)
	if (!isFile)
		return requirePosts(
			wrapClient(connect(url, location, effects.env.WHICHSUB_DATABASE_TOKEN), location),
		)
	const path = filePath(url)
	if (!(await exists(path))) throw noPostsYet(location)
	const open = async (parameters: string) => {
		const client = connect(fileUrl(path, parameters), location, undefined)
		const database = await requirePosts(wrapClient(client, location))
		await enlargeCache(database)
		return database
	}
	try {
		return await open('mode=rw')
	} catch (error) {
		const isRefused = error instanceof AppError && error.code === 'storage'
		// A write-ahead log needs a file beside the database, even to read. Where none may be made, SQLite reads a file
		// that is said not to change, and leaves its log aside: so only where the log is empty.
		if (!isRefused || (await hasLog(path))) throw error
		return open('immutable=1')
	}
}

async function requirePosts(database: Database): Promise<Database> {
	try {
		if (await hasTable(database, 'posts')) return database
		throw noPostsYet(database.location)
	} catch (error) {
		database.close()
		throw error
	}
}

/** Whether there is a table of this name. */
export async function hasTable(database: Database, name: string): Promise<boolean> {
	const sql = `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`
	return (await database.execute(sql, [name])).rows.length > 0
}

function noPostsYet(location: string): AppError {
	return new AppError(
		'not-found',
		`no posts yet: ${location}; run whichsub ingest FILE or whichsub collect first`,
	)
}

function hasLog(path: string): Promise<boolean> {
	return stat(`${path}-wal`).then(
		({ size }) => size > 0,
		() => false,
	)
}

function locate({ dataDir, env }: Pick<Effects, 'dataDir' | 'env'>) {
	const url = env.WHICHSUB_DATABASE_URL || localUrl(dataDir)
	return { url, location: describeLocation(url), isFile: url.startsWith('file:') }
}

/** The path of a `file:` URL; a relative path stays relative, as the client reads it. */
function filePath(url: string): string {
	return decodeURIComponent(url.replace(/^file:(?:\/\/[^/?#]*)?|[?#].*$/g, ''))
}

// The client has no option for SQLite's URI parameters, but passes on a path that is itself such a URI.
function fileUrl(path: string, parameters: string): string {
	const uri = `${pathToFileURL(path).href}?${parameters}`
	return `file:${encodeURIComponent(uri)}`
}

function localUrl(dataDir: string): string {
	return pathToFileURL(join(dataDir, 'posts.db')).href
}

/** The location without user, password and query, any of which may hold a secret. */
function describeLocation(url: string): string {
	if (!URL.canParse(url)) return 'WHICHSUB_DATABASE_URL'
	const { protocol, host, pathname } = new URL(url)
	return protocol === 'file:' ? decodeURIComponent(pathname) : `${protocol}//${host}${pathname}`
}

function connect(url: string, location: string, authToken: string | undefined): Client {
	if (URL.canParse(url) && new URL(url).username !== '')
		throw new AppError(
			'bad-input',
			`WHICHSUB_DATABASE_URL carries a user: ${location}; put the token into WHICHSUB_DATABASE_TOKEN`,
		)
	try {
		return createClient({ url, timeout: BUSY_TIMEOUT_MS, ...(authToken ? { authToken } : {}) })
	} catch (error) {
		if (error instanceof LibsqlError && error.code.startsWith('URL_'))
			throw new AppError(
				'bad-input',
				`WHICHSUB_DATABASE_URL is no database's URL: ${location}; expected one like libsql://host or file:///folder/posts.db`,
				error,
			)
		throw expectedError(error, location)
	}
}

/**
 * A write-ahead log lets readers and a writer work side by side. `synchronous` stays FULL, its default: a batch that was
 * committed survives a power cut.
 */
async function tuneFile(database: Database): Promise<void> {
	await useWriteAheadLog(database)
	await enlargeCache(database)
}

// 16 MiB, because ids arrive in no order; four times as much was no faster.
async function enlargeCache(database: Database): Promise<void> {
	await database.execute('PRAGMA cache_size = -16384')
}

// Changing the mode needs exclusive access, and SQLite does not wait for that as it does for other locks.
async function useWriteAheadLog(database: Database): Promise<void> {
	for (let patience = BUSY_TIMEOUT_MS; ; patience -= RETRY_MS) {
		try {
			const { rows } = await database.execute('PRAGMA journal_mode')
			if (rows[0]?.[0] !== 'wal') await database.execute('PRAGMA journal_mode = WAL')
			return
		} catch (error) {
			const isBusy = error instanceof AppError && error.code === 'storage'
			if (!isBusy || patience <= 0) throw error
			await setTimeout(RETRY_MS)
		}
	}
}

function wrapClient(client: Client, location: string): Database {
	const guard = async <Result>(work: Promise<Result>): Promise<Result> => {
		try {
			return await work
		} catch (error) {
			throw expectedError(error, location)
		}
	}
	return {
		location,
		execute: (sql, args = []) => guard(client.execute({ sql, args })),
		batch: (statements) =>
			guard(
				client.batch(
					statements.map(({ sql, args = [] }) => ({ sql, args })),
					'write',
				),
			),
		close: () => client.close(),
	}
}

function expectedError(error: unknown, location: string): unknown {
	const code = libsqlCode(error)
	const message = expectedMessage(code, location)
	if (message) return new AppError(message[0], message[1], error)
	if (isUnopened(error))
		return new AppError(
			'storage',
			`database may not be opened: ${location}; check that it is a file and its permissions`,
			error,
		)
	if (isRefusal(error))
		return new AppError(
			'bad-input',
			`database refused the token: ${location}; check WHICHSUB_DATABASE_TOKEN`,
			error,
		)
	if (isNetworkError(error))
		return new AppError(
			'network',
			`database did not answer: ${location}; check the server and WHICHSUB_DATABASE_URL`,
			error,
		)
	return error
}

function libsqlCode(error: unknown): string {
	return error instanceof LibsqlError ? error.code : ''
}

function expectedMessage(code: string, location: string): [AppError['code'], string] | null {
	switch (code) {
		case 'SQLITE_FULL':
			return ['storage-full', `disk is full: ${location}; free some space and run this again`]
		case 'SQLITE_BUSY':
		case 'SQLITE_LOCKED':
			return ['storage', `database is in use: ${location}; wait for the other command to end`]
		case 'SQLITE_READONLY':
		case 'SQLITE_PERM':
		case 'SQLITE_CANTOPEN':
			return ['storage', `database may not be opened: ${location}; check its permissions`]
		case 'SQLITE_CORRUPT':
		case 'SQLITE_NOTADB':
			return [
				'damaged',
				`database is damaged: ${location}; restore a copy, or ingest into a new one`,
			]
		default:
			return null
	}
}

// The local client throws no error of its own for a file that SQLite refuses to open (SQLITE_CANTOPEN, 14), as for a folder.
function isUnopened(error: unknown): boolean {
	return error instanceof Error && /^ConnectionFailed\(.*: 14"?\)/s.test(error.message)
}

// Some servers refuse by status alone, others by a message without a code.
function isRefusal(error: unknown): boolean {
	const code = libsqlCode(error)
	const { message, cause } = error as Error
	const status = (cause as { status?: unknown } | undefined)?.status
	if (code === 'SERVER_ERROR') return status === 401 || status === 403
	return code === 'UNKNOWN' && /unauthorized|forbidden|authentication/i.test(message)
}

function isNetworkError(error: unknown): boolean {
	const code = libsqlCode(error)
	if (code === 'SERVER_ERROR' || code.startsWith('HRANA_')) return true
	return error instanceof TypeError && error.message === 'fetch failed'
}
