// Leaves out training titles: reposts, and what exceeds the limits of a subreddit. Pure.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Title } from './read-titles.ts'

export interface Reposts {
	/** Titles that an earlier post of the same subreddit has, word for word. */
	readonly reposts: number
	/** Titles that an earlier post of another subreddit has, and none of their own. */
	readonly crossposts: number
	/** All but the reposts: of each title a subreddit keeps the newest. */
	readonly once: readonly Title[]
}

/** @param titles oldest first */
export function findReposts(titles: readonly Title[]): Reposts {
	// Few titles occur twice; only those get an entry for each of their subreddits.
	const first = new Map<string, string>()
	const others = new Set<string>()
	let crossposts = 0
	const once = titles.toReversed().filter(({ text, subreddit }) => {
		const before = first.get(text)
		if (before === undefined) first.set(text, subreddit)
		if (before === undefined || before === subreddit) return before === undefined
		const pair = `${subreddit} ${text}`
		if (others.has(pair)) return false
		others.add(pair)
		crossposts += 1
		return true
	})
	return { reposts: titles.length - once.length, crossposts, once: once.toReversed() }
}

/**
 * @param titles oldest first
 * @returns of each subreddit the newest `limit`
 */
export function keepNewest(titles: readonly Title[], limit: number): Title[] {
	const counts = new Map<string, number>()
	return titles
		.toReversed()
		.filter(({ subreddit }) => {
			const count = (counts.get(subreddit) ?? 0) + 1
			counts.set(subreddit, count)
			return count <= limit
		})
		.toReversed()
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
