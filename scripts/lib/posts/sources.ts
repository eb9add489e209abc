// Sources of posts: each file that is ingested, and each run of the collector, has a number that its posts carry.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { Count } from '../../../src/shared/schema-parts.ts'
import type { Effects } from '../effects.ts'
import { printable } from '../printable.ts'
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'
import type { Database } from './database.ts'
import { openPosts } from './open-posts.ts'

/** A source as it is stored, with how many posts it has. */
export const Source = v.object({
	id: Count,
	/** A file's name without its folder, `stdin` or `api`. */
	name: v.string(),
	/** Unix seconds. */
	started: Count,
	/** Null while it is being read, and for good if the command was stopped. */
	finished: v.nullable(Count),
	/** What is wrong with the file, which puts its posts in doubt. */
	problem: v.nullable(v.string()),
	/** Posts in the database that have its values. */
	posts: Count,
})
export type Source = v.InferOutput<typeof Source>

export interface ForgetCounts {
	/** Posts that were removed, or would be. */
	readonly forgotten: number
	readonly kept: number
}

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

/** Newest first. @throws AppError as of {@link openPosts} */
export async function readSources(effects: Effects): Promise<Source[]> {
	const posts = await openPosts(effects)
	try {
		return await posts.readSources()
	} finally {
		posts.close()
	}
}

/** Of SQLite. Newest first. */
export async function listSources(database: Database): Promise<Source[]> {
	const { rows } = await database.execute(LIST)
	return rows.map((row) => parseWith(Source, { ...row }, `sources of ${database.location}`))
}

/**
 * Removes these sources and the posts that carry their numbers.
 *
 * @throws AppError `not-found` for a number that no source has; nothing is removed then
 */
export async function forgetSources(
	ids: readonly number[],
	{ dryRun }: { readonly dryRun: boolean },
	effects: Effects,
): Promise<ForgetCounts> {
	const store = await openPosts(effects)
	try {
		const sources = await store.readSources()
		const unknown = ids.filter((id) => !sources.some((source) => source.id === id))
		if (unknown.length > 0)
			throw new AppError(
				'not-found',
				`no such source: ${unknown.join(', ')}; whichsub posts sources lists them`,
			)
		const all = sources.reduce((sum, { posts }) => sum + posts, 0)
		const chosen = sources.filter(({ id }) => ids.includes(id))
		const forgotten = chosen.reduce((sum, { posts }) => sum + posts, 0)
		if (dryRun) return { forgotten, kept: all - forgotten }
		const gone = await store.forgetSources(ids)
		return { forgotten: gone, kept: all - gone }
	} finally {
		store.close()
	}
}

/** Of SQLite. @returns how many posts were removed */
export async function deleteSources(database: Database, ids: readonly number[]): Promise<number> {
	const args = [JSON.stringify(ids)]
	const [deleted] = await database.batch([
		{ sql: 'DELETE FROM posts WHERE source_id IN (SELECT value FROM json_each(?1))', args },
		{ sql: 'DELETE FROM sources WHERE id IN (SELECT value FROM json_each(?1))', args },
	])
	return deleted?.rowsAffected ?? 0
}

/** @param top how many are listed */
export function formatSources(sources: readonly Source[], top: number): string {
	if (sources.length === 0) return 'no sources yet; run: whichsub ingest FILE'
	const rows = sources
		.slice(0, top)
		.map(({ id, name, started, posts, ...state }) => [
			`${id}`,
			formatCount(posts),
			new Date(started * 1000).toISOString().slice(0, 16).replace('T', ' '),
			printable(name),
			printable(describeState(state)),
		])
	const hidden = sources.length - rows.length
	return [
		formatTable([['source', 'posts', 'read (UTC)', 'name', 'state'], ...rows], {
			lastIsText: true,
		}),
		...(hidden > 0 ? [`… and ${formatCount(hidden)} more; --top shows them`] : []),
	].join('\n')
}

function describeState({ finished, problem }: Pick<Source, 'finished' | 'problem'>): string {
	if (problem !== null) return `in doubt: ${problem}`
	return finished === null ? 'not read to its end' : 'complete'
}

function seconds(date: Date): number {
	return Math.floor(date.getTime() / 1000)
}
