// The migration of databases whose posts have ids and names of subreddits as text: numbers for both, and no scores.
import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { printable } from '../printable.ts'
import { formatBytes, formatCount, Progress } from '../progress.ts'
import type { BesideConnection, BesideResult, CountedStatement } from './database-beside.ts'
import { describeDatabaseError } from './database-errors.ts'
import type { DatabaseFile } from './database-file.ts'
import { Wait, type WaitEffects } from './database-wait.ts'
import { LONGEST_ID } from './post-keys.ts'
import {
	BEGIN_MOVING,
	COUNT_TEXT_IDS,
	END_MOVING,
	HAS_TEXT_IDS,
	MOVE_POSTS,
	NEXT_TO_MOVE,
	TAKE_OUT_ODD_IDS,
} from './tables.ts'

/** So many fit into SQLite's cache, old and new. */
const POSTS_AT_ONCE = 25_000
/** The log of the transaction has each page of the new table once, with its place. */
const ROOM = 1.05

type MoveEffects = Pick<Effects, 'now'> & WaitEffects

/** Of a database what is asked here (database.ts). */
interface OldDatabase {
	readonly location: string
	execute(sql: string): Promise<Pick<BesideResult, 'rows'>>
	batch(statements: readonly CountedStatement[]): Promise<unknown>
}

/** Where the file is, and how a connection to it is made. */
interface FileAccess {
	readonly file: DatabaseFile
	readonly connect: () => BesideConnection
}

/**
 * Migrates a database once; leaves any other as it is. In one transaction, so a kill leaves it as it was.
 *
 * @param access null for a server
 * @throws AppError `storage-full` where the disk has no room for it, `aborted`, and those of the database
 */
export async function movePosts(
	database: OldDatabase,
	access: FileAccess | null,
	effects: MoveEffects,
): Promise<void> {
	const isOld = async () => (await database.execute(HAS_TEXT_IDS)).rows.length > 0
	if (!(await isOld())) return
	if (access) return moveInFile(access, effects)
	checkIds((await database.execute(COUNT_TEXT_IDS)).rows, database.location)
	try {
		await database.batch([
			...BEGIN_MOVING.map((sql) => ({ sql })),
			...MOVE_POSTS.map((sql) => ({ sql, args: [null] })),
			...END_MOVING.map((sql) => ({ sql })),
		])
	} catch (error) {
		// Another command may have migrated it at the same moment.
		if (await isOld()) throw error
	}
}

async function moveInFile({ file, connect }: FileAccess, effects: MoveEffects) {
	const connection = connect()
	const run = (sql: string, args: readonly (string | number)[] = []) =>
		connection.execute(sql, [...args])
	try {
		await new Wait(file, effects).until(async () => {
			// A refused statement stays open.
			connection.close()
			await run('BEGIN IMMEDIATE')
		})
		// Another command may have migrated it meanwhile.
		if ((await run(HAS_TEXT_IDS)).rows.length > 0) await moveAll(run, file, effects)
		await run('COMMIT')
	} catch (error) {
		await run('ROLLBACK').catch(() => {})
		throw await describeDatabaseError(error, file)
	} finally {
		connection.close()
	}
}

async function moveAll(
	run: (
		sql: string,
		args?: readonly (string | number)[],
	) => ReturnType<BesideConnection['execute']>,
	{ path, location }: DatabaseFile,
	effects: MoveEffects,
): Promise<void> {
	const total = checkIds((await run(COUNT_TEXT_IDS)).rows, location)
	const room = await requireRoom(path, location)
	effects.err(
		`${location} was written by an earlier version: its ${formatCount(total)} posts get numbers in place of ids and of names of subreddits, once. That needs up to ${formatBytes(room)} beside it meanwhile; if it is stopped, all stays as it was`,
	)
	const progress = new Progress({ label: 'make posts smaller', total, unit: 'posts' }, effects)
	for (const sql of BEGIN_MOVING) await run(sql)
	for (let done = 0; done < total; ) {
		throwIfAborted(effects)
		const { rows } = await run(NEXT_TO_MOVE, [POSTS_AT_ONCE])
		const [last, count] = [String(rows[0]?.[0]), Number(rows[0]?.[1])]
		for (const sql of MOVE_POSTS) await run(sql, [last])
		done += count
		progress.update(done)
	}
	for (const sql of END_MOVING) await run(sql)
	progress.finish()
}

/** @returns how many posts there are */
function checkIds(rows: BesideResult['rows'], location: string): number {
	const [posts, odd, one] = Array.from(rows[0] as ArrayLike<unknown>)
	if (odd === 0) return Number(posts)
	throw new AppError(
		'unsupported',
		`${location} was written by an earlier version and has ${formatCount(Number(odd))} posts whose ids Reddit does not give, such as ${printable(String(one))}; expected up to ${LONGEST_ID} small letters and digits. Nothing was changed. Take them out with: ${TAKE_OUT_ODD_IDS}`,
	)
}

/** @returns how many bytes may be needed */
async function requireRoom(path: string, location: string): Promise<number> {
	const needed = (await stat(path)).size * ROOM
	const { bavail, bsize } = await statfs(dirname(path))
	const free = bavail * bsize
	if (free >= needed) return needed
	throw new AppError(
		'storage-full',
		`disk is too full: ${location} was written by an earlier version, and making its posts smaller needs ${formatBytes(needed)} beside it meanwhile, of which ${formatBytes(free)} are free; free some space and run this again`,
	)
}
