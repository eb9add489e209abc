import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeUse } from '../../../../scripts/lib/feedback/use.ts'
import { formatText } from '../../../../scripts/lib/reports/document.ts'
import { useSections } from '../../../../scripts/lib/reports/use-sections.ts'
import { P1Tally } from '../../../../scripts/lib/statistics/p1-tally.ts'
import type { Feedback, Pick } from '../../../../src/shared/feedback.ts'
import { parseWith } from '../../../../src/shared/parse.ts'
import { UseReport } from '../../../../src/shared/use-report.ts'
import { makeFeedback } from '../../../fixtures/feedback.ts'

const NOW = new Date('2013-08-01T00:00:00Z')
const RELEASE = '20130702.0'
const CANARY = '20130704.0'

const use = (lines: readonly Feedback[], testBins = new Map(), canary: string | null = CANARY) =>
	describeUse(
		lines.map((line) => ({ line, source: 'picks.jsonl' })),
		{ testBins, canary, now: NOW },
	)

function line(id: number, pick: Pick, more: Partial<Feedback> = {}): Feedback {
	return { ...makeFeedback({ id, title: `title ${id}`, pick, minute: 0 }), ...more }
}

const first: Pick = { how: 'suggestion', rank: 1, subreddit: 'cats' }
const third: Pick = { how: 'suggestion', rank: 3, subreddit: 'cats' }
const none: Pick = { how: 'none' }

describe('describeUse', () => {
	it('counts by rank, release, channel and month', () => {
		const report = use([
			line(1, first),
			line(2, third, { time: '2013-07-31T23:59:00.000Z' }),
			line(3, none, { time: '2013-08-01T00:00:00.000Z', release: CANARY }),
			line(4, { how: 'typed', subreddit: 'Trivia' }),
			line(5, { how: 'search', subreddit: 'trivia' }),
		])
		expect(parseWith(UseReport, report, 'use')).toEqual(report)
		expect(report).toMatchObject({ picks: 5, unusable: 1, until: '2013-08-01T00:00:00.000Z' })
		expect(report.total).toMatchObject({
			useful: { value: 0.4 },
			first: { value: 0.2 },
			named: { value: 0.4 },
			none: { value: 0.2 },
		})
		expect(report.ranks.map(({ picks }) => picks)).toEqual([1, 0, 1, 0, 0])
		expect(report.releases.map(({ name, picks }) => [name, picks])).toEqual([
			[RELEASE, 4],
			[CANARY, 1],
		])
		expect(report.channels.map(({ name, picks }) => [name, picks])).toEqual([['production', 5]])
		expect(report.months.map(({ name, picks }) => [name, picks])).toEqual([
			['2013-07', 4],
			['2013-08', 1],
		])
		expect(report.named).toEqual([{ subreddit: 'trivia', searched: 1, typed: 1 }])
		expect(report.canary).toBeNull()
	})

	it('counts a subreddit that the model has not learnt among those that were named', () => {
		const report = use([
			line(1, { how: 'unseen', subreddit: 'DevelEire' }),
			line(2, { how: 'typed', subreddit: 'develeire' }),
		])
		expect(report.total).toMatchObject({ named: { value: 1 }, useful: { value: 0 } })
		expect(report.named).toEqual([{ subreddit: 'develeire', searched: 1, typed: 1 }])
	})

	it("holds p@1 of people's titles against the test posts'", () => {
		const tally = new P1Tally()
		for (let post = 0; post < 100; post += 1) tally.add(0.2, false)
		const empty = line(2, none, { suggestions: [] })
		const { p1 } = use([line(1, first), empty], new Map([[RELEASE, tally.finish()]]))
		// One title has a p@1 of 0.5, one has no suggestion: half of them are below 0.2.
		expect(p1[0]).toMatchObject({ release: RELEASE, meanP1: 0.25, test: { ks: { value: 0.5 } } })
		expect(p1[0]?.people[50]).toEqual({ posts: 1, sum: 0.5, hits: 1 })
		expect(use([line(1, first)]).p1[0]?.test).toBeNull()
	})

	it('says nothing of nothing', () => {
		const report = use([])
		expect(parseWith(UseReport, report, 'use')).toMatchObject({ picks: 0, total: null, ranks: [] })
	})

	it('adds up, whatever was picked in whichever order', () => {
		const anyPick = fc.constantFrom<Pick>(first, third, none, { how: 'typed', subreddit: 'dogs' })
		const lines = fc
			.array(fc.tuple(anyPick, fc.nat(59), fc.constantFrom('production', 'staging', 'canary')), {
				minLength: 1,
				maxLength: 40,
			})
			.map((all) =>
				all.map(([pick, minute, channel], id) => {
					const made = makeFeedback({ id, title: `title ${id}`, pick, minute })
					return { ...made, channel: channel as Feedback['channel'] }
				}),
			)
		fc.assert(
			fc.property(lines, (all) => {
				const report = use(all)
				expect(parseWith(UseReport, report, 'use')).toEqual(report)
				expect(use(all.toReversed())).toEqual(report)
				const shares = [report.total?.useful, report.total?.named, report.total?.none]
				expect(shares.reduce((sum, share) => sum + (share?.value ?? 0), 0)).toBeCloseTo(1)
				for (const groups of [report.releases, report.channels, report.months])
					expect(groups.reduce((sum, { picks }) => sum + picks, 0)).toBe(all.length)
			}),
		)
	})
})

describe('the canary', () => {
	const picks = (count: number, useful: number, more: Partial<Feedback>, from = 0) =>
		Array.from({ length: count }, (_, index) =>
			line(from + index, index < useful ? first : none, more),
		)
	const canary = { channel: 'canary', release: CANARY, time: '2013-07-06T00:00:00.000Z' } as const
	const before = { time: '2013-07-05T00:00:00.000Z' }
	const during = { time: '2013-07-07T00:00:00.000Z' }

	it('is compared with what production served since its first pick', () => {
		const { canary: test } = use([
			...picks(500, 0, before),
			...picks(400, 200, during, 1_000),
			...picks(100, 70, canary, 2_000),
		])
		expect(test).toMatchObject({
			release: CANARY,
			from: '2013-07-06T00:00:00.000Z',
			production: { picks: 400, useful: { value: 0.5 } },
			canary: { picks: 100, useful: { value: 0.7 } },
			verdict: 'better',
		})
		expect(test?.difference.value).toBeCloseTo(0.2)
	})

	it('says so where so few picks can not tell', () => {
		const report = use([...picks(40, 20, during), ...picks(10, 5, canary, 1_000)])
		expect(report.canary?.verdict).toBe('no clear difference')
		expect(formatText(useSections(report))).toMatch(
			/canary 20130704\.0 is 0\.00 points from production's .*no clear difference/,
		)
	})

	it('is the release that the channel serves, whatever a pick says', () => {
		const picked = [...picks(40, 20, during), ...picks(10, 5, canary, 1_000)]
		const made = {
			channel: 'canary',
			release: '20130801.9',
			time: '2013-08-02T00:00:00.000Z',
		} as const
		const { canary: test } = use([...picked, ...picks(1, 0, made, 2_000)])
		expect(test).toEqual(use(picked).canary)
		expect(test).toMatchObject({ release: CANARY, canary: { picks: 10 } })
		expect(use(picked, new Map(), null).canary).toBeNull()
	})

	it('is compared with nothing where production has no picks', () => {
		expect(use(picks(10, 5, canary)).canary).toBeNull()
	})
})
