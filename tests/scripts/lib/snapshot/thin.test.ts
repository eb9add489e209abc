import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findReposts, keepNewest, limitForShare } from '../../../../scripts/lib/snapshot/thin.ts'
import { makeTable, readTitles } from '../../../fixtures/title-table.ts'

const titles = fc
	.array(
		fc.record({ subreddit: fc.constantFrom('a', 'b', 'c'), text: fc.constantFrom('x', 'y', 'z') }),
	)
	.map((list) => list.map((title, created) => ({ ...title, created })))

const keyOf = ({ subreddit, text }: { subreddit: string; text: string }) => `${subreddit} ${text}`

describe('findReposts', () => {
	it('keeps the newest of each title and subreddit, in order, and counts the rest', () => {
		fc.assert(
			fc.property(titles, (all) => {
				const { table, rows } = makeTable(all)
				const { once, reposts, crossposts } = findReposts(table, rows)
				const newest = all.filter(
					(title) =>
						!all.some((other) => keyOf(other) === keyOf(title) && other.created > title.created),
				)
				expect(readTitles(table, once)).toEqual(newest)
				expect(reposts).toBe(all.length - newest.length)
				expect(crossposts).toBe(newest.length - new Set(newest.map(({ text }) => text)).size)
			}),
		)
	})
})

describe('keepNewest', () => {
	it('keeps of each subreddit its last ones, in order', () => {
		fc.assert(
			fc.property(titles, fc.integer({ min: 1, max: 5 }), (all, limit) => {
				const { table, rows } = makeTable(all)
				const kept = keepNewest(table, rows, limit)
				const expected = all.filter(
					(title, index) =>
						all.slice(index).filter(({ subreddit }) => subreddit === title.subreddit).length <=
						limit,
				)
				expect(readTitles(table, kept)).toEqual(expected)
			}),
		)
	})
})

describe('limitForShare', () => {
	it('gives the largest limit that keeps the share', () => {
		const counts = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 })
		fc.assert(
			fc.property(counts, fc.double({ min: 0.01, max: 1, noNaN: true }), (numbers, share) => {
				const keeps = (limit: number) => {
					const total = numbers.reduce((sum, count) => sum + Math.min(count, limit), 0)
					return Math.min(Math.max(...numbers), limit) <= share * total
				}
				const best = Array.from({ length: 500 }, (_, index) => 500 - index).find(keeps)
				if (best === undefined) expect(() => limitForShare(numbers, share)).toThrow(/--max-share/)
				else expect(limitForShare(numbers, share)).toBe(Math.min(best, Math.max(...numbers)))
			}),
		)
	})
})
