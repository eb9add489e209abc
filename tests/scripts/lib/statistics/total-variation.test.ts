import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { totalVariation } from '../../../../scripts/lib/statistics/total-variation.ts'
import { EXPECTED } from '../../../fixtures/statistics.ts'

const countsOf = (counts: readonly number[]) =>
	new Map(counts.map((count, index) => [`r${index}`, count]))

describe('totalVariation', () => {
	it('is half the sum of differences', () => {
		const { distance } = totalVariation(
			new Map([
				['a', 3],
				['b', 1],
			]),
			new Map([
				['a', 1],
				['c', 1],
			]),
		)
		expect(distance).toBeCloseTo((0.25 + 0.25 + 0.5) / 2)
	})

	it.each(EXPECTED.shifts)(
		'knows what simulated samples of one distribution are apart ($mean)',
		({ before, now, mean, high }) => {
			const { chance } = totalVariation(countsOf(before), countsOf(now))
			// From one pair of samples in place of the distribution itself.
			expect(Math.abs(chance.mean - mean) / mean).toBeLessThan(0.06)
			expect(Math.abs(chance.high - high) / high).toBeLessThan(0.06)
		},
	)

	it('is symmetric, between 0 and 1, and 0 for the same counts', () => {
		const counts = fc
			.array(fc.nat(300), { minLength: 1, maxLength: 40 })
			.filter((all) => all.some((n) => n > 0))
		fc.assert(
			fc.property(counts, counts, (a, b) => {
				const [one, other] = [countsOf(a), countsOf(b)]
				const there = totalVariation(one, other)
				const back = totalVariation(other, one)
				expect(back.distance).toBeCloseTo(there.distance, 12)
				expect(back.chance.mean).toBeCloseTo(there.chance.mean, 9)
				expect(there.distance).toBeGreaterThanOrEqual(0)
				expect(there.distance).toBeLessThanOrEqual(1)
				expect(there.chance.high).toBeGreaterThanOrEqual(there.chance.mean)
				expect(totalVariation(one, one).distance).toBe(0)
			}),
		)
	})
})
