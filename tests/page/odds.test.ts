import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countCovered, layOutOdds } from '../../src/page/odds.ts'

describe('layOutOdds', () => {
	test('gives each suggestion its ticks, and the rest to none', () => {
		const ranks = layOutOdds([0.5, 0.2, 0.1], 600).map(({ rank }) => rank)
		expect(ranks.filter((rank) => rank === 1)).toHaveLength(50)
		expect(ranks.filter((rank) => rank === 2)).toHaveLength(20)
		expect(ranks.filter((rank) => rank === 3)).toHaveLength(10)
		expect(ranks.filter((rank) => rank === null)).toHaveLength(20)
	})

	test('spreads a hundred ticks over the width', () => {
		const ticks = layOutOdds([], 600)
		expect(ticks).toHaveLength(100)
		expect(ticks[0]?.x).toBe(0)
		expect(ticks[99]?.x).toBeCloseTo(594)
	})

	test('colours as many ticks as it counts, for any probabilities', () => {
		const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 })
		fc.assert(
			fc.property(probabilities, (values) => {
				const coloured = layOutOdds(values, 600).filter(({ rank }) => rank !== null)
				expect(coloured).toHaveLength(countCovered(values))
				const sum = values.reduce((total, value) => total + value, 0)
				expect(Math.abs(coloured.length - Math.min(100, sum * 100))).toBeLessThanOrEqual(0.5 + 1e-9)
			}),
		)
	})
})
