// When the lines of a snapshot's files were posted. Pure.
import type { Snapshot, SplitName } from './snapshot-schema.ts'

const DAY_SECONDS = 86_400

/** Seconds from 1970-01-01 in UTC; feedback has none. */
interface Dated {
	readonly created?: number
}

/** Posts by month of creation, oldest first. */
export function countMonths(
	lines: Readonly<Record<SplitName, readonly Dated[]>>,
): Snapshot['months'] {
	const months = new Map<string, Record<SplitName, number>>()
	for (const name of ['train', 'valid', 'test'] as const)
		for (const { day, posts } of countDays(lines[name])) {
			const month = day.slice(0, 7)
			const counts = months.get(month) ?? { train: 0, valid: 0, test: 0 }
			counts[name] += posts
			months.set(month, counts)
		}
	return [...months]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([month, counts]) => ({ month, ...counts }))
}

/** Posts by day of creation, oldest first. */
export function countDays(lines: readonly Dated[]): { day: string; posts: number }[] {
	const days = new Map<number, number>()
	for (const { created } of lines) {
		if (created === undefined) continue
		const day = Math.floor(created / DAY_SECONDS)
		days.set(day, (days.get(day) ?? 0) + 1)
	}
	return [...days]
		.sort(([a], [b]) => a - b)
		.map(([day, posts]) => ({
			day: new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10),
			posts,
		}))
}
