// Figures by week. Pure.
import type { WeekFigures } from '../../../src/shared/evaluation-report.ts'

const DAY_MS = 86_400_000
const WEEK_DAYS = 7

interface Day {
	posts: number
	hits1: number
	hits5: number
	sum: number
}

/** Adds up by day: of dumps it is known only at their end when the first week begins. */
export class WeekTally {
	readonly #days = new Map<number, Day>()

	/** @param day counted from 1970-01-01 in UTC; a post without one is in no week */
	add(
		day: number | undefined,
		{ hit1, hit5, p1 }: { hit1: boolean; hit5: boolean; p1: number },
	): void {
		if (day === undefined) return
		const tally = this.#days.get(day) ?? { posts: 0, hits1: 0, hits5: 0, sum: 0 }
		if (tally.posts === 0) this.#days.set(day, tally)
		tally.posts += 1
		tally.hits1 += hit1 ? 1 : 0
		tally.hits5 += hit5 ? 1 : 0
		tally.sum += p1
	}

	/** @param from the first instant of the posts: the first week begins with its day */
	finish(from: string): WeekFigures[] {
		const first = dayOf(Date.parse(from) / 1000)
		const weeks = new Map<number, Day>()
		for (const [day, { posts, hits1, hits5, sum }] of this.#days) {
			const begin = first + Math.floor((day - first) / WEEK_DAYS) * WEEK_DAYS
			const week = weeks.get(begin) ?? { posts: 0, hits1: 0, hits5: 0, sum: 0 }
			week.posts += posts
			week.hits1 += hits1
			week.hits5 += hits5
			week.sum += sum
			weeks.set(begin, week)
		}
		return [...weeks]
			.sort(([a], [b]) => a - b)
			.map(([begin, { posts, hits1, hits5, sum }]) => ({
				from: new Date(begin * DAY_MS).toISOString(),
				posts,
				'recall@1': hits1 / posts,
				'recall@5': hits5 / posts,
				meanP1: Math.min(1, sum / posts),
			}))
	}
}

/** @param created in Unix seconds */
export function dayOf(created: number): number {
	return Math.floor((created * 1000) / DAY_MS)
}
