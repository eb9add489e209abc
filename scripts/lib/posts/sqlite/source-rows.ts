// Sources of posts: SQLite.
import { parseWith } from '../../../../src/shared/parse.ts'
import { Count } from '../../../../src/shared/schema-parts.ts'
import type { Database } from '../database.ts'
import { Source } from '../post-store.ts'

/** @returns the number that its posts carry */
export async function openSource(database: Database, name: string, now: Date): Promise<number> {
	const { rows } = await database.execute(
		'INSERT INTO sources (name, started_utc) VALUES (?, ?) RETURNING id',
		[name, seconds(now)],
	)
	return parseWith(Count, rows[0]?.[0], 'number of a source')
}

/** Records that the source was read to its end, or as far as its problem allowed. */
export async function closeSource(
	database: Database,
	id: number,
	{ problem, now }: { readonly problem: string | null; readonly now: Date },
): Promise<void> {
	await database.execute('UPDATE sources SET finished_utc = ?, problem = ? WHERE id = ?', [
		seconds(now),
		problem,
		id,
	])
}

const LIST = `SELECT id, name, started_utc AS started, finished_utc AS finished, problem,
	coalesce(counts.posts, 0) AS posts
	FROM sources LEFT JOIN (SELECT source_id, count(*) AS posts FROM posts GROUP BY source_id) AS counts
	ON counts.source_id = sources.id ORDER BY id DESC`

/** Newest first. */
export async function listSources(database: Database): Promise<Source[]> {
	const { rows } = await database.execute(LIST)
	return rows.map((row) => parseWith(Source, { ...row }, `sources of ${database.location}`))
}

/** @returns how many posts were removed */
export async function deleteSources(database: Database, ids: readonly number[]): Promise<number> {
	const args = [JSON.stringify(ids)]
	const [deleted] = await database.batch([
		{ sql: 'DELETE FROM stored_posts WHERE source_id IN (SELECT value FROM json_each(?1))', args },
		{ sql: 'DELETE FROM sources WHERE id IN (SELECT value FROM json_each(?1))', args },
	])
	return deleted?.rowsAffected ?? 0
}

function seconds(date: Date): number {
	return Math.floor(date.getTime() / 1000)
}
