import { describe, expect, it } from 'vitest'
import {
	betweenWeeks,
	estimateMacroF1,
	estimateRecall,
} from '../../../../scripts/lib/drift/estimate.ts'
import { makeBaseline } from '../../../../scripts/lib/drift/measure.ts'
import { createRandom } from '../../../../scripts/lib/snapshot/random.ts'
import { makeReport } from '../../../fixtures/samples.ts'
import { EXPECTED } from '../../../fixtures/statistics.ts'

const random = createRandom(11)
// A model that promises too much: p@1 0.5 is right for 0.38.
const worth = (p1: number) => p1 ** 1.4
const window = { from: '2013-07-01T00:00:00.000Z', until: '2013-07-29T00:00:00.000Z' }

describe('estimateRecall', () => {
	it('gives the recall of the reference for the reference', () => {
		const report = makeReport({ posts: 4_000, random, worth })
		const { value } = estimateRecall(makeBaseline(report, 'June'), report.p1.bins, window)
		expect(value).toBeCloseTo(report.metrics['recall@1'], 12)
	})

	it('holds the recall that labels show in 95 of 100 cases, where p@1 is worth what it was', () => {
		let holding = 0
		for (let run = 0; run < 200; run += 1) {
			const baseline = makeBaseline(makeReport({ posts: 3_000, random, worth }), 'June')
			const current = makeReport({ posts: 2_000, random, worth, power: 3 })
			const { low, high, value } = estimateRecall(baseline, current.p1.bins, window)
			const truth = current.metrics['recall@1']
			expect(Math.abs(value - truth)).toBeLessThan(0.06)
			if (low <= truth && truth <= high) holding += 1
		}
		expect(holding / 200).toBeGreaterThan(0.92)
	})

	it('grows less sure with fewer posts', () => {
		const baseline = makeBaseline(makeReport({ posts: 3_000, random, worth }), 'June')
		const [few, many] = [100, 5_000].map((posts) => {
			const { p1 } = makeReport({ posts, random, worth })
			const { low, high } = estimateRecall(baseline, p1.bins, window)
			return high - low
		})
		expect(few).toBeGreaterThan((many ?? 1) * 3)
	})
})

describe('betweenWeeks', () => {
	const weeks = EXPECTED.betweenWeeks.weeks.map(([posts, recall, meanP1], week) => ({
		from: new Date(Date.UTC(2013, 5, 1 + 7 * week)).toISOString(),
		posts,
		'recall@1': recall,
		'recall@5': recall,
		meanP1,
	}))

	it('finds the variance that statsmodels finds', () => {
		const { variance } = EXPECTED.betweenWeeks
		expect(betweenWeeks(weeks, 5)).toBeCloseTo(variance * (1 / 5 + 1 / 5), 12)
	})

	it('says nothing from two weeks, or from weeks of a few posts', () => {
		expect(betweenWeeks(weeks.slice(0, 2), 5)).toBe(0)
		expect(
			betweenWeeks(
				weeks.map((week) => ({ ...week, posts: 100 })),
				5,
			),
		).toBe(0)
	})
})

describe('estimateMacroF1', () => {
	it('gives the reference its own, and nothing to samples of another size', () => {
		const report = makeReport({ posts: 4_000, random, worth })
		const baseline = makeBaseline(report, 'June')
		expect(estimateMacroF1(baseline, report)?.value).toBeCloseTo(report.metrics.macroF1, 12)
		expect(estimateMacroF1(baseline, makeReport({ posts: 1_000, random, worth }))).toBeNull()
	})

	it('falls with p@1', () => {
		const baseline = makeBaseline(makeReport({ posts: 4_000, random, worth }), 'June')
		const worse = makeReport({ posts: 4_000, random, worth, power: 4 })
		expect(estimateMacroF1(baseline, worse)?.value).toBeLessThan(
			baseline.reference.metrics.macroF1 + 1e-9,
		)
	})
})
