import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	comparePaired,
	type PairedHits,
} from '../../../../scripts/lib/comparison/paired-difference.ts'
import { verdictOf } from '../../../../src/shared/statistics.ts'
import { seededRandom } from '../../../fixtures/corpus.ts'

const anyHits: fc.Arbitrary<PairedHits> = fc
	.tuple(fc.nat(5_000), fc.nat(5_000), fc.nat(100_000))
	.map(([onlyA, onlyB, same]) => ({ posts: onlyA + onlyB + same + 1, onlyA, onlyB }))

/** The same by the definition: both tails of the binomial, the observed case half, in exact fractions. */
function midPByDefinition(onlyA: number, onlyB: number): number {
	const n = onlyA + onlyB
	const k = Math.min(onlyA, onlyB)
	let choose = 1n
	let below = 0n
	for (let i = 0; i < k; i += 1) {
		below += choose
		choose = (choose * BigInt(n - i)) / BigInt(i + 1)
	}
	const scale = 10n ** 15n
	return Math.min(1, Number(((2n * below + choose) * scale) / 2n ** BigInt(n)) / 1e15)
}

/** Posts that only one of the models gets right with these probabilities. */
function drawHits({ posts, ...probability }: PairedHits, random: () => number): PairedHits {
	let [onlyA, onlyB] = [0, 0]
	for (let post = 0; post < posts; post += 1) {
		const drawn = random()
		if (drawn < probability.onlyA) onlyA += 1
		else if (drawn < probability.onlyA + probability.onlyB) onlyB += 1
	}
	return { posts, onlyA, onlyB }
}

describe('comparePaired', () => {
	it('gives the interval of a case that is worked out by hand', () => {
		// 25/1146 ± 1.959964 × √(240 − 25²/1146)/1146
		const result = comparePaired({ posts: 1_144, onlyA: 107, onlyB: 132 })
		expect(result.difference).toBeCloseTo(0.02185, 5)
		expect(result.low).toBeCloseTo(-0.0047, 3)
		expect(result.high).toBeCloseTo(0.0483, 3)
	})

	it('gives the p value of its definition', () => {
		fc.assert(
			fc.property(fc.nat(400), fc.nat(400), (onlyA, onlyB) => {
				const { p } = comparePaired({ posts: 1_000, onlyA, onlyB })
				expect(p).toBeCloseTo(midPByDefinition(onlyA, onlyB), 9)
			}),
		)
	})

	it('turns its sign when the models change places', () => {
		fc.assert(
			fc.property(anyHits, ({ posts, onlyA, onlyB }) => {
				const forth = comparePaired({ posts, onlyA, onlyB })
				const back = comparePaired({ posts, onlyA: onlyB, onlyB: onlyA })
				expect(back.difference).toBeCloseTo(-forth.difference, 12)
				expect(back.low).toBeCloseTo(-forth.high, 12)
				expect(back.high).toBeCloseTo(-forth.low, 12)
				expect(back.p).toBe(forth.p)
			}),
		)
	})

	it('always gives an interval of differences that exist, around what was observed', () => {
		fc.assert(
			fc.property(anyHits, (hits) => {
				const { difference, low, high, p } = comparePaired(hits)
				for (const value of [difference, low, high, p]) expect(Number.isFinite(value)).toBe(true)
				expect(low).toBeGreaterThanOrEqual(-1)
				expect(high).toBeLessThanOrEqual(1)
				expect(low).toBeLessThan(high)
				expect(low).toBeLessThanOrEqual(difference)
				expect(high).toBeGreaterThanOrEqual(difference)
				expect(p).toBeGreaterThanOrEqual(0)
				expect(p).toBeLessThanOrEqual(1)
			}),
		)
	})

	it('takes chance for progress in about 5 of 100 cases, not more', () => {
		const random = seededRandom(11)
		let mistaken = 0
		const trials = 2_000
		for (let trial = 0; trial < trials; trial += 1) {
			const hits = drawHits({ posts: 200, onlyA: 0.1, onlyB: 0.1 }, random)
			if (verdictOf(comparePaired(hits)) !== 'no clear difference') mistaken += 1
		}
		expect(mistaken / trials).toBeGreaterThan(0.02)
		expect(mistaken / trials).toBeLessThan(0.07)
	})

	it('covers the true difference in about 95 of 100 cases', () => {
		const random = seededRandom(7)
		let covered = 0
		const trials = 2_000
		for (let trial = 0; trial < trials; trial += 1) {
			const hits = drawHits({ posts: 300, onlyA: 0.05, onlyB: 0.15 }, random)
			const { low, high } = comparePaired(hits)
			if (low <= 0.1 && 0.1 <= high) covered += 1
		}
		expect(covered / trials).toBeGreaterThan(0.93)
		expect(covered / trials).toBeLessThan(0.97)
	})

	it('finds no difference between a model and itself', () => {
		const result = comparePaired({ posts: 50, onlyA: 0, onlyB: 0 })
		expect(result).toMatchObject({ difference: 0, p: 1 })
		expect(verdictOf(result)).toBe('no clear difference')
	})

	it('refuses counts that can not be', () => {
		for (const hits of [
			{ posts: 0, onlyA: 0, onlyB: 0 },
			{ posts: 5, onlyA: 3, onlyB: 3 },
			{ posts: 5, onlyA: -1, onlyB: 3 },
		])
			expect(() => comparePaired(hits)).toThrow(RangeError)
	})
})
