import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareReports } from '../../src/charts/comparison-figures.ts'
import { toHistogram } from '../../src/charts/histogram.ts'
import { chooseChanged } from '../../src/charts/views/comparison-columns.ts'
import { chooseClaimed, chooseF1 } from '../../src/charts/views/evaluation-columns.ts'
import { binF1 } from '../../src/charts/views/evaluation-figures.ts'
import { makeEvaluationReport, makeSubreddits } from '../fixtures/reports.ts'

const share = fc.oneof(
	fc.double({ min: 0, max: 1, noNaN: true }),
	// Edges of bins, and what a sum of shares makes of them.
	fc.integer({ min: 0, max: 40 }).map((step) => step * 0.025),
)

function subredditsOf(f1s: readonly number[]) {
	const rows = makeSubreddits(
		0,
		f1s.map((_, index) => `r${index}`),
	)
	return rows.map((row, index) => ({ ...row, f1: f1s[index] ?? 0 }))
}

describe('a bar leads to as many subreddits as it counts', () => {
	it('of f1', () => {
		fc.assert(
			fc.property(fc.array(share, { minLength: 1 }), (f1s) => {
				const rows = subredditsOf(f1s)
				const { bins, counts } = binF1(rows)
				const listed = bins.map((bin) => rows.filter((row) => chooseF1(bin)?.test(row)).length)
				expect(listed).toEqual(counts)
			}),
		)
	})

	it('of changes, the largest ones included', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(share, share), { minLength: 1 }), (pairs) => {
				const reportOf = (f1s: readonly number[]) =>
					makeEvaluationReport({ subreddits: subredditsOf(f1s) })
				const figures = compareReports(
					{ name: 'a', report: reportOf(pairs.map(([a]) => a)) },
					{ name: 'b', report: reportOf(pairs.map(([, b]) => b)) },
				)
				if (!figures.changes) throw new Error('no changes')
				const { bins, counts } = toHistogram('changes', figures.changes.bins)
				const listed = bins.map(
					(bin) => figures.subreddits.filter((row) => chooseChanged(bin, 20)?.test(row)).length,
				)
				expect(counts.reduce((sum, count) => sum + count, 0)).toBe(pairs.length)
				expect(listed).toEqual(counts)
			}),
		)
	})
})

describe('chooseClaimed', () => {
	it('takes those that are suggested, by their mean p@1; 100% is in the last bar', () => {
		const choice = chooseClaimed({ from: 0.95, to: 1 })
		const [row] = subredditsOf([0.5])
		if (!row) throw new Error('no row')
		const isListed = (meanP1: number, predicted: number) =>
			choice?.test({ ...row, meanP1, predicted })
		expect([isListed(0.95, 1), isListed(1, 3)]).toEqual([true, true])
		expect([isListed(1, 0), isListed(0.94, 3)]).toEqual([false, false])
	})
})
