import { describe, expect, it } from 'vitest'
import { compareReports, readComparison, sayTwins } from '../../src/charts/comparison-figures.ts'
import {
	sayCameAndWent,
	sayChance,
	sayChanges,
	sayChurn,
	sayGroups,
	sayMost,
	sayRecallChange,
	sayScatter,
	sayVerdict,
} from '../../src/charts/findings/comparison.ts'
import {
	describeSamples,
	formatDrawn,
	nameNew,
	sayDriftVerdict,
	sayMoved,
	sayP1Shift,
	sayServed,
} from '../../src/charts/findings/drift.ts'
import {
	describeTest,
	describeTwin,
	nameSplits,
	sayConfusions,
	sayCounts,
	sayP1,
	sayRecall,
	sayReliability,
	saySplits,
	saySubreddits,
	sayWeeks,
} from '../../src/charts/findings/evaluation.ts'
import { listClaims } from '../../src/charts/p1.ts'
import {
	makeComparisonReport,
	makeDriftReport,
	makeEvaluationReport,
	makeSubreddits,
} from '../fixtures/reports.ts'

const report = makeEvaluationReport()
const noPosts = <Row extends object>(row: Row) => ({ ...row, posts: 0 })

describe('findings of an evaluation', () => {
	it('say where it was measured', () => {
		expect(describeTest(report)).toBe(
			'10,000 posts of June 2013, newer than all that the measured model has learnt',
		)
	})

	it('say whose figures a release has that learnt its test posts', () => {
		const twin = { trainedUntil: '2013-07-01T00:00:00.000Z' }
		expect(describeTwin(twin, report)).toBe(
			'The figures are those of its twin: the same recipe, trained only on posts from before 1 July 2013. The release itself has learnt the test posts, too',
		)
	})

	it('say so where they are of the newest posts of each subreddit', () => {
		const newest = { ...report, split: 'newest', newest: 8 } as const
		expect(describeTest(newest)).toBe(
			"10,000 posts, each subreddit's newest 8, of June 2013, newer than what the measured model has learnt of the same subreddit",
		)
		expect(describeTwin({ trainedUntil: '2013-07-01T00:00:00.000Z' }, newest)).toContain(
			"the same recipe, trained without each subreddit's newest 8.",
		)
		expect(nameSplits(newest, { ...report, name: 'execution #7' })).toEqual({
			own: "each subreddit's newest 8",
			beside: 'split by time',
		})
		const fewer = { ...newest, newest: 4, name: 'execution #8' }
		expect(nameSplits(newest, fewer).beside).toBe("each subreddit's newest 4")
		expect(nameSplits(newest, { ...newest, name: 'execution #9' }).beside).toBe('execution #9')
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
			'Half of the 5 subreddits with test posts have an f1 above 0.30; 0 were never found first',
		)
		const more = [...makeSubreddits(0), ...makeSubreddits(0, ['new']).map(noPosts)]
		expect(sayCounts({ ...report, subreddits: more })).toBe(
			'The measured model knows 5 subreddits; the test posts are of 5, and 6 have test posts or were suggested first: macro F1 is the mean of these',
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
		expect(formatDrawn(drift.current)).toBe('n = 10,000 titles')
		expect(formatDrawn({ ...drift.current, total: 165_147 })).toBe(
			'n = 10,000 of 165,147 titles, drawn at random',
		)
		expect(sayMoved(drift)).toBe(
			'8.0% of first suggestions go to other subreddits than on the test posts; by chance alone it could be 4.0%. r/pics moved most, from 10.00% of them to 13.00%',
		)
	})

	it('call samples by their time, and name the files once', () => {
		expect(nameNew(drift.current)).toBe('new titles, July 2013')
		expect(sayDriftVerdict(drift)).toMatch(/^New titles, July 2013: drifted from/)
		expect(describeSamples(drift)).toBe(
			'test posts, June 2013 (test posts of release 20130601.0): n = 10,000 titles; new titles, July 2013 (RS_2013-07.zst): n = 10,000 titles',
		)
	})

	it('say where the drift of the release is that is served, and claim nothing else', () => {
		const says = (learntUntil: string | null, hasDrift = false) =>
			sayServed(drift, '20130801.0', { hasDrift, learntUntil })
		const served = 'Production serves release 20130801.0, not release 20130601.0'
		expect(says('2013-08-01T00:00:00Z')).toBe(
			`${served}: it has learnt posts until 31 July 2013, these among them, and its own drift has not been published`,
		)
		expect(says('2013-07-11T00:00:00Z')).toContain('until 10 July 2013, some of these among them')
		expect(says('2013-07-01T00:00:00Z')).toBe(`${served}: its own drift has not been published`)
		expect(says(null)).toBe(`${served}: its own drift has not been published`)
		expect(says('2013-08-01T00:00:00Z', true)).toBe(`${served}; its own drift is in the list`)
	})

	it('take instants with milliseconds and without them for the same', () => {
		const says = (from: string, until: string, learntUntil: string) =>
			sayServed({ ...drift, current: { ...drift.current, from, until } }, '20130801.0', {
				hasDrift: false,
				learntUntil,
			})
		const [july, august] = ['2013-07-01T00:00:00', '2013-08-01T00:00:00']
		expect(says(`${july}.000Z`, `${august}Z`, `${july}Z`)).not.toContain('it has learnt')
		expect(says(`${july}Z`, `${august}Z`, `${august}.000Z`)).not.toContain('some of')
		expect(says(`${july}Z`, `${august}.000Z`, `${august}Z`)).not.toContain('some of')
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
			'Release 20130701.0 beside release 20130601.0: recall@5 50.0% → 52.0% (+2.0 points)',
		)
		// Four gained 0.3; a new one was not there: its change is its f1, 0.1.
		expect(figures.changes?.within20).toBe(0.2)
		expect(sayChanges(figures)).toBe('20.0% of subreddits changed their f1 by at most 0.20')
		expect(sayScatter(figures)).toBe('5 subreddits got better, 0 worse')
		expect(sayCameAndWent(figures)).toBe(
			'Suggested first by release 20130701.0 only: 1 subreddit; by release 20130601.0 only: 1',
		)
	})

	it('show the digits that differ, and no worse above an open gate without a word about it', () => {
		const [a, b] = [0.5532, 0.5528].map((recall) => ({
			...figures.a,
			metrics: { ...report.metrics, 'recall@5': recall },
		}))
		if (!a || !b) throw new Error('no figures')
		const rule = { name: 'recall@5', passed: true } as NonNullable<typeof figures.rules>[number]
		const paired = { low: -0.0006, high: -0.0002 } as NonNullable<typeof figures.paired>
		const close = { ...figures, a, b, paired, rules: [rule] }
		expect(sayVerdict(close)).toContain('by less than the gate forbids: recall@5 55.32% → 55.28%')
		expect(sayVerdict({ ...close, rules: [{ ...rule, passed: false }] })).not.toContain('gate')
		expect(sayRecallChange(close)).toContain('55.28% of posts; it was for 55.32%')
		expect(sayRecallChange({ ...close, b: a })).toContain('55.3% of posts; it was for 55.3%')
	})

	it('name what fell where as many are among the five, and where that rose', () => {
		const one = { ...figures.a, metrics: { ...report.metrics, posts: 100_000 } }
		const other = (metrics: Partial<typeof one.metrics>) => ({
			...one,
			metrics: { ...one.metrics, ...metrics },
		})
		const { 'recall@1': first, 'recall@5': five } = one.metrics
		const say = (b: typeof one, paired: { low: number; high: number }) =>
			sayVerdict({ ...figures, a: one, b, paired: { difference: 0, ...paired }, rules: null })
		const even = { low: -0.001, high: 0.001 }
		const fell = other({ 'recall@1': first - 0.02 })
		expect(say(fell, even)).toMatch(
			/puts the right subreddit first less often than .*: recall@1 \d.*; among the five it is as often: recall@5/,
		)
		const kept = { name: 'recall@5', passed: true } as NonNullable<typeof figures.rules>[number]
		const zero = { low: -1e-5, high: 1e-5 } as NonNullable<typeof figures.paired>
		const open = sayVerdict({ ...figures, a: one, b: fell, paired: zero, rules: [kept] })
		expect(open).toMatch(/ often than .*, which no limit of the gate forbids: recall@1 /)
		// Of almost the same five there is none.
		expect(open).not.toContain('95%')
		expect(say(fell, even)).not.toContain('gate')
		expect(say(other({ 'recall@1': first + 0.02 }), even)).toContain('first more often than')
		expect(say(other({ 'recall@1': first - 0.0005 }), even)).toContain('neither better nor worse')
		const both = other({ 'recall@1': first - 0.02, 'recall@5': five + 0.02 })
		expect(say(both, { low: 0.01, high: 0.03 })).toMatch(/is better than .*, but recall@1 fell: /)
	})

	it('say once whose figures are those of twins, and what a twin is', () => {
		const [a, b] = ['20130601.0', '20130701.0'].map((version) => ({
			name: `release ${version}`,
			report,
		}))
		if (!a || !b) throw new Error('no reports')
		const says = (...twins: readonly object[]) =>
			compareReports({ ...a, twin: twins[1] }, { ...b, twin: twins[0] })
		const what =
			'a twin is the same recipe trained without the test posts, which the release itself has learnt, too'
		expect(says().twins).toBe('')
		expect(says({}).twins).toBe(`The figures of release 20130701.0 are those of its twin: ${what}`)
		expect(says({}, {}).twins).toBe(
			`The figures of release 20130601.0 and release 20130701.0 are those of twins: ${what}`,
		)
		expect(sayTwins(['d', 'c', 'b', 'a'])).toBe(
			`The figures of 4 releases, from a to d, are those of twins: ${what}`,
		)
		expect(sayTwins(['a', 'b', 'c'])).toBe(`The figures of a, b, and c are those of twins: ${what}`)
		expect(says({}, {}).warnings).toEqual([])
	})

	it('count each change once, the largest in the last bin', () => {
		expect(figures.changes?.bins.counts.reduce((sum, count) => sum + count, 0)).toBe(5)
	})

	it('warn of other test posts', () => {
		const other = makeEvaluationReport({ testFrom: '2013-05-01T00:00:00Z' })
		const { warnings, test } = compareReports({ name: 'a', report }, { name: 'b', report: other })
		expect(warnings).toEqual([expect.stringContaining('different posts')])
		expect(test).toMatch(/^10,000 posts of June 2013, .+ \(a\), and 10,000 posts of May 2013 to/)
	})
})

describe('findings of a comparison on the same posts', () => {
	const recorded = makeComparisonReport('20130601.0', '20130701.0')
	const figures = readComparison(recorded)
	const [group] = figures.groups
	if (!group) throw new Error('no group')
	const other = (name: string, low: number, high: number) => {
		const difference = (low + high) / 2
		return { ...group, name, change: { difference, low, high } }
	}

	it('call a twin by its release, and say so', () => {
		const named = (side: 'a' | 'b') => ({
			...recorded[side],
			name: `twin of ${recorded[side].name}`,
		})
		const { a, b, twins } = readComparison({ ...recorded, a: named('a'), b: named('b') })
		expect([a.name, b.name]).toEqual(['release 20130601.0', 'release 20130701.0'])
		expect(twins).toContain('release 20130601.0 and release 20130701.0 are those of twins')
		expect(figures.twins).toBe('')
	})

	it('name a release and its twin apart, and a release beside itself', () => {
		const name = recorded.a.name
		const names = (a: string, b: string) => {
			const figures = readComparison({
				...recorded,
				a: { ...recorded.a, name: a },
				b: { ...recorded.b, name: b },
			})
			return [figures.a.name, figures.b.name]
		}
		expect(names(name, `twin of ${name}`)).toEqual([name, `twin of ${name}`])
		expect(names(name, name)).toEqual([`${name} (A)`, `${name} (B)`])
		const { a, b } = compareReports({ name, report }, { name, report })
		expect([a.name, b.name]).toEqual([`${name} (A)`, `${name} (B)`])
	})

	it('say of groups what is more than chance, with interval and n', () => {
		expect(sayGroups([group, other('cats', -0.1, 0.02)])).toBe(
			'1 of 2 named groups changed by more than chance; politics changed most: recall@5 50.0% → 54.0% (+4.0 points, 95% from +1.0 points to +7.0 points; n = 500 posts)',
		)
		expect(sayGroups([other('cats', -0.1, 0.02)])).toMatch(
			/^None of 1 named group changed by more than chance; cats changed most/,
		)
		expect(sayGroups([other('cats', 0, 0)])).toBe('recall@5 changed in none of 1 named group')
	})

	it('say how wide chance is: the bins around zero that hold 95 of 100 subreddits', () => {
		const counts = new Array<number>(41).fill(0)
		counts.splice(18, 5, 2, 20, 56, 20, 2)
		const spread = { bins: { from: -1.025, to: 1.025, counts }, within20: 1 }
		const measured = { ...figures, chance: { halves: spread, swapped: spread } }
		expect(sayChance(measured)).toContain(
			'the f1 of 96.0% of subreddits changes by less than 0.075',
		)
		expect(sayChance({ ...figures, chance: null })).toContain('is not measured here')
	})

	it('say of chance nothing where no subreddit was measured, and end with any number of bins', () => {
		const withCounts = (counts: number[]) => {
			const spread = { bins: { from: -1.025, to: 1.025, counts }, within20: 0 }
			return { ...figures, chance: { halves: spread, swapped: spread } }
		}
		expect(sayChance(withCounts([0, 0, 0]))).toContain('is not measured here')
		expect(sayChance(withCounts([1, 1]))).toContain('By chance alone')
	})

	it('say which subreddits changed most, and on how many posts', () => {
		expect(sayMost(figures)).toBe(
			'Most gained: r/cats (f1 0.300 → 0.600, n = 102 posts); most lost: none',
		)
		expect(sayMost({ ...figures, minPosts: 1_000 })).toBe(
			'No subreddit has 1,000 test posts or more, so the change of a single one is mostly chance',
		)
	})

	it('say what only one of the two can suggest, and when older posts are of', () => {
		expect(sayCameAndWent(figures)).toBe(
			'Can be suggested by release 20130701.0 only: 1 subreddit; by release 20130601.0 only: 0',
		)
		expect(sayCameAndWent({ ...figures, came: [] })).toBe(
			'No subreddit can be suggested by only one of the two',
		)
		expect(sayChurn(figures.churn)).toMatch(
			/^For 40\.0% of test posts of June 2013 the first suggestion changed/,
		)
	})
})
