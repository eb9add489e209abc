import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findLargest, Largest } from '../../src/model/largest.ts'

/** Few different ones, so that many are equal. */
const anyNumbers = fc.array(fc.integer({ min: -3, max: 12 }), { maxLength: 200 })
const anyCount = fc.nat(60)

function sortPlainly(numbers: readonly number[], count: number): number[] {
	const places = [...numbers.keys()]
	return places.sort((a, b) => (numbers[b] ?? 0) - (numbers[a] ?? 0) || a - b).slice(0, count)
}

describe('the largest', () => {
	it('come largest first, and of equal ones the first', () => {
		fc.assert(
			fc.property(anyNumbers, anyCount, (numbers, count) => {
				const found = findLargest(Float64Array.from(numbers), count)
				expect([...found]).toEqual(sortPlainly(numbers, count))
			}),
		)
	})

	it('are the same in whatever order they are offered, and none is left once they are taken', () => {
		fc.assert(
			fc.property(anyNumbers, anyCount, fc.nat(1000), (numbers, count, seed) => {
				const largest = new Largest(count)
				const places = [...numbers.keys()]
				for (const _ of 'ab') {
					places.sort((a, b) => ((a * 7919 + seed) % 211) - ((b * 7919 + seed) % 211))
					for (const place of places) largest.offer(place, numbers[place] ?? 0)
					expect([...largest.take()]).toEqual(sortPlainly(numbers, count))
					places.reverse()
				}
			}),
		)
	})
})
