// Which subreddits a run reads: the most popular that are known, or those that a file names.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { sha256 } from '../files.ts'
import type { Database } from '../posts/database.ts'

export type Selection =
	| { readonly kind: 'top'; readonly count: number }
	| { readonly kind: 'names'; readonly names: readonly string[] }

/** What of a selection is still to do. */
export interface Todo {
	/** In the order in which they are read. */
	readonly names: readonly string[]
	/** All that were selected. */
	readonly selected: number
	/** Finished in this run before. */
	readonly finished: number
	/** Refused by Reddit not long ago. */
	readonly setAside: number
}

/** Says what a selection asks for in a few characters: the same selection goes on with the same run. */
export function describeSelection(selection: Selection): string {
	if (selection.kind === 'top') return `top=${selection.count}`
	const names = selection.names.map((name) => name.toLowerCase()).sort()
	return `subreddits=${sha256(names.join('\n')).slice(0, 12)}`
}

export interface SelectOptions {
	readonly selection: Selection
	/** Whether the popular subreddits that are marked over 18 are read too. */
	readonly over18: boolean
	readonly run: number
	/** Unix seconds. */
	readonly now: number
}

const Row = v.object({
	name: v.string(),
	is_finished: v.number(),
	is_set_aside: v.number(),
})

/** @throws AppError `not-found` where no popular subreddits are known yet */
export async function selectSubreddits(database: Database, options: SelectOptions): Promise<Todo> {
	const { selection, run, now } = options
	const state = `name, finished_run IS ?1 AS is_finished, coalesce(ask_again_utc > ?2, 0) AS is_set_aside`
	const { rows } =
		selection.kind === 'top'
			? await database.execute(
					`SELECT ${state} FROM subreddits
						WHERE popularity IS NOT NULL AND (?3 OR over_18 IS NOT 1)
						ORDER BY popularity, name LIMIT ?4`,
					[run, now, options.over18 ? 1 : 0, selection.count],
				)
			: await selectNamed(database, state, selection.names, [run, now])
	if (rows.length === 0)
		throw new AppError(
			'not-found',
			'no subreddits are known yet; run: whichsub collect subreddits, or name some with --subreddits',
		)
	const states = rows.map((row) => parseWith(Row, { ...row }, 'subreddits'))
	const todo = states.filter((row) => !row.is_finished && !row.is_set_aside)
	const finished = states.filter((row) => row.is_finished).length
	return {
		names: todo.map((row) => row.name),
		selected: states.length,
		finished,
		setAside: states.length - finished - todo.length,
	}
}

async function selectNamed(
	database: Database,
	state: string,
	names: readonly string[],
	[run, now]: readonly [number, number],
) {
	const list = JSON.stringify(names)
	const results = await database.batch([
		{
			sql: `INSERT INTO subreddits (name, first_seen_utc)
				SELECT value, ?2 FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
			args: [list, now],
		},
		{
			sql: `SELECT ${state} FROM json_each(?3) JOIN subreddits ON name = value ORDER BY key`,
			args: [run, now, list],
		},
	])
	return results[1] ?? { rows: [] }
}
