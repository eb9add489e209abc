import { describe, expect, it } from 'vitest'
import { neededTrials, pOfEqualShares } from '../../../../scripts/lib/statistics/two-shares.ts'
import { differenceOfShares, wilson } from '../../../../src/shared/statistics.ts'
import { EXPECTED } from '../../../fixtures/statistics.ts'

describe('two shares', () => {
	it.each(EXPECTED.twoShares)(
		'differ for $a of $n and $b of $m as statsmodels says',
		({ a, n, b, m, low, high, p }) => {
			const difference = differenceOfShares(wilson(a, n), wilson(b, m))
			expect(difference.low).toBeCloseTo(low, 9)
			expect(difference.high).toBeCloseTo(high, 9)
			expect(pOfEqualShares({ hits: a, trials: n }, { hits: b, trials: m })).toBeCloseTo(p, 9)
		},
	)

	it('are the same where nobody or everybody hits', () => {
		expect(pOfEqualShares({ hits: 0, trials: 5 }, { hits: 0, trials: 9 })).toBe(1)
		expect(pOfEqualShares({ hits: 5, trials: 5 }, { hits: 9, trials: 9 })).toBe(1)
	})

	it.each(EXPECTED.neededPicks)(
		'take as many trials to tell %f from %f, at a ratio of %f, as statsmodels says',
		(first, second, ratio, expected) => {
			expect(neededTrials(first, second, ratio)).toBe(Math.ceil(expected))
		},
	)
})
