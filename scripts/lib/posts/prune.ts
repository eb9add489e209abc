// `posts prune`: removes posts from the database by age, or by how many a subreddit has.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import type { Database } from './database.ts'
import { openPosts } from './open-posts.ts'

export interface PruneRules {
	/** Posts created before this time (Unix seconds) are removed. */
	readonly before?: number | undefined
	/** How many of each subreddit's newest posts stay. */
	readonly keepNewest?: number | undefined
	/** Subreddits with fewer posts are removed. */
	readonly minPosts?: number | undefined
}

export interface PruneOptions extends PruneRules {
	/** Counts, and removes nothing. */
	readonly dryRun: boolean
}

export interface PruneCounts {
	readonly pruned: number
	readonly kept: number
}

/** @throws AppError `bad-input` without any rule, `not-found` where there are no posts yet */
export async function prunePosts(options: PruneOptions, effects: Effects): Promise<PruneCounts> {
	checkPruneOptions(options)
	const posts = await openPosts(effects)
	try {
		return await posts.prune(options, options)
	} finally {
		posts.close()
	}
}

/** Of SQLite. */
export async function pruneRows(
	database: Database,
	{ before, keepNewest, minPosts }: PruneRules,
	{ dryRun }: Pick<PruneOptions, 'dryRun'>,
): Promise<PruneCounts> {
	const args = [before ?? 0, keepNewest ?? Number.MAX_SAFE_INTEGER, minPosts ?? 0]
	const { rows } = await database.execute(COUNT, args)
	const kept = Number(rows[0]?.[0])
	const pruned = Number(rows[0]?.[1]) - kept
	if (dryRun) return { pruned, kept }
	const { rowsAffected } = await database.execute(DELETE, args)
	return { pruned: rowsAffected, kept: kept + pruned - rowsAffected }
}

/** @throws AppError `bad-input` without any rule */
export function checkPruneOptions({ before, keepNewest, minPosts }: PruneRules): void {
	if (before === undefined && keepNewest === undefined && minPosts === undefined)
		throw new AppError('bad-input', 'nothing to prune: give --before, --keep-newest or --min-posts')
}

// The rules apply in this order; each sees only what the one before has kept.
const KEPT = `WITH young AS (SELECT id, subreddit, created_utc FROM posts WHERE created_utc >= ?1),
	newest AS (SELECT id, subreddit FROM (SELECT *, row_number() OVER
		(PARTITION BY subreddit ORDER BY created_utc DESC, id DESC) AS place FROM young) WHERE place <= ?2),
	kept AS (SELECT id FROM newest WHERE subreddit IN
		(SELECT subreddit FROM newest GROUP BY subreddit HAVING count(*) >= ?3))`

const COUNT = `${KEPT} SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM posts)`

const DELETE = `${KEPT} DELETE FROM posts WHERE id NOT IN kept`
