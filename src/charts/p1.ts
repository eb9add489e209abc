// p@1 in pictures: its histogram, and what claims were worth. Contracts hold a hundred fine bins. Pure.
import type { AnyP1Bins, Bins, Estimate } from '../shared/report-parts.ts'
import { wilson } from '../shared/statistics.ts'

/** As many bins as one can tell apart: five points each. */
export const BINS_PER_BAR = 5

export function toBins(p1: AnyP1Bins): Bins {
	return { from: 0, to: 1, counts: p1.map(({ posts }) => posts) }
}

export interface Claim {
	/** Mean p@1 of these posts. */
	readonly claimed: number
	/** How often the first suggestion was right. */
	readonly actual: Estimate
	readonly posts: number
}

/** What p@1 claimed and what was true, for each bar that has posts; none where the subreddits are not known. */
export function listClaims(p1: AnyP1Bins): Claim[] {
	const claims: Claim[] = []
	for (let index = 0; index < p1.length; index += BINS_PER_BAR) {
		const bins = p1.slice(index, index + BINS_PER_BAR)
		const posts = sum(bins.map((bin) => bin.posts))
		if (posts === 0 || bins.some(({ hits }) => hits === null)) continue
		const hits = sum(bins.map((bin) => bin.hits ?? 0))
		claims.push({
			claimed: sum(bins.map((bin) => bin.sum)) / posts,
			actual: wilson(hits, posts),
			posts,
		})
	}
	return claims
}

export function countPosts(p1: AnyP1Bins): number {
	return sum(p1.map(({ posts }) => posts))
}

/** Share of the posts whose p@1 lies in [from, to); to 1, too, where that is the end. Both are multiples of a bin. */
export function shareBetween(p1: AnyP1Bins, from: number, to: number): number {
	const within = p1.slice(Math.round(from * p1.length), Math.round(to * p1.length))
	return sum(within.map(({ posts }) => posts)) / Math.max(1, countPosts(p1))
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0)
}
