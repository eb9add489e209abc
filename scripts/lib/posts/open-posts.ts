// Opens the posts where they are: in SQLite (a file, or a libSQL server), or in ClickHouse.
import { connect, isClickHouse, type Repeat } from './clickhouse/client.ts'
import {
	type Database,
	type DatabaseEffects,
	openExistingPosts,
	openPostsDatabase,
} from './database.ts'
import type { PostStore } from './post-store.ts'
import { storeInSqlite } from './sqlite/sqlite-posts.ts'

/**
 * Opens posts that exist, for commands that need not create any; a read-only file or folder is enough.
 *
 * @throws AppError `not-found` where there are none yet, and as of {@link openExistingPosts}
 */
export async function openPosts(effects: DatabaseEffects): Promise<PostStore> {
	const database = await openExistingPosts(effects)
	return openBeside(database, effects, { make: false })
}

/**
 * Opens posts that exist, for commands that remove some.
 *
 * @throws AppError as of {@link openPosts} and {@link makePosts}
 */
export async function openPostsToChange(effects: DatabaseEffects): Promise<PostStore> {
	const posts = await openPosts(effects)
	posts.close()
	return makePosts(effects)
}

export interface MakePostsOptions {
	/** `CREATE … IF NOT EXISTS` statements of the caller's own tables, which are in libSQL. */
	readonly tables?: readonly string[]
	/** Carries out what is asked of a database, perhaps again after a failure that may pass. */
	readonly repeat?: Repeat
}

/**
 * Opens the posts, making what is missing.
 *
 * @throws AppError as of {@link openPostsDatabase}
 */
export async function makePosts(
	effects: DatabaseEffects,
	{ tables = [], repeat }: MakePostsOptions = {},
): Promise<PostStore> {
	const database = await openPostsDatabase(effects, tables)
	return openBeside(database, effects, { make: true, ...(repeat ? { repeat } : {}) })
}

interface OpenBesideOptions {
	readonly make: boolean
	readonly repeat?: Repeat
}

/** @param database of what is not posts; closed where the posts can't be opened */
async function openBeside(
	database: Database,
	{ env }: DatabaseEffects,
	{ make, repeat }: OpenBesideOptions,
): Promise<PostStore> {
	const wrapped = repeat ? repeating(database, repeat) : database
	const url = env.WHICHSUB_DATABASE_URL
	if (!isClickHouse(url)) return storeInSqlite(wrapped)
	try {
		const { storeInClickHouse } = await import('./clickhouse/clickhouse-posts.ts')
		const clickhouse = await connect(url, { env }, repeat)
		return await storeInClickHouse(clickhouse, { database: wrapped, make })
	} catch (error) {
		database.close()
		throw error
	}
}

/** For statements that may be carried out twice: whether the one that failed was is not known. */
export function repeating(database: Database, repeat: Repeat): Database {
	return {
		location: database.location,
		execute: (sql, args) => repeat(() => database.execute(sql, args)),
		executeBeside: (sql, args) => repeat(() => database.executeBeside(sql, args)),
		transactBeside: (statements) => repeat(() => database.transactBeside(statements)),
		readApart: (sql, args) => repeat(() => database.readApart(sql, args)),
		batch: (statements) => repeat(() => database.batch(statements)),
		close: () => database.close(),
	}
}
