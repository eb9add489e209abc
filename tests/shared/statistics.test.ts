import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differenceOfShares, wilson } from '../../src/shared/statistics.ts'
import { EXPECTED } from '../fixtures/statistics.ts'

describe('wilson', () => {
	// scipy 1.17: binomtest(hits, trials).proportion_ci(0.95, method='wilson')
	it.each([
		[0, 10, 0, 0.27753279986288926],
		[1, 10, 0.017876213095072896, 0.4041500267952385],
		[5, 10, 0.236593090512564, 0.7634069094874361],
		[10, 10, 0.7224672001371109, 1],
		[317, 1_000, 0.2889074900261959, 0.3464931035795173],
		[51_040, 153_838, 0.3294289274537672, 0.33413464205892485],
	])('of %i in %i is what scipy says', (hits, trials, low, high) => {
		const share = wilson(hits, trials)
		expect(share.value).toBe(hits / trials)
		expect(share.low).toBeCloseTo(low, 12)
		expect(share.high).toBeCloseTo(high, 12)
	})

	it('refuses a share of nothing', () => {
		expect(() => wilson(0, 0)).toThrow(RangeError)
		expect(() => wilson(2, 1)).toThrow(RangeError)
		expect(() => wilson(Number.NaN, 1)).toThrow(RangeError)
	})

	it('holds the value, stays in [0, 1] and mirrors with the misses', () => {
		fc.assert(
			fc.property(fc.nat(1e6), fc.nat(1e6), (hits, misses) => {
				fc.pre(hits + misses > 0)
				const share = wilson(hits, hits + misses)
				const mirrored = wilson(misses, hits + misses)
				expect(share.low).toBeGreaterThanOrEqual(0)
				expect(share.high).toBeLessThanOrEqual(1)
				expect(share.low).toBeLessThanOrEqual(share.value)
				expect(share.high).toBeGreaterThanOrEqual(share.value)
				expect(mirrored.low).toBeCloseTo(1 - share.high, 9)
			}),
		)
	})
})

describe('differenceOfShares', () => {
	it.each(EXPECTED.twoShares)(
		'for $a of $n and $b of $m is what statsmodels says',
		({ a, n, b, m, low, high }) => {
			const difference = differenceOfShares(wilson(a, n), wilson(b, m))
			expect(difference.low).toBeCloseTo(low, 9)
			expect(difference.high).toBeCloseTo(high, 9)
		},
	)

	it('has the figures of the paper that it is from', () => {
		// Newcombe 1998, table II, (a): 56/70 − 48/80, method 10: 0.0524 to 0.3339.
		const { value, low, high } = differenceOfShares(wilson(48, 80), wilson(56, 70))
		expect(value).toBeCloseTo(0.2, 12)
		expect(low).toBeCloseTo(0.0524, 4)
		expect(high).toBeCloseTo(0.3339, 4)
	})

	it('turns around with its samples', () => {
		const a = wilson(3, 17)
		const b = wilson(40, 90)
		const there = differenceOfShares(a, b)
		const back = differenceOfShares(b, a)
		expect(back.value).toBeCloseTo(-there.value, 12)
		expect(back.low).toBeCloseTo(-there.high, 12)
	})
})
