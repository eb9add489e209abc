import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MetricsTally } from '../../../../scripts/lib/evaluation/metrics.ts'
import { AppError } from '../../../../src/shared/app-error.ts'
import { Metrics } from '../../../../src/shared/metrics.ts'
import { parseWith } from '../../../../src/shared/parse.ts'

const LABELS = ['cats', 'dogs', 'birds', 'fish', 'ants', 'bees']

/** A post, and what was suggested for it. */
interface Judged {
	readonly actual: string
	readonly suggested: readonly (readonly [subreddit: string, probability: number])[]
}

function tally(posts: readonly Judged[], labels: readonly string[] = LABELS) {
	const all = new MetricsTally(labels)
	for (const { actual, suggested } of posts) {
		const suggestions = suggested.map(([subreddit, probability]) => ({ subreddit, probability }))
		all.add(actual, suggestions)
	}
	return all.finish()
}

const anyPost: fc.Arbitrary<Judged> = fc.record({
	// The last one is a subreddit that the model does not know.
	actual: fc.constantFrom(...LABELS, 'rocks'),
	suggested: fc.uniqueArray(
		fc.tuple(fc.constantFrom(...LABELS), fc.double({ min: 0, max: 1, noNaN: true })),
		{ maxLength: 5, selector: ([subreddit]) => subreddit },
	),
})
const anyPosts = fc.array(anyPost, { minLength: 1, maxLength: 60 })

describe('MetricsTally', () => {
	it('gives the figures of a small case that is worked out by hand', () => {
		const { metrics, subreddits, unknownTitlePosts } = tally([
			{
				actual: 'cats',
				suggested: [
					['cats', 0.9],
					['dogs', 0.1],
				],
			},
			{
				actual: 'cats',
				suggested: [
					['dogs', 0.5],
					['cats', 0.3],
				],
			},
			{ actual: 'dogs', suggested: [['dogs', 0.7]] },
			{
				actual: 'rocks',
				suggested: [
					['birds', 0.1],
					['ants', 0.1],
					['bees', 0.1],
				],
			},
			{ actual: 'fish', suggested: [] },
		])
		expect(metrics).toMatchObject({ posts: 5, labels: 6, unknownLabelPosts: 1 })
		expect(metrics['recall@1']).toBeCloseTo(2 / 5)
		expect(metrics['recall@5']).toBeCloseTo(3 / 5)
		expect(metrics.meanP1).toBeCloseTo(2.2 / 5)
		// cats and dogs 2/3 each; birds, fish and rocks 0; ants and bees occur nowhere.
		expect(metrics.macroF1).toBeCloseTo(4 / 3 / 5)
		// Each post is alone in its bin: |1 − .9| + |0 − .5| + |1 − .7| + |0 − .1| + 0.
		expect(metrics.ece).toBeCloseTo(1 / 5)
		// The first two and the third: |1 − 1|, |1 − .8|, |1 − .7|, |0 − .3|, 0.
		expect(metrics['ece@5']).toBeCloseTo(0.8 / 5)
		expect(subreddits.map(({ label }) => label)).toEqual(['birds', 'cats', 'dogs', 'fish', 'rocks'])
		expect(subreddits[1]).toMatchObject({ posts: 2, hits1: 1, hits5: 2, predicted: 1 })
		expect(subreddits[1]).toMatchObject({ precision: 1, recall: 0.5 })
		expect(unknownTitlePosts).toBe(1)
	})

	it('gives no score for no posts', () => {
		expect(() => tally([])).toThrow(AppError)
	})

	it('takes no probability that is not one', () => {
		for (const wrong of [Number.NaN, -0.1, 1.1]) {
			const first: Judged = { actual: 'cats', suggested: [['cats', wrong]] }
			const second: Judged = {
				actual: 'cats',
				suggested: [
					['dogs', 0.5],
					['cats', wrong],
				],
			}
			expect(() => tally([first])).toThrow(RangeError)
			expect(() => tally([second])).toThrow(RangeError)
		}
	})

	it('counts no more than five suggestions', () => {
		const names = ['dogs', 'birds', 'fish', 'ants', 'bees', 'cats']
		const suggested = names.map((name) => [name, 0.1] as const)
		const { metrics } = tally([{ actual: 'cats', suggested }])
		expect(metrics['recall@5']).toBe(0)
		expect(metrics['ece@5']).toBeCloseTo(0.5)
	})

	it('always gives figures that hold together and that the contract admits', () => {
		fc.assert(
			fc.property(anyPosts, (posts) => {
				const { metrics, subreddits, unknownTitlePosts } = tally(posts)
				expect(parseWith(Metrics, metrics, 'metrics')).toEqual(metrics)
				expect(metrics['recall@1']).toBeLessThanOrEqual(metrics['recall@5'])
				const sum = (key: 'posts' | 'hits1' | 'hits5' | 'predicted') =>
					subreddits.reduce((total, figures) => total + figures[key], 0)
				expect(sum('posts')).toBe(posts.length)
				expect(sum('predicted')).toBe(posts.length - unknownTitlePosts)
				expect(sum('hits1') / posts.length).toBeCloseTo(metrics['recall@1'])
				expect(sum('hits5') / posts.length).toBeCloseTo(metrics['recall@5'])
				for (const { precision, recall, f1 } of subreddits)
					expect(f1).toBeCloseTo(
						precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
					)
			}),
		)
	})

	it('does not depend on the order of the posts', () => {
		fc.assert(
			fc.property(anyPosts, (posts) => {
				const forth = tally(posts)
				const back = tally(posts.toReversed())
				// The order of a sum moves its last digits.
				const rounded = ({ subreddits }: typeof forth) =>
					subreddits.map((figures) => ({ ...figures, meanP1: figures.meanP1.toFixed(9) }))
				expect(rounded(back)).toEqual(rounded(forth))
				expect(back.metrics.ece).toBeCloseTo(forth.metrics.ece)
			}),
		)
	})

	it('finds no calibration error where a bin is right as often as it says', () => {
		const posts = Array.from({ length: 100 }, (_, index): Judged => {
			return { actual: 'cats', suggested: [[index < 30 ? 'cats' : 'dogs', 0.3]] }
		})
		expect(tally(posts).metrics.ece).toBeCloseTo(0)
	})
})
