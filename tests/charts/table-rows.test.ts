import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterByName, orderByPosts, rowsInSight, sortRows } from '../../src/charts/table-rows.ts'

const rows = [
	{ label: 'pics', f1: 0.5 },
	{ label: 'AskScience', f1: null },
	{ label: 'linux', f1: 0.7 },
]
const byF1 = {
	name: 'f1',
	value: ({ f1 }: (typeof rows)[number]) => f1,
	format: () => '',
}

describe('sortRows', () => {
	it('sorts both ways and leaves what has no value at the end', () => {
		const labels = (isDescending: boolean) =>
			sortRows(rows, [byF1], { column: 'f1', isDescending }).map(({ label }) => label)
		expect(labels(true)).toEqual(['linux', 'pics', 'AskScience'])
		expect(labels(false)).toEqual(['pics', 'linux', 'AskScience'])
	})

	it('refuses to sort by what is no column', () => {
		expect(() => sortRows(rows, [byF1], { column: 'posts', isDescending: true })).toThrow('posts')
	})
})

describe('orderByPosts', () => {
	it.each([
		['by posts where these differ', [9, 8, 8, 7], 'posts'],
		['by another column where most have as many', [8, 8, 8, 7], 'change'],
		['by posts where there are no rows', [], 'posts'],
	])('sorts %s', (_, posts, column) => {
		const counted = posts.map((posts) => ({ posts }))
		expect(orderByPosts(counted, 'change')).toEqual({ column, isDescending: true })
	})
})

describe('filterByName', () => {
	it.each([
		['ask', ['AskScience']],
		['r/Linux', ['linux']],
		[' ', ['pics', 'AskScience', 'linux']],
		['nothing', []],
	])('finds by %j', (text, found) => {
		expect(filterByName(rows, text).map(({ label }) => label)).toEqual(found)
	})
})

describe('rowsInSight', () => {
	it('holds every row of the box, and never one that is not there', () => {
		fc.assert(
			fc.property(
				fc.nat(5_000),
				fc.record({ scrollTop: fc.nat(200_000), height: fc.nat(2_000) }),
				(count, { scrollTop, height }) => {
					const rowHeight = 32
					const { from, until } = rowsInSight(count, { scrollTop, height, rowHeight })
					expect(from).toBeGreaterThanOrEqual(0)
					expect(until).toBeLessThanOrEqual(count)
					const first = Math.floor(scrollTop / rowHeight)
					const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight))
					if (first < count) expect([from <= first, until >= last]).toEqual([true, true])
				},
			),
		)
	})
})
