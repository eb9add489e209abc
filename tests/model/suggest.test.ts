import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../scripts/lib/engine.ts'
import { Suggester } from '../../src/model/suggest.ts'
import type { Calibration } from '../../src/shared/calibration.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'

const engine = await loadEngine(makeModelFile({ topics: TOPICS }))

function makeCalibration(...probabilities: readonly number[]): Calibration {
	return {
		method: 'isotonic',
		posts: 100,
		ranks: Array.from({ length: 5 }, (_, rank) => ({
			scores: [0],
			probabilities: [probabilities[rank] ?? 0],
		})),
		total: { scores: [0, 1], probabilities: [0, 1] },
	}
}

const identity: Calibration = {
	method: 'isotonic',
	posts: 100,
	ranks: Array.from({ length: 5 }, () => ({ scores: [0, 1], probabilities: [0, 1] })),
	total: { scores: [0, 1], probabilities: [0, 1] },
}

const ask = (calibration: Calibration, title: string) =>
	new Suggester(engine, { calibration }).suggest(title)

describe('suggest', () => {
	it('normalises the title before it asks the engine', () => {
		const { normalized, known, suggestions } = ask(identity, 'KITTEN &amp; Whiskers!!!')
		expect(normalized).toBe('kitten & whiskers !')
		expect(known).toBe(true)
		expect(suggestions[0]?.subreddit).toBe('cats')
	})

	it('gives five suggestions, as many as the model has labels at most', async () => {
		expect(ask(identity, 'kitten').suggestions).toHaveLength(5)
		const { cats = [], linux = [] } = TOPICS
		const small = await loadEngine(makeModelFile({ topics: { cats, linux } }))
		const names = new Suggester(small, { calibration: identity })
			.suggest('kitten')
			.suggestions.map(({ subreddit }) => subreddit)
		expect(names).toEqual(['cats', 'linux'])
	})

	it('gives calibrated probabilities, and never a higher one to a lower rank', () => {
		const calibration = makeCalibration(0.3, 0.1, 0.2, 0.05, 0.9)
		const { suggestions } = ask(calibration, 'kitten')
		for (const [rank, expected] of [0.3, 0.1, 0.1, 0.05, 0.05].entries())
			expect(suggestions[rank]?.probability).toBeCloseTo(expected, 12)
	})

	it('never promises more than one right subreddit, and lets the first suggestion stand', () => {
		const { suggestions } = ask(makeCalibration(0.6, 0.5, 0.2, 0.1, 0), 'kitten')
		const probabilities = suggestions.map(({ probability }) => probability)
		expect(probabilities[0]).toBe(0.6)
		expect(probabilities.reduce((sum, probability) => sum + probability)).toBeCloseTo(1, 12)
		expect(probabilities[1]).toBeCloseTo(0.25, 12)
	})

	it('puts the five that the prior chooses into the order that it gives them', () => {
		const names = engine.labels()
		const sizes = new Map([...names].sort().map((name, at) => [name, 10 ** (at % 4)]))
		const sorted = [...sizes.keys()]
		const mean = [...sizes.values()].reduce((sum, size) => sum + size) / sizes.size
		const weights = sorted.map((name) => Math.log(1 + (0.1 * (sizes.get(name) ?? 0)) / mean))
		const prior = { alpha: 0, beta: 0.1, gamma: 0, weights }
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom(...Object.values(TOPICS).flat()), { minLength: 1, maxLength: 6 }),
				(words) => {
					const title = words.join(' ')
					const ask = (order: { order?: number }) =>
						new Suggester(engine, { calibration: identity, prior: { ...prior, ...order } })
							.suggest(title)
							.suggestions.map(({ subreddit, score }) => ({ subreddit, score }))
					const [chosen, ordered] = [ask({}), ask({ order: 2 })]
					const set = (list: typeof chosen) => list.map(({ subreddit }) => subreddit).sort()
					expect(set(ordered)).toEqual(set(chosen))
					const scores = ordered.map(({ score }) => score)
					expect(scores).toEqual([...scores].sort((a, b) => b - a))
					// The largest gains most: it stands no lower than before.
					const size = (name: string) => sizes.get(name) ?? 0
					const [largest] = [...chosen].sort((a, b) => size(b.subreddit) - size(a.subreddit))
					const rank = (list: typeof chosen) =>
						list.findIndex(({ subreddit }) => size(subreddit) === size(largest?.subreddit ?? ''))
					expect(rank(ordered)).toBeLessThanOrEqual(rank(chosen))
				},
			),
		)
	})

	it.each(['', '   ', '\u200b', 'Qwfpgj zxcdv', '!!! ???'])(
		'suggests nothing for %j, and says that it does not know it',
		(title) => {
			expect(ask(identity, title)).toMatchObject({ known: false, suggestions: [] })
		},
	)

	it('answers any text with finite probabilities in order', () => {
		const anyText = fc.oneof(
			fc.string({ unit: 'binary', maxLength: 500 }),
			fc
				.array(fc.constantFrom('kitten', 'rook', 'x', '__label__cats', '</s>'), { maxLength: 20 })
				.map((words) => words.join(' ')),
		)
		fc.assert(
			fc.property(anyText, (title) => {
				const { known, suggestions } = ask(identity, title)
				expect(suggestions).toHaveLength(known ? 5 : 0)
				const probabilities = suggestions.map(({ probability }) => probability)
				expect(probabilities.every((p) => p >= 0 && p <= 1)).toBe(true)
				expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a))
			}),
		)
	})
})
