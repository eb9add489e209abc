import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	noncentralChiSquared,
	noncentralityInterval,
} from '../../../../scripts/lib/statistics/noncentral-chi-squared.ts'
import { EXPECTED } from '../../../fixtures/statistics.ts'

describe('noncentral chi-squared', () => {
	it.each(EXPECTED.noncentralChiSquared)(
		'below %f with %i degrees and %f is what scipy says',
		(x, freedom, noncentrality, expected) => {
			expect(noncentralChiSquared(x, freedom, noncentrality)).toBeCloseTo(expected, 9)
		},
	)

	it.each(EXPECTED.noncentralities)(
		'%f with %i degrees speaks for the noncentralities that scipy finds',
		(x, freedom, low, high) => {
			const interval = noncentralityInterval(x, freedom)
			expect(Math.abs(interval.low - low)).toBeLessThan(1e-4 * Math.max(0.1, low))
			expect(Math.abs(interval.high - high)).toBeLessThan(1e-4 * Math.max(0.1, high))
		},
	)

	it('rises with x and falls with the noncentrality', () => {
		const positive = fc.double({ min: 0.01, max: 300, noNaN: true })
		fc.assert(
			fc.property(
				positive,
				positive,
				positive,
				fc.integer({ min: 1, max: 30 }),
				(x, more, c, k) => {
					const at = noncentralChiSquared(x, k, c)
					expect(noncentralChiSquared(x + more, k, c)).toBeGreaterThanOrEqual(at - 1e-12)
					expect(noncentralChiSquared(x, k, c + more)).toBeLessThanOrEqual(at + 1e-12)
				},
			),
		)
	})
})
