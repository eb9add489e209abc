import { scaleLinear } from 'd3-scale'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stepPath, toHistogram, trimTails } from '../../src/charts/histogram.ts'

const bins = (counts: number[]) => ({ from: -1, to: 1, counts })

describe('toHistogram', () => {
	it('merges neighbouring bins and keeps every count', () => {
		const histogram = toHistogram('now', { from: 0, to: 1, counts: [1, 2, 3, 4] }, 2)
		expect(histogram.counts).toEqual([3, 7])
		expect(histogram.bins).toEqual([
			{ from: 0, to: 0.5 },
			{ from: 0.5, to: 1 },
		])
		expect(histogram.shares).toEqual([0.3, 0.7])
	})

	it('has shares that add up to one, or to nothing where nothing was counted', () => {
		fc.assert(
			fc.property(
				fc.array(fc.nat(10_000), { minLength: 1, maxLength: 100 }),
				fc.integer({ min: 1, max: 10 }),
				(counts, width) => {
					const { shares, total } = toHistogram('now', bins(counts), width)
					const sum = shares.reduce((all, share) => all + share, 0)
					expect(total).toBe(counts.reduce((all, count) => all + count, 0))
					expect(sum).toBeCloseTo(total === 0 ? 0 : 1, 9)
				},
			),
		)
	})
})

describe('trimTails', () => {
	it('cuts what is empty in all of them, as much on both sides', () => {
		const one = toHistogram('one', bins([0, 0, 0, 5, 1, 0, 0, 0]))
		const other = toHistogram('other', bins([0, 1, 0, 5, 1, 0, 0, 0]))
		expect(trimTails([one, other], 2).map(({ counts }) => counts)).toEqual([
			[0, 0, 5, 1, 0, 0],
			[1, 0, 5, 1, 0, 0],
		])
	})

	it('leaves as many bars as one asks for', () => {
		expect(trimTails([toHistogram('one', bins([0, 0, 0, 0]))], 4)[0]?.counts).toHaveLength(4)
	})
})

describe('stepPath', () => {
	it('is level over each bin', () => {
		const x = scaleLinear([-1, 1], [0, 100])
		const y = scaleLinear([0, 1], [100, 0])
		const path = stepPath(toHistogram('one', bins([1, 3])), { x, y, isClosed: false })
		expect(path).toBe('M0,75L50,75L50,25L100,25L100,25')
	})
})
