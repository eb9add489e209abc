// When the lines of a snapshot's files were posted. Pure.
import type { Snapshot, SplitName } from './snapshot-schema.ts'
import type { Rows, TitleTable } from './title-table.ts'

const DAY_SECONDS = 86_400

/** Posts by month of creation, oldest first. */
export function countMonths(
	table: TitleTable,
	lines: Readonly<Record<SplitName, Rows>>,
): Snapshot['months'] {
	const months = new Map<string, Record<SplitName, number>>()
	for (const name of ['train', 'valid', 'test'] as const)
		for (const { day, posts } of countDays(table, lines[name])) {
			const month = day.slice(0, 7)
			const counts = months.get(month) ?? { train: 0, valid: 0, test: 0 }
			counts[name] += posts
			months.set(month, counts)
		}
	return [...months]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([month, counts]) => ({ month, ...counts }))
}

/** Posts by day of creation in UTC, oldest first; what is of no post has none. */
export function countDays(table: TitleTable, rows: Rows): { day: string; posts: number }[] {
	const days = new Map<number, number>()
	for (const row of rows) {
		if (row >= table.posts) continue
		const day = Math.floor((table.created[row] ?? 0) / DAY_SECONDS)
		days.set(day, (days.get(day) ?? 0) + 1)
	}
	return [...days]
		.sort(([a], [b]) => a - b)
		.map(([day, posts]) => ({
			day: new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10),
			posts,
		}))
}
