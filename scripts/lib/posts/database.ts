// The one door to the posts' database: a libSQL file in the data folder, or the server that WHICHSUB_DATABASE_URL names.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
	type Client,
	createClient,
	type InArgs,
	LibsqlError,
	type ResultSet,
} from '@libsql/client/sqlite3'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { exists, makeFolder } from '../files.ts'
import { isClickHouse } from './clickhouse/client.ts'
import { BesideConnection, type BesideResult, type CountedStatement } from './database-beside.ts'
import { describeDatabaseError, isBusy, mayNotWrite, type Place } from './database-errors.ts'
import { type DatabaseFile, prepareFile } from './database-file.ts'
import { Wait, type WaitEffects } from './database-wait.ts'
import { movePosts } from './move-posts.ts'
import { ADD_SOURCES, HAS_KEYS, HAS_SOURCE_NAMES, MAKE_TABLES } from './tables.ts'

// SQLite's own waiting stops the whole thread, signals and messages too, so it gets moments only; `Wait` does the rest.
const BUSY_SLICE_MS = 200

export type DatabaseEffects = Pick<Effects, 'dataDir' | 'env' | 'now'> & WaitEffects

export interface Statement {
	readonly sql: string
	readonly args?: InArgs
}

export interface Database {
	/** Where it is, as a message may show it: never with a token. */
	readonly location: string
	/** @throws AppError `conflict` where another program holds it, `storage`, `storage-full`, `damaged` or `network`; wrong SQL stays a bug */
	execute(sql: string, args?: InArgs): Promise<ResultSet>
	/** The same as `execute`; of a file, it runs beside this thread. Nothing else may be written meanwhile. */
	executeBeside(sql: string, args?: InArgs): Promise<BesideResult>
	/**
	 * All statements in one transaction; errors as of `execute`. Of a file, it runs beside this thread.
	 *
	 * @returns false, and nothing is changed, where one of them changes other than the rows that it says; for a server always
	 */
	transactBeside(statements: readonly CountedStatement[]): Promise<boolean>
	/** The same as `execute`; of a file, it runs beside this thread and beside what `executeBeside` does. For a single row. */
	readApart(sql: string, args?: InArgs): Promise<BesideResult>
	/** All statements or none, in one transaction; errors as of `execute`. */
	batch(statements: readonly Statement[]): Promise<ResultSet[]>
	close(): void
}

/**
 * Opens the database with the tables of posts and sources, making what is missing. `WHICHSUB_DATABASE_URL` (`libsql:`,
 * `http:`, `https:`, `ws:`, `wss:` or `file:`) replaces `<data>/posts.db`; `WHICHSUB_DATABASE_TOKEN` opens it. Where
 * that URL is ClickHouse's, `WHICHSUB_LIBSQL_URL` and `WHICHSUB_LIBSQL_TOKEN` stand for these two.
 *
 * @param tables `CREATE … IF NOT EXISTS` statements of the caller's own tables and indexes
 */
export async function openPostsDatabase(
	effects: DatabaseEffects,
	tables: readonly string[] = [],
): Promise<Database> {
	const { url, location, file } = locate(effects)
	if (readSettings(effects).url === '') await makeFolder(effects.dataDir)
	if (file) await prepare(file, effects)
	const place = { location, path: file?.path ?? null }
	const client = await connect(url, place, effects)
	const database = wrapClient(client, { place, uri: file?.uri ?? null }, effects)
	try {
		if (file) await database.execute(ENLARGE_CACHE)
		await addSources(database)
		await movePosts(database, file && accessTo(file), effects)
		await database.batch([...MAKE_TABLES, ...tables].map((sql) => ({ sql })))
	} catch (error) {
		database.close()
		throw error
	}
	return database
}

function accessTo(file: DatabaseFile) {
	return { file, connect: () => new BesideConnection(file.uri, ENLARGE_CACHE) }
}

async function prepare(file: DatabaseFile, effects: DatabaseEffects): Promise<void> {
	try {
		await prepareFile(file, effects)
	} catch (error) {
		throw await describeDatabaseError(error, file)
	}
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
export async function openExistingPosts(effects: DatabaseEffects): Promise<Database> {
	// The posts are there, and beside them there may be no lists and no picks yet.
	if (isClickHouse(effects.env.WHICHSUB_DATABASE_URL)) return openPostsDatabase(effects)
	const { url, location, file } = locate(effects)
	if (!file) {
		const place = { location, path: null }
		const client = await connect(url, place, effects)
		return requirePosts(wrapClient(client, { place, uri: null }, effects))
	}
	if (!(await exists(file.path))) throw noPostsYet(location)
	const open = async (parameters: string) => {
		const client = await connect(fileUrl(file.path, parameters), file, effects)
		const uri = fileUri(file.path, parameters)
		const database = await requirePosts(wrapClient(client, { place: file, uri }, effects))
		await database.execute(ENLARGE_CACHE)
		return database
	}
	try {
		await prepare({ ...file, uri: fileUri(file.path, 'mode=rw') }, effects)
		return await open('mode=rw')
	} catch (error) {
		const isRefused = error instanceof AppError && mayNotWrite(error.cause)
		// A write-ahead log needs a file beside the database, even to read. Where none may be made, SQLite reads a file
		// that is said not to change, and leaves its log aside: so only where the log is empty.
		if (!isRefused || (await hasLog(file.path))) throw error
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

/** Whether there is a table or a view of this name. */
export async function hasTable(database: Database, name: string): Promise<boolean> {
	const sql = `SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?`
	return (await database.execute(sql, [name])).rows.length > 0
}

/** Whether posts are stored by their keys, or as before by their ids: what only reads them migrates none. */
export async function haveKeys(database: Database): Promise<boolean> {
	return (await database.execute(HAS_KEYS)).rows.length > 0
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
	const url = readSettings({ env }).url || localUrl(dataDir)
	const location = describeLocation(url)
	const path = url.startsWith('file:') ? filePath(url) : null
	return { url, location, file: path === null ? null : { location, path, uri: path } }
}

/** Where the posts are in ClickHouse, what is not posts has settings of its own. No URL: the file of the data folder. */
function readSettings({ env }: Pick<Effects, 'env'>) {
	const { WHICHSUB_DATABASE_URL: url, WHICHSUB_DATABASE_TOKEN: token } = env
	return isClickHouse(url)
		? { url: env.WHICHSUB_LIBSQL_URL ?? '', token: env.WHICHSUB_LIBSQL_TOKEN }
		: { url: url ?? '', token }
}

/** The path of a `file:` URL; a relative path stays relative, as the client reads it. */
function filePath(url: string): string {
	return decodeURIComponent(url.replace(/^file:(?:\/\/[^/?#]*)?|[?#].*$/g, ''))
}

// The client has no option for SQLite's URI parameters, but passes on a path that is itself such a URI.
function fileUrl(path: string, parameters: string): string {
	return `file:${encodeURIComponent(fileUri(path, parameters))}`
}

function fileUri(path: string, parameters: string): string {
	return `${pathToFileURL(path).href}?${parameters}`
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

async function connect(url: string, place: Place, { env }: DatabaseEffects): Promise<Client> {
	const { location } = place
	if (URL.canParse(url) && new URL(url).username !== '')
		throw new AppError(
			'bad-input',
			`WHICHSUB_DATABASE_URL carries a user: ${location}; put the token into WHICHSUB_DATABASE_TOKEN`,
		)
	try {
		if (url.startsWith('file:')) return createClient({ url, timeout: BUSY_SLICE_MS })
		// Loaded for a server alone: what speaks its protocols would lengthen the start of every command.
		const remote = await import('@libsql/client')
		const { token } = readSettings({ env })
		return remote.createClient({ url, ...(token ? { authToken: token } : {}) })
	} catch (error) {
		if (error instanceof LibsqlError && error.code.startsWith('URL_'))
			throw new AppError(
				'bad-input',
				`WHICHSUB_DATABASE_URL is no database's URL: ${location}; expected one like libsql://host or file:///folder/posts.db`,
				error,
			)
		throw await describeDatabaseError(error, place)
	}
}

// 16 MiB, because ids arrive in no order; four times as much was no faster.
const ENLARGE_CACHE = 'PRAGMA cache_size = -16384'

interface Opened {
	readonly place: Place
	/** What SQLite opens; null for a server. */
	readonly uri: string | null
}

/** `synchronous` stays FULL, its default: a batch that was committed survives a power cut. */
function wrapClient(client: Client, { place, uri }: Opened, effects: WaitEffects): Database {
	const beside = uri === null ? null : new BesideConnection(uri, ENLARGE_CACHE)
	const reconnect = async () => {
		// A refused statement stays open until it is collected, and a transaction of its connection can't end before.
		beside?.close()
		if (place.path !== null) await client.reconnect()
	}
	const guard = async <Result>(work: () => Promise<Result>): Promise<Result> => {
		try {
			return await work().catch((error: unknown) => {
				if (!isBusy(error)) throw error
				return new Wait(place, effects).until(async () => {
					await reconnect()
					return work()
				})
			})
		} catch (error) {
			throw await describeDatabaseError(error, place)
		}
	}
	const execute = (sql: string, args: InArgs = []) => guard(() => client.execute({ sql, args }))
	return {
		location: place.location,
		execute,
		executeBeside: beside
			? (sql, args = []) => guard(() => beside.execute(sql, args))
			: (sql, args) => execute(sql, args),
		transactBeside: async (statements) =>
			beside !== null && guard(() => beside.transact(statements)),
		async readApart(sql, args = []) {
			if (uri === null) return execute(sql, args)
			const apart = new BesideConnection(uri, ENLARGE_CACHE)
			try {
				return await guard(() => apart.execute(sql, args))
			} finally {
				apart.close()
			}
		},
		batch: (statements) =>
			guard(() =>
				client.batch(
					statements.map(({ sql, args = [] }) => ({ sql, args })),
					'write',
				),
			),
		close() {
			beside?.close()
			client.close()
		},
	}
}
