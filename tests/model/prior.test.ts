import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PriorIndex, weighPredictions } from '../../src/model/prior.ts'
import { parseWith } from '../../src/shared/parse.ts'
import { Prior } from '../../src/shared/prior.ts'

const LABELS = ['Zoo', 'ants', 'bees', 'cats', 'dogs']
const anyWeight = fc.double({ min: -20, max: 20, noNaN: true })
const anyPredictions = fc
	.array(fc.double({ min: 1e-5, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 })
	.map((scores) =>
		scores.sort((a, b) => b - a).map((score, index) => ({ label: LABELS[index] as string, score })),
	)

describe('PriorIndex', () => {
	it('reads weights in the order of the names, by code unit', () => {
		const names = ['dogs', 'cats', 'bees', 'ants', 'Zoo']
		const prior = new PriorIndex({ alpha: 1, gamma: 0, weights: [1, 2, 3, 4, 5] }, names)
		const weights = prior.weightsFor(1)
		expect(LABELS.map((name) => weights.get(name))).toEqual([1, 2, 3, 4, 5])
		expect(weights.get('birds')).toBeUndefined()
	})

	it('refuses a prior that was made for other labels', () => {
		expect(() => new PriorIndex({ alpha: 1, gamma: 0, weights: [1] }, LABELS)).toThrow(
			'1 weights for 5 labels',
		)
	})

	it('lets weights count more in titles of few known words, and only there', () => {
		const short = [
			{ knownWords: 1, times: 3 },
			{ knownWords: 4, times: 1.5 },
		]
		const prior = new PriorIndex({ alpha: 1, gamma: 0, weights: [-2, 0, 2, 4, 6], short }, LABELS)
		const dogsAt = (knownWords: number) => prior.weightsFor(knownWords).get('dogs')
		expect([0, 1, 2, 4, 5, 100].map(dogsAt)).toEqual([18, 18, 9, 9, 6, 6])
	})

	it('derives the order of the five from what beta gave each label', () => {
		const sizes = [0, 10, 1_000, 50_000, 2_000_000]
		const mean = sizes.reduce((sum, size) => sum + size) / sizes.length
		const weigh = (beta: number, shift: number) =>
			sizes.map((size) => Math.log(1 + (beta * size) / mean) - shift)
		fc.assert(
			fc.property(
				fc.double({ min: 0.01, max: 2, noNaN: true }),
				fc.double({ min: 0.01, max: 2, noNaN: true }),
				fc.double({ min: -2, max: 2, noNaN: true }),
				(beta, order, shift) => {
					const weights = weigh(beta, shift)
					const prior = new PriorIndex({ alpha: 0, beta, gamma: 0, order, weights }, LABELS)
					const derived = LABELS.toSorted().map((label) => prior.orderFor(9)?.get(label))
					for (const [at, weight] of weigh(order, 0).entries())
						expect(derived[at]).toBeCloseTo(weight, 8)
				},
			),
		)
	})

	it('has no order of its own where none was chosen', () => {
		const prior = { alpha: 0, beta: 0.2, gamma: 0, weights: [1, 2, 3, 4, 5] }
		expect(new PriorIndex(prior, LABELS).orderFor(9)).toBeNull()
	})

	it.each([
		[{ alpha: 0.1, beta: 0.2, gamma: 0 }],
		[{ alpha: 0, beta: 0.2, gamma: 0.1 }],
		[{ alpha: 0, beta: 0, gamma: 0 }],
	])('has a contract that refuses an order beside %j', (strengths) => {
		const prior = { ...strengths, order: 1, weights: [1] }
		expect(() => parseWith(Prior, prior, 'prior')).toThrow('needs weights of beta alone')
	})

	it.each([
		[{ knownWords: 0, times: 2 }],
		[{ knownWords: 1.5, times: 2 }],
		[{ knownWords: 1, times: -1 }],
		[{ knownWords: 1, times: 1e3 }],
	])('has a contract that refuses %j for short titles', (step) => {
		const prior = { alpha: 0.2, gamma: 0.5, weights: [1], short: [step] }
		expect(() => parseWith(Prior, prior, 'prior')).toThrow('prior')
	})

	it('has a contract that refuses short titles out of order', () => {
		const short = [2, 1].map((knownWords) => ({ knownWords, times: 2 }))
		const prior = { alpha: 0.2, gamma: 0.5, weights: [1], short }
		expect(() => parseWith(Prior, prior, 'prior')).toThrow('do not ascend')
	})

	it.each([[[]], [[Number.NaN]], [[1e9]]])(
		'has a contract that refuses the weights %j',
		(weights) => {
			expect(() => parseWith(Prior, { alpha: 0.2, gamma: 0.5, weights }, 'prior')).toThrow('prior')
		},
	)
})

describe('weighPredictions', () => {
	it('multiplies by e to the weight, as worked out by hand', () => {
		const weighed = weighPredictions(
			[
				{ label: 'ants', score: 0.6 },
				{ label: 'bees', score: 0.3 },
				{ label: 'cats', score: 0.1 },
			],
			new Map([
				['ants', 0],
				['bees', Math.log(4)],
				['cats', Math.log(2)],
			]),
		)
		expect(weighed.map(({ label }) => label)).toEqual(['bees', 'ants', 'cats'])
		for (const [index, expected] of [0.6, 0.3, 0.1].entries())
			expect(weighed[index]?.score).toBeCloseTo(expected, 12)
	})

	it('gives probabilities in falling order that add up to 1, whatever the weights', () => {
		fc.assert(
			fc.property(
				anyPredictions,
				fc.array(anyWeight, { minLength: 5, maxLength: 5 }),
				(all, list) => {
					const weights = new Map(LABELS.map((label, index) => [label, list[index] as number]))
					const scores = weighPredictions(all, weights).map(({ score }) => score)
					expect(scores).toEqual(scores.toSorted((a, b) => b - a))
					expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 9)
				},
			),
		)
	})

	it('keeps the order where all weights are the same', () => {
		fc.assert(
			fc.property(anyPredictions, anyWeight, (all, weight) => {
				const weights = new Map(LABELS.map((label) => [label, weight]))
				const labels = weighPredictions(all, weights).map(({ label }) => label)
				expect(labels).toEqual(all.map(({ label }) => label))
			}),
		)
	})
})
