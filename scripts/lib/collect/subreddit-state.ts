// How far each subreddit is read, in the database: claimed by one collector, committed page by page.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import * as v from 'valibot'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Database, Statement } from '../posts/database.ts'
import { ASK_AGAIN_AFTER_S, type UnavailableReason } from './availability.ts'
import { resumeWalk, type Span, startWalk, type Walk } from './walk.ts'

/** Longer than any wait between two pages: a rate-limit window is ten minutes. */
const CLAIM_S = 30 * 60
/** Spans below these are too far down to be reached again. */
const MAX_SPANS = 10

export interface Collector {
	/** Names this process among those that share the database. */
	readonly owner: string
	readonly run: number
	/** Whether posts marked over 18 are taken too. */
	readonly over18: boolean
}

// A process that was killed may have had the number that this one has now, as the first process of a container does.
const PROCESS = `${hostname()}#${process.pid}#${Math.round(performance.timeOrigin)}`

/** A name for a collector that tells others on the same machine whether its process still lives. */
export function createOwner(): string {
	return `${PROCESS}#${randomUUID().slice(0, 8)}`
}

/** Gives back what this collector had claimed: it was stopped, and another one may go on. */
export function releaseClaims(database: Database, owner: string): Promise<unknown> {
	return database.execute('UPDATE subreddits SET claimed_by = NULL WHERE claimed_by = ?1', [owner])
}

/** Gives back what collectors of this machine had claimed that are no more: they were killed. */
export async function releaseDeadClaims(database: Database): Promise<void> {
	const { rows } = await database.execute(
		'SELECT DISTINCT claimed_by FROM subreddits WHERE claimed_by IS NOT NULL',
	)
	const dead = rows.map((row) => String(row.claimed_by)).filter(isDead)
	await database.execute(
		`UPDATE subreddits SET claimed_by = NULL
			WHERE claimed_by IN (SELECT value FROM json_each(?1))`,
		[JSON.stringify(dead)],
	)
}

function isDead(owner: string): boolean {
	const [host, pid] = owner.split('#')
	if (host !== hostname() || owner.startsWith(`${PROCESS}#`)) return false
	if (Number(pid) === process.pid) return true
	try {
		process.kill(Number(pid), 0)
		return false
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ESRCH'
	}
}

const SpanRow = v.object({
	newest_id: v.string(),
	newest_utc: v.number(),
	oldest_id: v.string(),
	oldest_utc: v.number(),
	cursor: v.nullable(v.string()),
	posts: v.number(),
	run: v.number(),
})

/**
 * Claims a subreddit and reads how far it was read.
 *
 * @returns null where another collector is at it, or finished it in this run
 */
export async function claimSubreddit(
	database: Database,
	name: string,
	{ owner, run, over18 }: Collector,
	now: number,
): Promise<Walk | null> {
	const [claim, spans] = await database.batch([
		{
			sql: `UPDATE subreddits SET claimed_by = ?2, claimed_until_utc = ?3
				WHERE name = ?1 AND finished_run IS NOT ?4
				AND (claimed_by IS NULL OR claimed_by = ?2 OR claimed_until_utc <= ?5)`,
			args: [name, owner, now + CLAIM_S, run, now],
		},
		{
			sql: 'SELECT * FROM collect_spans WHERE subreddit = ?1 AND over_18 >= ?2 ORDER BY place',
			args: [name, over18 ? 1 : 0],
		},
	])
	if (claim?.rowsAffected !== 1) return null
	const rows = (spans?.rows ?? []).map((row) => parseWith(SpanRow, { ...row }, 'collect_spans'))
	const known = rows.map(toSpan)
	// The run that wrote the first span is this one: it was stopped here, and goes on below that span.
	return rows[0]?.run === run ? resumeWalk(known) : startWalk(known)
}

function toSpan(row: v.InferOutput<typeof SpanRow>): Span {
	return {
		newest: { id: row.newest_id, created_utc: row.newest_utc },
		oldest: { id: row.oldest_id, created_utc: row.oldest_utc },
		cursor: row.cursor,
		posts: row.posts,
	}
}

/** The statements that keep how far a subreddit is read, for one transaction with the page's posts. */
export function keepWalkStatements(
	name: string,
	{ head, rest }: Walk,
	{ owner, run, over18 }: Collector,
	now: number,
): Statement[] {
	const spans = [...(head ? [head] : []), ...rest].slice(0, MAX_SPANS)
	return [
		{ sql: 'DELETE FROM collect_spans WHERE subreddit = ?1', args: [name] },
		...spans.map((span, place) => ({
			sql: 'INSERT INTO collect_spans VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)',
			args: [
				name,
				place,
				span.newest.id,
				span.newest.created_utc,
				span.oldest.id,
				span.oldest.created_utc,
				span.cursor,
				span.posts,
				head ? run : 0,
				over18 ? 1 : 0,
			],
		})),
		{
			sql: 'UPDATE subreddits SET claimed_until_utc = ?3 WHERE name = ?1 AND claimed_by = ?2',
			args: [name, owner, now + CLAIM_S],
		},
	]
}

/** Everything that was wanted of a subreddit is there: it is done for this run. */
export function finishSubreddit(
	database: Database,
	name: string,
	{ run }: Collector,
	now: number,
): Promise<unknown> {
	return database.execute(
		`UPDATE subreddits SET finished_run = ?2, finished_utc = ?3, claimed_by = NULL,
			unavailable = NULL, unavailable_utc = NULL, ask_again_utc = NULL, moved_to = NULL,
			failure = NULL, failed_utc = NULL, vanished_utc = NULL
			WHERE name = ?1`,
		[name, run, now],
	)
}

/** Reddit refused a subreddit: the reason and the date are kept, and it is left alone for a while. */
export function setAsideSubreddit(
	database: Database,
	name: string,
	{ reason, movedTo }: { readonly reason: UnavailableReason; readonly movedTo: string | null },
	now: number,
): Promise<unknown> {
	const isGone = reason === 'banned' || reason === 'missing' || reason === 'moved'
	return database.execute(
		`UPDATE subreddits SET unavailable = ?2, ask_again_utc = ?4, moved_to = ?5, claimed_by = NULL,
			unavailable_utc = CASE WHEN unavailable IS ?2 THEN unavailable_utc ELSE ?3 END,
			vanished_utc = CASE WHEN ?6 THEN coalesce(vanished_utc, ?3) ELSE vanished_utc END
			WHERE name = ?1`,
		[name, reason, now, now + ASK_AGAIN_AFTER_S[reason], movedTo, isGone ? 1 : 0],
	)
}

/** A subreddit could not be read this time: a later run tries again. */
export function failSubreddit(
	database: Database,
	name: string,
	why: string,
	now: number,
): Promise<unknown> {
	return database.execute(
		'UPDATE subreddits SET failure = ?2, failed_utc = ?3, claimed_by = NULL WHERE name = ?1',
		[name, why, now],
	)
}
