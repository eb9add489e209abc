// Removes posts by age, or by how many a subreddit has: SQLite.
import type { Database } from '../database.ts'
import type { PruneRules } from '../post-store.ts'

export async function pruneRows(
	database: Database,
	{ before, keepNewest, minPosts }: PruneRules,
	{ dryRun }: { readonly dryRun: boolean },
): Promise<{ readonly pruned: number; readonly kept: number }> {
	const args = [before ?? 0, keepNewest ?? Number.MAX_SAFE_INTEGER, minPosts ?? 0]
	const { rows } = await database.execute(COUNT, args)
	const kept = Number(rows[0]?.[0])
	const pruned = Number(rows[0]?.[1]) - kept
	if (dryRun) return { pruned, kept }
	const { rowsAffected } = await database.execute(DELETE, args)
	return { pruned: rowsAffected, kept: kept + pruned - rowsAffected }
}

// The rules apply in this order; each sees only what the one before has kept. By keys, or where there are none by ids.
const kept = (posts: string, id: string, subreddit: string) => `WITH
	young AS (SELECT ${id} AS id, ${subreddit} AS subreddit, created_utc FROM ${posts} WHERE created_utc >= ?1),
	newest AS (SELECT id, subreddit FROM (SELECT *, row_number() OVER
		(PARTITION BY subreddit ORDER BY created_utc DESC, id DESC) AS place FROM young) WHERE place <= ?2),
	kept AS (SELECT id FROM newest WHERE subreddit IN
		(SELECT subreddit FROM newest GROUP BY subreddit HAVING count(*) >= ?3))`

const COUNT = `${kept('posts', 'id', 'subreddit')} SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM posts)`

const DELETE = `${kept('stored_posts', 'key', 'subreddit_id')} DELETE FROM stored_posts WHERE key NOT IN kept`
