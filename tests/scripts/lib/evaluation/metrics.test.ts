import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, AnswerTally } from '../../../../scripts/lib/evaluation/metrics.ts'
import { AppError } from '../../../../src/shared/app-error.ts'
import { Metrics } from '../../../../src/shared/metrics.ts'
import { parseWith } from '../../../../src/shared/parse.ts'

const LABELS = ['cats', 'dogs', 'birds', 'fish', 'ants', 'bees']

function tally(answers: readonly Answer[], labels: readonly string[] = LABELS) {
	const all = new AnswerTally(labels)
	for (const answer of answers) all.add(answer)
	return all.finish()
}

const anyAnswer: fc.Arbitrary<Answer> = fc.record({
	// The last one is a subreddit that the model does not know.
	actual: fc.constantFrom(...LABELS, 'rocks'),
	ranked: fc.uniqueArray(fc.constantFrom(...LABELS), { maxLength: 5 }),
	p1: fc.double({ min: 0, max: 1, noNaN: true }),
	p5: fc.double({ min: 0, max: 1, noNaN: true }),
})
const anyAnswers = fc.array(anyAnswer, { minLength: 1, maxLength: 60 })

describe('AnswerTally', () => {
	it('gives the figures of a small case that is worked out by hand', () => {
		const { metrics, subreddits, unknownTitlePosts } = tally([
			{ actual: 'cats', ranked: ['cats', 'dogs'], p1: 0.9, p5: 1 },
			{ actual: 'cats', ranked: ['dogs', 'cats'], p1: 0.5, p5: 0.8 },
			{ actual: 'dogs', ranked: ['dogs'], p1: 0.7, p5: 0.7 },
			{ actual: 'rocks', ranked: ['birds'], p1: 0.1, p5: 0.3 },
			{ actual: 'fish', ranked: [], p1: 0, p5: 0 },
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
			const answer = { actual: 'cats', ranked: ['cats'], p1: 0.5, p5: 0.5 }
			expect(() => tally([{ ...answer, p1: wrong }])).toThrow(RangeError)
			expect(() => tally([{ ...answer, p5: wrong }])).toThrow(RangeError)
		}
	})

	it('counts no more than five suggestions', () => {
		const ranked = ['dogs', 'birds', 'fish', 'ants', 'bees', 'cats']
		expect(tally([{ actual: 'cats', ranked, p1: 0.5, p5: 0.5 }]).metrics['recall@5']).toBe(0)
	})

	it('always gives figures that hold together and that the contract admits', () => {
		fc.assert(
			fc.property(anyAnswers, (answers) => {
				const { metrics, subreddits, unknownTitlePosts } = tally(answers)
				expect(parseWith(Metrics, metrics, 'metrics')).toEqual(metrics)
				expect(metrics['recall@1']).toBeLessThanOrEqual(metrics['recall@5'])
				const sum = (key: 'posts' | 'hits1' | 'hits5' | 'predicted') =>
					subreddits.reduce((total, figures) => total + figures[key], 0)
				expect(sum('posts')).toBe(answers.length)
				expect(sum('predicted')).toBe(answers.length - unknownTitlePosts)
				expect(sum('hits1') / answers.length).toBeCloseTo(metrics['recall@1'])
				expect(sum('hits5') / answers.length).toBeCloseTo(metrics['recall@5'])
				for (const { precision, recall, f1 } of subreddits)
					expect(f1).toBeCloseTo(
						precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
					)
			}),
		)
	})

	it('does not depend on the order of the posts', () => {
		fc.assert(
			fc.property(anyAnswers, (answers) => {
				const forth = tally(answers)
				const back = tally(answers.toReversed())
				expect(back.subreddits).toEqual(forth.subreddits)
				expect(back.metrics.ece).toBeCloseTo(forth.metrics.ece)
			}),
		)
	})

	it('finds no calibration error where a bin is right as often as it says', () => {
		const answers = Array.from({ length: 100 }, (_, index) => ({
			actual: 'cats',
			ranked: [index < 30 ? 'cats' : 'dogs'],
			p1: 0.3,
			p5: 0.3,
		}))
		expect(tally(answers).metrics.ece).toBeCloseTo(0)
	})
})
