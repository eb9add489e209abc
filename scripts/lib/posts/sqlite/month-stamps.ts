// How many posts each month has, and its stamp (tables.ts): SQLite.
import * as v from 'valibot'
import { Count } from '../../../../src/shared/schema-parts.ts'
import type { Database } from '../database.ts'
import { monthOf } from '../month-of.ts'
import type { StampedMonth, Window } from '../post-store.ts'

export async function readMonthStamps(
	database: Database,
	{ from, until }: Window,
): Promise<StampedMonth[]> {
	const { rows } = await database.execute(
		`SELECT month, posts, hex(stamp) AS stamp FROM post_months WHERE posts > 0
		AND month >= ?1 AND (?2 IS NULL OR month <= ?2) ORDER BY month`,
		[from === null ? '' : monthOf(from), until === null ? null : monthOf(until - 1)],
	)
	return rows.map((row) => v.parse(Row, { ...row }))
}

const Row = v.object({ month: v.string(), posts: Count, stamp: v.string() })
