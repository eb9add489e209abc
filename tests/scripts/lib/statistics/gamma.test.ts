import { describe, expect, it } from 'vitest'
import { logGamma, lowerGamma } from '../../../../scripts/lib/statistics/gamma.ts'
import { EXPECTED } from '../../../fixtures/statistics.ts'

describe('gamma functions', () => {
	it.each(EXPECTED.gammas.log)('gives the logarithm at %f that scipy gives', (x, expected) => {
		expect(Math.abs(logGamma(x) - expected)).toBeLessThan(1e-12 * Math.max(1, Math.abs(expected)))
	})

	it.each(EXPECTED.gammas.lower)(
		'gives the share of shape %f below %f that scipy gives',
		(a, x, expected) => {
			expect(lowerGamma(a, x)).toBeCloseTo(expected, 10)
		},
	)
})
