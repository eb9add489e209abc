import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitF1Curve, fitRecallCurve, readCurve } from '../../../../scripts/lib/drift/curves.ts'
import { createRandom } from '../../../../scripts/lib/snapshot/random.ts'
import { FittedCurve } from '../../../../src/shared/drift-report.ts'
import { parseWith } from '../../../../src/shared/parse.ts'
import { makeReport } from '../../../fixtures/samples.ts'
import { EXPECTED, toBins } from '../../../fixtures/statistics.ts'

describe('fitRecallCurve', () => {
	it('fits what scikit-learn fits', () => {
		const { bins, fitted } = EXPECTED.isotonic
		const posts = bins.posts.filter((count) => count > 0)
		// A knot stands for the bins that were joined: each of them has the knot's value.
		const values = fitRecallCurve(toBins(bins)).flatMap(({ value, weight }) => {
			let left = weight
			let joined = 0
			while (left > 0) {
				left -= posts.shift() ?? 0
				joined += 1
			}
			return Array<number>(joined).fill(value)
		})
		expect(values).toHaveLength(fitted.length)
		for (const [bin, value] of values.entries()) expect(value).toBeCloseTo(fitted[bin] ?? -1, 9)
	})

	it('never falls, stays between 0 and 1, and is what the contract admits', () => {
		fc.assert(
			fc.property(fc.integer(), fc.integer({ min: 1, max: 400 }), (seed, posts) => {
				const random = createRandom(seed >>> 0)
				const { p1, subreddits } = makeReport({ posts, random, worth: () => random() })
				for (const curve of [fitRecallCurve(p1.bins), fitF1Curve(subreddits)]) {
					expect(parseWith(FittedCurve, curve, 'curve')).toEqual(curve)
					for (let at = 0; at < 1; at += 0.05) {
						const here = readCurve(curve, at)
						expect(here).toBeGreaterThanOrEqual(0)
						expect(readCurve(curve, at + 0.05)).toBeGreaterThanOrEqual(here - 1e-12)
					}
				}
			}),
			{ numRuns: 40 },
		)
	})
})

describe('fitF1Curve', () => {
	it('counts each subreddit that is suggested once', () => {
		const { subreddits } = makeReport({ posts: 600, random: createRandom(3) })
		const knots = fitF1Curve(subreddits)
		expect(knots.reduce((sum, { weight }) => sum + weight, 0)).toBe(6)
	})
})
