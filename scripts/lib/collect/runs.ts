// Runs of the collector: one that was stopped is found again and gone on with.
import * as v from 'valibot'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Database } from '../posts/database.ts'

const Seconds = v.pipe(v.number(), v.safeInteger())
const Row = v.object({
	id: Seconds,
	started_utc: Seconds,
	cursor: v.nullable(v.string()),
	listed: Seconds,
})

export interface Run extends v.InferOutput<typeof Row> {
	/** Whether it was begun before and stopped. */
	readonly isResumed: boolean
}

export interface OpenRunOptions {
	/** What is asked for, as in `posts newest=1000 top=5000`. */
	readonly work: string
	/** Unix seconds. */
	readonly now: number
	/** Seconds after which a stopped run is history. */
	readonly goOnWithin: number
	/** Begin anew, even if there is a run to go on with. */
	readonly startOver: boolean
}

/** Goes on with the stopped run of the same work, or begins one. */
export async function openRun(
	database: Database,
	{ work, now, goOnWithin, startOver }: OpenRunOptions,
): Promise<Run> {
	const since = startOver ? now + 1 : now - goOnWithin
	// In one transaction, so that two collectors that start together share one run, and none ends it before it is read here.
	const [, found, , opened] = await database.batch([
		{
			sql: `UPDATE collect_runs SET finished_utc = ?1
				WHERE work = ?2 AND finished_utc IS NULL AND started_utc < ?3`,
			args: [now, work, since],
		},
		{
			sql: 'SELECT id FROM collect_runs WHERE work = ?1 AND finished_utc IS NULL',
			args: [work],
		},
		{
			sql: `INSERT INTO collect_runs (work, started_utc)
				SELECT ?1, ?2 WHERE NOT EXISTS
				(SELECT 1 FROM collect_runs WHERE work = ?1 AND finished_utc IS NULL)`,
			args: [work, now],
		},
		{
			sql: `SELECT id, started_utc, cursor, listed FROM collect_runs
				WHERE work = ?1 AND finished_utc IS NULL ORDER BY id DESC LIMIT 1`,
			args: [work],
		},
	])
	const run = parseWith(Row, { ...opened?.rows[0] }, 'collect_runs')
	return { ...run, isResumed: (found?.rows.length ?? 0) > 0 }
}

export async function finishRun(database: Database, id: number, now: number): Promise<void> {
	await database.execute('UPDATE collect_runs SET finished_utc = ?1 WHERE id = ?2', [now, id])
}
