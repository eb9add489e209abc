// Writes posts to the database, one row for each id.
import type { Database, Statement } from './database.ts'
import {
	countByMonth,
	hasEachOnce,
	type PackedPosts,
	packPosts,
	UNPACK_POSTS,
	unpackPosts,
} from './packed-posts.ts'
import type { KeptPost, Withdrawal } from './parse-row.ts'
import { keyOf } from './post-keys.ts'
import { SubredditNumbers } from './subreddit-numbers.ts'
import { ADD_TO_MONTHS, COUNT_ADDED, STOP_COUNTING_ADDED } from './tables.ts'

export interface WriteCounts {
	/** Posts whose id was new. */
	readonly added: number
	/** Posts that were stored with other values and were replaced. */
	readonly corrected: number
	/** Posts that were stored already, in this version or in one retrieved later. */
	readonly known: number
}

// A whole batch is one argument: the same statement serves a file and a server, and is no slower than looping over a
// prepared statement. `WHERE true` keeps the parser from reading ON as part of a join.
const INSERT = `INSERT INTO stored_posts (key, created_utc, subreddit_id, title, over_18, retrieved_utc, source_id)
	SELECT *, ?2 FROM (${UNPACK_POSTS}) WHERE true
	ON CONFLICT (key) DO NOTHING`

const CORRECT = `UPDATE stored_posts SET
	created_utc = new.created_utc, subreddit_id = new.subreddit_id, title = new.title, over_18 = new.over_18,
	retrieved_utc = coalesce(new.retrieved_utc, stored_posts.retrieved_utc), source_id = ?2
	FROM (${UNPACK_POSTS}) AS new
	WHERE stored_posts.key = new.key
	AND (new.retrieved_utc IS NULL OR stored_posts.retrieved_utc IS NULL OR new.retrieved_utc >= stored_posts.retrieved_utc)
	AND (new.created_utc, new.subreddit_id, new.title, new.over_18, coalesce(new.retrieved_utc, stored_posts.retrieved_utc))
	IS NOT (stored_posts.created_utc, stored_posts.subreddit_id, stored_posts.title, stored_posts.over_18,
		stored_posts.retrieved_utc)`

const WITHDRAW = `DELETE FROM stored_posts WHERE key IN (
	SELECT stored.key FROM json_each(?1) AS gone JOIN stored_posts AS stored ON stored.key = gone.value->>0
	WHERE (gone.value->>1 IS NULL OR stored.retrieved_utc IS NULL OR gone.value->>1 >= stored.retrieved_utc)
	AND (gone.value->>2 OR NOT stored.over_18))`

/** The rule for a post that comes again, as help texts state it. */
export const CORRECTION_RULE = `A post that is read again replaces the stored one, unless both say when they were retrieved from Reddit and the
stored one is newer. By the same rule a stored post is removed when it is read again as one that is left out: as deleted or
removed, on a profile, as an advert, or as newly marked over 18.`

/**
 * Adds new posts and corrects stored ones by {@link CORRECTION_RULE}. Writing the same posts again changes nothing.
 *
 * @param source the number of the source that they came from
 */
export async function writePosts(
	database: Database,
	posts: readonly KeptPost[],
	source: number,
	numbers = new SubredditNumbers(database),
): Promise<WriteCounts> {
	const packed = await packNumbered(posts, numbers)
	return writeOnce(database, packed, { source, read: posts.length })
}

async function packNumbered(
	posts: readonly KeptPost[],
	numbers: SubredditNumbers,
): Promise<PackedPosts> {
	const newest = keepNewest(posts)
	const packed = { count: newest.length, bytes: packPosts(newest) }
	await numbers.putInto(packed)
	return packed
}

/** The same, of posts that are packed; where those of the last call were all new, these are expected to be so, too. */
export class PackedWriter {
	readonly #database: Database
	readonly #numbers: SubredditNumbers
	#areNew = true

	constructor(database: Database, numbers: SubredditNumbers) {
		this.#database = database
		this.#numbers = numbers
	}

	/** @param posts are used up: they become what is stored */
	async write(posts: PackedPosts, source: number): Promise<WriteCounts> {
		if (!hasEachOnce(posts))
			return writePosts(this.#database, unpackPosts(posts), source, this.#numbers)
		const { count } = posts
		await this.#numbers.putInto(posts)
		if (this.#areNew && (await addNew(this.#database, posts, source)))
			return { added: count, corrected: 0, known: 0 }
		const counts = await writeOnce(this.#database, posts, { source, read: count })
		this.#areNew = counts.added === count
		return counts
	}
}

/** Counts months once for all: the trigger takes as long for a post as storing it. @returns false where some are stored already */
function addNew(database: Database, posts: PackedPosts, source: number): Promise<boolean> {
	const months = JSON.stringify([...countByMonth(posts)])
	return database.transactBeside([
		{ sql: STOP_COUNTING_ADDED },
		{ sql: INSERT, args: [posts.bytes, source], changes: posts.count },
		{ sql: ADD_TO_MONTHS, args: [months] },
		{ sql: COUNT_ADDED },
	])
}

/** @param posts each id once */
async function writeOnce(
	database: Database,
	{ count, bytes }: PackedPosts,
	{ source, read }: { readonly source: number; readonly read: number },
): Promise<WriteCounts> {
	const args = [bytes, source]
	const { rowsAffected: added } = await database.executeBeside(INSERT, args)
	const { rowsAffected: corrected } =
		added < count ? await database.executeBeside(CORRECT, args) : { rowsAffected: 0 }
	return { added, corrected, known: read - added - corrected }
}

/**
 * Removes stored posts that were read again as ones that are left out; one marked over 18 only where it is newly marked.
 *
 * @returns how many were removed
 */
export async function withdrawPosts(
	database: Database,
	withdrawals: readonly Withdrawal[],
): Promise<number> {
	const rows = withdrawals.map(({ id, retrieved_utc, reason }) => [
		keyOf(id),
		retrieved_utc,
		reason === 'over18' ? 0 : 1,
	])
	const { rowsAffected } = await database.executeBeside(WITHDRAW, [JSON.stringify(rows)])
	return rowsAffected
}

const REMOVE = `DELETE FROM stored_posts WHERE key IN (SELECT value FROM json_each(?1))
	AND source_id IN (SELECT id FROM sources WHERE name IN (SELECT value FROM json_each(?2)))`

/**
 * Removes posts that came from files of these names, in this run or an earlier one.
 *
 * @returns how many were removed
 */
export async function removePosts(
	database: Database,
	ids: readonly string[],
	files: readonly string[],
): Promise<number> {
	const args = [JSON.stringify(ids.map(keyOf)), JSON.stringify(files)]
	return (await database.executeBeside(REMOVE, args)).rowsAffected
}

/** The statements of {@link writePosts}, for callers that commit more in the same transaction. */
export async function postStatements(
	posts: readonly KeptPost[],
	source: number,
	numbers: SubredditNumbers,
): Promise<[insert: Statement, correct: Statement]> {
	const args = [(await packNumbered(posts, numbers)).bytes, source]
	return [
		{ sql: INSERT, args },
		{ sql: CORRECT, args },
	]
}

/**
 * The rule for a post that comes again, as `CORRECT` has it in SQL.
 *
 * @returns what is to be stored; null where the stored post stays as it is
 */
export function correctPost(stored: KeptPost, post: KeptPost): KeptPost | null {
	const { retrieved_utc } = post
	if (retrieved_utc !== null && retrieved_utc < (stored.retrieved_utc ?? 0)) return null
	const next = { ...post, retrieved_utc: retrieved_utc ?? stored.retrieved_utc }
	const isSame = COMPARED.every((name) => next[name] === stored[name])
	return isSame ? null : next
}

const COMPARED = ['created_utc', 'subreddit', 'title', 'over_18', 'retrieved_utc'] as const

// A statement must not see an id twice, so the rule is applied here to several versions in one batch.
export function keepNewest<Post extends KeptPost>(posts: readonly Post[]): readonly Post[] {
	// As in most batches: a dump has its posts in the order of their times, and so of their ids.
	if (posts.every(({ id }, place) => place === 0 || (posts[place - 1] as Post).id < id))
		return posts
	const byId = new Map<string, Post>()
	for (const post of posts) {
		const before = byId.get(post.id)?.retrieved_utc ?? null
		const { retrieved_utc } = post
		if (before === null || retrieved_utc === null || retrieved_utc >= before)
			byId.set(
				post.id,
				retrieved_utc !== null || before === null ? post : { ...post, retrieved_utc: before },
			)
	}
	return [...byId.values()]
}
