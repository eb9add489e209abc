// Posts in SQLite: a file, or a libSQL server.
import { addSources, type Database, hasTable, haveKeys } from '../database.ts'
import { endOfMonth, startOfMonth } from '../month-of.ts'
import type { PostStore, StampedMonth, StoredPost, Window } from '../post-store.ts'
import { readAhead, readMonthLines, readPackedPages, readPages } from '../read-pages.ts'
import { type StoredRow, toStoredPost } from '../stored-row.ts'
import { SubredditNumbers } from '../subreddit-numbers.ts'
import { MAKE_MONTHS } from '../tables.ts'
import {
	PackedWriter,
	postStatements,
	removePosts,
	type WriteCounts,
	withdrawPosts,
	writePosts,
} from '../write-posts.ts'
import { readCounts } from './count-rows.ts'
import { readMonthStamps } from './month-stamps.ts'
import { pruneRows } from './prune-rows.ts'
import { closeSource, deleteSources, listSources, openSource } from './source-rows.ts'

const BATCH_POSTS = 5_000

/** @param database is closed with it */
export function storeInSqlite(database: Database): PostStore {
	const numbers = new SubredditNumbers(database)
	const writer = new PackedWriter(database, numbers)
	return {
		location: database.location,
		database,
		batchPosts: BATCH_POSTS,
		isEmpty: async () => (await database.execute('SELECT 1 FROM posts LIMIT 1')).rows.length === 0,
		count: (window) => countPosts(database, window),
		readPages: (window) => readPages(database, window),
		readPackedPages: (window) => readPackedPages(database, window),
		readMonthLines: (window) => readMonthLines(database, window),
		readStored: () => readStored(database),
		readSubreddits: () => readNames(database, NAMES),
		readActiveSubreddits: (seconds) => readNames(database, ACTIVE, [seconds]),
		readCounts: () => readCounts(database),
		async readMonths(window) {
			// A database from before there were months gets them now.
			if (!(await hasTable(database, 'post_months'))) {
				await addSources(database)
				await database.batch(MAKE_MONTHS.map((sql) => ({ sql })))
			}
			return readMonthStamps(database, window)
		},
		openSource: (name, now) => openSource(database, name, now),
		closeSource: (id, end) => closeSource(database, id, end),
		async readSources() {
			await addSources(database)
			return listSources(database)
		},
		forgetSources: (ids) => deleteSources(database, ids),
		write: (posts, source) => writePosts(database, posts, source, numbers),
		writePacked: (posts, source) => writer.write(posts, source),
		writeStored: (posts) => writeStored(database, posts, numbers),
		async writeWith(posts, source, statements) {
			const results = await database.batch([
				...(await postStatements(posts, source, numbers)),
				...statements,
			])
			return results[0]?.rowsAffected ?? 0
		},
		withdraw: (withdrawals) => withdrawPosts(database, withdrawals),
		remove: (ids, files) => removePosts(database, ids, files),
		prune: (rules, how) => pruneRows(database, rules, how),
		close: () => database.close(),
	}
}

// By their numbers, which takes a third of the time, or where there are none by names.
const NAMES = {
	numbered: `SELECT name FROM post_subreddits WHERE id IN (SELECT subreddit_id FROM stored_posts)`,
	named: 'SELECT DISTINCT subreddit AS name FROM posts',
}
const ACTIVE = {
	numbered: `SELECT DISTINCT lower(name) AS name FROM post_subreddits WHERE id IN (SELECT subreddit_id FROM stored_posts
		WHERE created_utc > (SELECT max(created_utc) FROM stored_posts) - ?1)`,
	named: `SELECT DISTINCT lower(subreddit) AS name FROM posts
		WHERE created_utc > (SELECT max(created_utc) FROM posts) - ?1`,
}

/** Sorted here: SQLite would sort all posts. Names are ASCII, and in the order of their bytes. */
async function readNames(
	database: Database,
	{ numbered, named }: typeof NAMES,
	args: readonly number[] = [],
): Promise<string[]> {
	const sql = (await haveKeys(database)) ? numbered : named
	const { rows } = await database.readApart(`SELECT json_group_array(name) FROM (${sql})`, [
		...args,
	])
	return (JSON.parse(String(rows[0]?.[0])) as string[]).sort()
}

async function countPosts(database: Database, window: Window): Promise<number> {
	const months = (await hasTable(database, 'post_months'))
		? await readMonthStamps(database, window)
		: []
	// The triggers have counted them, where the window cuts no month.
	if (months.length > 0 && holdsWhole(window, months))
		return months.reduce((sum, { posts }) => sum + posts, 0)
	const query = 'SELECT count(*) FROM posts WHERE created_utc >= ?1 AND created_utc < ?2'
	const { from, until } = window
	const args = [from ?? 0, until ?? Number.MAX_SAFE_INTEGER]
	return Number((await database.readApart(query, args)).rows[0]?.[0])
}

function holdsWhole({ from, until }: Window, months: readonly StampedMonth[]): boolean {
	const [first, last] = [months[0]?.month ?? '', months.at(-1)?.month ?? '']
	const isFirst = from === null || from <= startOfMonth(first)
	return isFirst && (until === null || until >= endOfMonth(last))
}

const COLUMNS = 'id, created_utc, subreddit, title, over_18, retrieved_utc, source_id'
const STORED = { columns: COLUMNS, value: `json_group_array(json_array(${COLUMNS}))` }

async function* readStored(database: Database): AsyncGenerator<StoredPost[]> {
	for await (const [, rows] of readAhead(database, STORED, { from: null, until: null }))
		yield (JSON.parse(String(rows)) as StoredRow[]).map(toStoredPost)
}

async function writeStored(
	database: Database,
	posts: readonly StoredPost[],
	numbers: SubredditNumbers,
): Promise<WriteCounts> {
	const counts = { added: 0, corrected: 0, known: 0 }
	for (const [source, theirs] of groupBySource(posts)) {
		const { added, corrected, known } = await writePosts(database, theirs, source, numbers)
		counts.added += added
		counts.corrected += corrected
		counts.known += known
	}
	return counts
}

function groupBySource(posts: readonly StoredPost[]): Map<number, StoredPost[]> {
	const groups = new Map<number, StoredPost[]>()
	for (const post of posts) {
		const group = groups.get(post.source)
		if (group) group.push(post)
		else groups.set(post.source, [post])
	}
	return groups
}
