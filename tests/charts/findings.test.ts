import { describe, expect, it } from 'vitest'
import { compareReports } from '../../src/charts/comparison-figures.ts'
import {
	sayCameAndWent,
	sayChanges,
	sayScatter,
	sayVerdict,
} from '../../src/charts/findings/comparison.ts'
import { describeSample, sayMoved, sayP1Shift } from '../../src/charts/findings/drift.ts'
import {
	describeTest,
	describeTwin,
	sayConfusions,
	sayP1,
	sayRecall,
	sayReliability,
	saySplits,
	saySubreddits,
	sayWeeks,
} from '../../src/charts/findings/evaluation.ts'
import { listClaims } from '../../src/charts/p1.ts'
import { makeDriftReport, makeEvaluationReport, makeSubreddits } from '../fixtures/reports.ts'

const report = makeEvaluationReport()

describe('findings of an evaluation', () => {
	it('say where it was measured', () => {
		expect(describeTest(report)).toBe(
			'10,000 posts of 1 June 2013 to 30 June 2013, written after all that it learnt from',
		)
	})

	it('say whose figures a release has that learnt its test posts', () => {
		expect(describeTwin({ trainedUntil: '2013-07-01T00:00:00.000Z' })).toBe(
			'The figures are those of its twin, made by the same recipe from posts of before 1 July 2013: the release has learnt these posts, too',
		)
	})

	it('say the numbers of their pictures', () => {
		expect(sayRecall(report)).toBe(
			'The right subreddit is among the five for 50.0% of posts, and first for 30.0%',
		)
		// 2,500 of 10,000 posts lie in the upper half of the bins, 1,900 in the lowest tenth.
		expect(sayP1(report.p1.bins)).toBe(
			'The model is sure of 25.0% of titles (p@1 of 50% or more), and has hardly a clue for 19.0% (below 10%)',
		)
		expect(sayReliability(listClaims(report.p1.bins), 0.012)).toMatch(
			/^What the model claims is off by 1\.2 points on average, and at most by 0\.\d/,
		)
		expect(sayWeeks(report.weeks)).toContain('49.0% to 52.0%')
		expect(saySubreddits(report.subreddits)).toBe(
			'Half of 5 subreddits have an f1 above 0.30; 0 were never found first',
		)
		expect(sayConfusions(report.confusions)).toBe(
			'Most often, r/cats is taken for r/pics: 120 posts',
		)
	})

	it('say how much a random split flatters', () => {
		const random = { metrics: { ...report.metrics, 'recall@5': 0.55 }, split: 'random' as const }
		expect(saySplits(report, random)).toBe(
			'Split at random, the same recipe would seem better than it is: recall@5 55.0% where it is 50.0% on later posts (+5.0 points, 95% from +3.6 points to +6.4 points)',
		)
		// Whichever of the two the report is about.
		expect(saySplits(random, report)).toBe(saySplits(report, random))
		const same = { ...random, metrics: { ...report.metrics, 'recall@5': 0.501 } }
		expect(saySplits(report, same)).toContain('would seem as good as it is')
	})
})

describe('findings of drift', () => {
	const drift = makeDriftReport('20130601.0')

	it('say that p@1 has shifted where the limit of the parameters says so, whatever textbooks do', () => {
		expect(sayP1Shift(drift)).toBe(
			"p@1 hardly differs from the test set's: 30.0% on average now, 34.0% then (stability index 0.0300)",
		)
		const rules = drift.verdict.rules.map((rule) => ({ ...rule, passed: rule.name !== 'maxPsi' }))
		const drifted = { ...drift, verdict: { drifted: true, rules } }
		expect(sayP1Shift(drifted)).toContain('p@1 has shifted from')
	})

	it('say how many titles were drawn, and what moved', () => {
		expect(describeSample(drift.current)).toBe('n = 10,000 titles')
		expect(describeSample({ ...drift.current, total: 165_147 })).toBe(
			'n = 10,000 of 165,147 titles, drawn at random',
		)
		expect(sayMoved(drift)).toContain('r/pics moved most, from 10.00% of them to 13.00%')
	})
})

describe('findings of a comparison of two reports', () => {
	const figures = compareReports(
		{ name: 'release 20130601.0', report },
		{
			name: 'release 20130701.0',
			report: makeEvaluationReport({
				metrics: { ...report.metrics, 'recall@5': 0.52 },
				subreddits: [...makeSubreddits(0.3).slice(1), ...makeSubreddits(0, ['new'])],
			}),
		},
	)

	it('say what changed, and claim no certainty that unpaired figures lack', () => {
		expect(sayVerdict(figures)).toBe(
			'Release 20130701.0 has +2.0 points of recall@5 beside release 20130601.0 (recall@5 50.0% → 52.0%)',
		)
		// Four gained 0.3; a new one was not there: its change is its f1, 0.1.
		expect(figures.changes?.within20).toBe(0.2)
		expect(sayChanges(figures)).toBe('20.0% of subreddits changed their f1 by at most 0.20')
		expect(sayScatter(figures)).toBe('5 subreddits got better, 0 worse')
		expect(sayCameAndWent(figures)).toBe('1 subreddit came among the first suggestions, 1 went')
	})

	it('warn of figures that are those of a twin', () => {
		const [a, b] = ['20130601.0', '20130701.0'].map((version) => ({
			name: `release ${version}`,
			report,
		}))
		if (!a || !b) throw new Error('no reports')
		expect(compareReports(a, b).warnings).toEqual([])
		expect(compareReports(a, { ...b, twin: {} }).warnings).toEqual([
			'the figures of release 20130701.0 are those of its twin, which has not learnt its test posts',
		])
	})

	it('count each change once, the largest in the last bin', () => {
		expect(figures.changes?.bins.counts.reduce((sum, count) => sum + count, 0)).toBe(5)
	})

	it('warn of other test posts', () => {
		const other = makeEvaluationReport({ testFrom: '2013-05-01T00:00:00Z' })
		const { warnings } = compareReports({ name: 'a', report }, { name: 'b', report: other })
		expect(warnings).toEqual([expect.stringContaining('different posts')])
	})
})
