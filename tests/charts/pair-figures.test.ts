import { expect, it } from 'vitest'
import { pairFigures, readComparison } from '../../src/charts/comparison-figures.ts'
import { makeComparisonReport } from '../fixtures/reports.ts'

it('pairs what both models were measured by: an old release has no recall@5 by subscribers', () => {
	const { a, b } = readComparison(makeComparisonReport('20130601.0', '20130701.0'))
	const withWeighted = (one: typeof a, value: number) => ({
		...one,
		metrics: { ...one.metrics, 'recall@5.weighted': value },
	})
	const names = (pair: { a: typeof a; b: typeof b }) => pairFigures(pair).map(({ name }) => name)
	const both = { a: withWeighted(a, 0.5), b: withWeighted(b, 0.6) }
	expect(names(both)).toContain('recall@5 by subscribers')
	expect(pairFigures(both)[1]).toMatchObject({ before: 0.5, after: 0.6 })
	const { 'recall@5.weighted': _, ...old } = both.a.metrics
	expect(names({ ...both, a: { ...a, metrics: old } })).toEqual([
		...['recall@5', 'recall@1', 'macro F1', 'mean p@1', 'calibration error'],
	])
})
