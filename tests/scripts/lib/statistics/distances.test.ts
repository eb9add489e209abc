import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../scripts/lib/snapshot/random.ts'
import {
	chooseEdges,
	ksDistance,
	stabilityIndex,
} from '../../../../scripts/lib/statistics/distances.ts'
import { P1Tally } from '../../../../scripts/lib/statistics/p1-tally.ts'
import type { P1Bins } from '../../../../src/shared/report-parts.ts'
import { EXPECTED, toBins } from '../../../fixtures/statistics.ts'

function binsOf(p1s: Iterable<number>): P1Bins {
	const tally = new P1Tally()
	for (const p1 of p1s) tally.add(p1, false)
	return tally.finish()
}

const anySample = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
	minLength: 1,
	maxLength: 80,
})

describe('ksDistance', () => {
	it.each(EXPECTED.samples.map((sample, index) => ({ index, ...sample })))(
		'of sample $index is what scipy says',
		({ before, now, ks, chance95 }) => {
			const { value, low, high } = ksDistance(toBins(before), toBins(now))
			expect(value).toBeCloseTo(ks, 12)
			expect(high - value).toBeCloseTo(chance95, 9)
			expect(low).toBeCloseTo(Math.max(0, value - chance95), 9)
		},
	)

	it('is symmetric, 0 for the same sample, and 1 for samples without a bin in common', () => {
		fc.assert(
			fc.property(anySample, anySample, (a, b) => {
				const [one, other] = [binsOf(a), binsOf(b)]
				expect(ksDistance(one, other)).toEqual(ksDistance(other, one))
				expect(ksDistance(one, one).value).toBe(0)
			}),
		)
		expect(ksDistance(binsOf([0.1, 0.2]), binsOf([0.8])).value).toBeCloseTo(1)
	})
})

describe('stabilityIndex', () => {
	it('is the sum that its definition says, less what chance adds', () => {
		// Two parts: 0.3 and 0.7 before, 0.5 and 0.5 now; so many posts that half a post more does nothing.
		const sample = (first: number, second: number) => {
			const bins = binsOf([]).map((bin) => ({ ...bin }))
			Object.assign(bins[0] as object, { posts: first })
			Object.assign(bins[60] as object, { posts: second })
			return bins
		}
		const index = stabilityIndex(sample(3e7, 7e7), sample(5e7, 5e7), [0, 0.5, 1])
		expect(index.value).toBeCloseTo(0.2 * Math.log(5 / 3) - 0.2 * Math.log(5 / 7), 6)
	})

	it('parts the reference into tenths as well as bins allow', () => {
		const uniform = binsOf(Array.from({ length: 1_000 }, (_, i) => (i + 0.5) / 1_000))
		expect(chooseEdges(uniform)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
		expect(chooseEdges(binsOf([0.5, 0.5, 0.5]))).toEqual([0, 1])
	})

	it('holds no drift in 95 of 100 intervals where there is none, however small the samples are', () => {
		const random = createRandom(7)
		for (const [n, m] of [
			[2_000, 2_000],
			[2_000, 60],
		] as const) {
			let holding = 0
			for (let run = 0; run < 400; run += 1) {
				const sample = (size: number) => binsOf(Array.from({ length: size }, () => random() ** 2))
				const before = sample(n)
				const { low, value, high } = stabilityIndex(before, sample(m), chooseEdges(before))
				expect(low).toBeLessThanOrEqual(value)
				expect(value).toBeLessThanOrEqual(high)
				if (low === 0) holding += 1
			}
			// The test is one-sided here, because nothing is below 0: 97.5% hold, give or take three standard errors.
			expect(holding / 400).toBeGreaterThan(0.95)
		}
	})

	it('does not claim to know the index of a single post, nor against one', () => {
		const many = binsOf(Array.from({ length: 1_000 }, (_, i) => (i + 0.5) / 1_000))
		const one = binsOf([0.55])
		for (const [before, now] of [
			[many, one],
			[one, many],
			[one, one],
		] as const) {
			const { low, value, high } = stabilityIndex(before, now, chooseEdges(before))
			expect(low).toBe(0)
			expect(value).toBeLessThanOrEqual(high)
			// More than what counts as a large shift, 0.25.
			expect(high).toBeGreaterThan(0.25)
		}
	})

	it('finds the true index of two distributions that differ', () => {
		const random = createRandom(8)
		const sample = (size: number, power: number) =>
			binsOf(Array.from({ length: size }, () => random() ** power))
		const truth = stabilityIndex(sample(2e5, 2), sample(2e5, 2.4), [0, 0.1, 0.3, 0.6, 1]).value
		let holding = 0
		for (let run = 0; run < 200; run += 1) {
			const { low, high } = stabilityIndex(
				sample(1_500, 2),
				sample(900, 2.4),
				[0, 0.1, 0.3, 0.6, 1],
			)
			if (low <= truth && truth <= high) holding += 1
		}
		expect(holding / 200).toBeGreaterThan(0.9)
	})
})
