// Leaves out training titles: reposts, and what exceeds the limits of a subreddit. Pure.
import { AppError } from '../../../src/shared/app-error.ts'
import { keepRows, type Rows, type TitleTable } from './title-table.ts'

export interface Reposts {
	/** Titles that an earlier post of the same subreddit has, word for word. */
	readonly reposts: number
	/** Titles that an earlier post of another subreddit has, and none of their own. */
	readonly crossposts: number
	/** All but the reposts: of each title a subreddit keeps the newest. */
	readonly once: Rows
}

/** @param rows oldest first */
export function findReposts(table: TitleTable, rows: Rows): Reposts {
	// Few titles occur twice; only those get an entry for each of their subreddits.
	const first = new Int32Array(table.size).fill(-1)
	const others = new Set<number>()
	let crossposts = 0
	const once = keepRows(rows.toReversed(), (row) => {
		const text = table.sameText[row] ?? 0
		const label = table.labels[row] ?? 0
		const before = first[text] ?? -1
		if (before === -1) first[text] = label
		if (before === -1 || before === label) return before === -1
		const pair = text * table.names.length + label
		if (others.has(pair)) return false
		others.add(pair)
		crossposts += 1
		return true
	})
	return { reposts: rows.length - once.length, crossposts, once: once.reverse() }
}

/**
 * @param rows oldest first
 * @returns of each subreddit the newest `limit`
 */
export function keepNewest(table: TitleTable, rows: Rows, limit: number): Rows {
	// What exceeds the limit comes first: so many of each subreddit are passed over.
	const excess = table.countLabels(rows).map((count) => Math.max(0, count - limit))
	return keepRows(rows, (row) => {
		const label = table.labels[row] ?? 0
		const left = excess[label] ?? 0
		if (left > 0) excess[label] = left - 1
		return left === 0
	})
}

/**
 * The most titles that a subreddit may keep so that none has more than `share` of all titles that are left.
 *
 * @param counts titles of each subreddit
 * @throws AppError `bad-input` where no number of titles gives so small a share to so few subreddits
 */
export function limitForShare(counts: readonly number[], share: number): number {
	// Cutting the largest subreddits makes the total smaller, and with it the limit: repeat until both agree.
	let limit = Math.max(...counts)
	for (;;) {
		const total = counts.reduce((sum, count) => sum + Math.min(count, limit), 0)
		const allowed = Math.floor(share * total)
		if (allowed >= limit) return limit
		if (allowed < 1)
			throw new AppError(
				'bad-input',
				`--max-share ${share} can't be kept with ${counts.length} labels; the least for them is ${(1 / counts.length).toPrecision(3)}`,
			)
		limit = allowed
	}
}
