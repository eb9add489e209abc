import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReportTally } from '../../../../scripts/lib/evaluation/report-tally.ts'
import { dayOf } from '../../../../scripts/lib/evaluation/week-tally.ts'
import { MAX_CONFUSIONS } from '../../../../src/shared/evaluation-report.ts'
import { EXPECTED } from '../../../fixtures/statistics.ts'

const JUNE = '2013-06-01T09:30:00.000Z'
const FIRST_DAY = dayOf(Date.parse(JUNE) / 1000)

const anyPost = fc.record({
	subreddit: fc.constantFrom('cats', 'dogs', 'birds', 'rocks'),
	day: fc.option(fc.integer({ min: FIRST_DAY, max: FIRST_DAY + 40 }), { nil: undefined }),
	words: fc.nat(12),
	suggestions: fc.uniqueArray(
		fc.record({
			subreddit: fc.constantFrom('cats', 'dogs', 'birds'),
			probability: fc.double({ min: 0, max: 1, noNaN: true }),
		}),
		{ maxLength: 3, selector: ({ subreddit }) => subreddit },
	),
})

describe('ReportTally', () => {
	it('agrees with scikit-learn', () => {
		const { posts, labels, confusion, ...expected } = EXPECTED.evaluation
		const tally = new ReportTally(labels)
		for (const { actual, suggestions } of posts)
			tally.add({
				subreddit: actual,
				suggestions: suggestions.map(([subreddit, probability]) => ({ subreddit, probability })),
				words: 3,
				knownWords: 2,
			})
		const { metrics, subreddits, confusions, weeks, words } = tally.finish(JUNE)
		expect(metrics['recall@1']).toBeCloseTo(expected['recall@1'], 12)
		expect(metrics['recall@5']).toBeCloseTo(expected['recall@5'], 12)
		expect(metrics.macroF1).toBeCloseTo(expected.macroF1, 12)
		expect(subreddits.map(({ label }) => label)).toEqual(labels)
		for (const [place, figures] of subreddits.entries()) {
			expect(figures.precision).toBeCloseTo(expected.precision[place] ?? -1, 12)
			expect(figures.recall).toBeCloseTo(expected.recall[place] ?? -1, 12)
			expect(figures.f1).toBeCloseTo(expected.f1[place] ?? -1, 12)
			expect(figures.posts).toBe(expected.support[place])
		}
		const found = Object.fromEntries(
			confusions.map(({ actual, predicted, posts: count }) => [`${actual} ${predicted}`, count]),
		)
		const wanted = labels.flatMap((actual, row) =>
			labels.map(
				(predicted, column) => [`${actual} ${predicted}`, confusion[row]?.[column] ?? 0] as const,
			),
		)
		const isMiss = ([pair, count]: readonly [string, number]) =>
			count > 0 && new Set(pair.split(' ')).size === 2
		expect(found).toEqual(Object.fromEntries(wanted.filter(isMiss)))
		expect(weeks).toEqual([])
		expect(words).toMatchObject({ known: 160, unknown: 80 })
	})

	it('counts weeks from the day of the first post', () => {
		const tally = new ReportTally(['cats'])
		const suggestions = [{ subreddit: 'cats', probability: 0.5 }]
		const words = { words: 1, knownWords: 1 }
		for (const day of [0, 6, 7, 21])
			tally.add({
				subreddit: day === 7 ? 'dogs' : 'cats',
				day: FIRST_DAY + day,
				suggestions,
				...words,
			})
		tally.add({ subreddit: 'cats', suggestions, ...words })
		expect(tally.finish(JUNE).weeks).toEqual([
			{ from: '2013-06-01T00:00:00.000Z', posts: 2, 'recall@1': 1, 'recall@5': 1, meanP1: 0.5 },
			{ from: '2013-06-08T00:00:00.000Z', posts: 1, 'recall@1': 0, 'recall@5': 0, meanP1: 0.5 },
			{ from: '2013-06-22T00:00:00.000Z', posts: 1, 'recall@1': 1, 'recall@5': 1, meanP1: 0.5 },
		])
	})

	it('lists the most frequent confusions only', () => {
		const labels = Array.from({ length: 80 }, (_, index) => `r${index}`)
		const tally = new ReportTally([...labels, 'cats'])
		for (const [index, subreddit] of labels.entries())
			for (let post = 0; post <= index; post += 1)
				tally.add({
					subreddit,
					suggestions: [{ subreddit: 'cats', probability: 0.1 }],
					words: 1,
					knownWords: 1,
				})
		const { confusions } = tally.finish(JUNE)
		expect(confusions).toHaveLength(MAX_CONFUSIONS)
		expect(confusions[0]).toEqual({ actual: 'r79', predicted: 'cats', posts: 80 })
		expect(confusions.at(-1)).toEqual({ actual: 'r30', predicted: 'cats', posts: 31 })
	})

	it('counts the same posts in bins, subreddits, weeks and totals', () => {
		fc.assert(
			fc.property(fc.array(anyPost, { minLength: 1, maxLength: 50 }), (posts) => {
				const tally = new ReportTally(['cats', 'dogs', 'birds'])
				for (const post of posts) tally.add({ ...post, knownWords: Math.floor(post.words / 2) })
				const { metrics, p1, weeks, words, subreddits, confusions, unknownTitlePosts } =
					tally.finish(JUNE)
				const sum = <Item>(items: readonly Item[], of: (item: Item) => number) =>
					items.reduce((total, item) => total + of(item), 0)
				expect(sum(p1.bins, (bin) => bin.posts)).toBe(posts.length)
				expect(sum(p1.bins, (bin) => bin.hits) / posts.length).toBeCloseTo(metrics['recall@1'])
				expect(sum(p1.bins, (bin) => bin.sum) / posts.length).toBeCloseTo(metrics.meanP1)
				expect(sum(subreddits, (one) => one.meanP1 * one.predicted) / posts.length).toBeCloseTo(
					metrics.meanP1,
				)
				expect(sum(weeks, (week) => week.posts)).toBe(
					posts.filter(({ day }) => day !== undefined).length,
				)
				expect(words.known + words.unknown).toBe(sum(posts, (post) => post.words))
				const misses = posts.length - sum(p1.bins, (bin) => bin.hits) - unknownTitlePosts
				expect(sum(confusions, (pair) => pair.posts)).toBe(misses)
			}),
		)
	})
})
