import { describe, expect, it } from 'vitest'
import { ComparisonReport } from '../../src/shared/comparison-report.ts'
import { parseWith } from '../../src/shared/parse.ts'
import { COMPARISON } from '../fixtures/comparison-report.ts'

const parse = (change: object) => () =>
	parseWith(ComparisonReport, { ...COMPARISON, ...change }, 'comparison')

describe('ComparisonReport', () => {
	it('admits what compare writes, with a gate and without', () => {
		expect(parse({})()).toEqual(COMPARISON)
		const { gate: _, ...ungated } = COMPARISON
		expect(parseWith(ComparisonReport, ungated, 'comparison')).toEqual(ungated)
	})

	it('admits a rule that could not be measured only as a failed one’s', () => {
		const rules = [{ name: 'x', value: null, limit: 1, passed: false, says: 'no posts' }]
		expect(parse({ gate: { passed: false, rules } })().gate?.passed).toBe(false)
		expect(parse({ gate: { passed: true, rules } })).toThrow('expected passed to be true where')
	})

	it('refuses figures that are none', () => {
		expect(parse({ 'recall@5': { ...COMPARISON['recall@5'], low: Number.NaN } })).toThrow(
			'recall@5.low',
		)
		const [group] = COMPARISON.groups
		expect(parse({ groups: [{ ...group, posts: 0 }] })).toThrow('groups.0.posts')
		expect(parse({ churn: [] })).toThrow('churn')
		const { f1Changes } = COMPARISON
		const bins = { from: -1, to: 1, counts: [1, 1] }
		expect(parse({ f1Changes: { ...f1Changes, bins } })).toThrow('f1Changes.bins')
	})
})
