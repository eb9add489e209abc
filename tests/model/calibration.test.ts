import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MetricsTally } from '../../scripts/lib/evaluation/metrics.ts'
import {
	calibrate,
	calibrateAll,
	curvesFor,
	fitCalibration,
	fitCurves,
	type Outcome,
} from '../../src/model/calibration.ts'
import { Calibration } from '../../src/shared/calibration.ts'
import { parseWith } from '../../src/shared/parse.ts'
import { seededRandom } from '../fixtures/corpus.ts'

const anyScore = fc.double({ min: 0, max: 1, noNaN: true })
const anyOutcomes = fc.array(fc.record({ score: anyScore, hit: fc.boolean() }), {
	minLength: 1,
	maxLength: 300,
})

/** Posts whose first suggestion is right with probability `truth(score)`. */
function drawOutcomes(count: number, truth: (score: number) => number, seed = 1): Outcome[] {
	const random = seededRandom(seed)
	return Array.from({ length: count }, () => {
		const score = random()
		return { score, hit: random() < truth(score) }
	})
}

/** Posts with one suggestion each. */
function alone(outcomes: readonly Outcome[]): Outcome[][] {
	return outcomes.map((outcome) => [outcome])
}

/** Posts with five suggestions; how often one of them is right grows with the square of what their scores add up to. */
function drawPosts(count: number, seed: number): Outcome[][] {
	const random = seededRandom(seed)
	return Array.from({ length: count }, () => {
		const sum = random()
		const weights = Array.from({ length: 5 }, () => random() ** 2).sort((a, b) => b - a)
		const weight = weights.reduce((total, one) => total + one)
		let point = random() / (0.7 * sum ** 2)
		return weights.map((one) => {
			const hit = point >= 0 && point < one / weight
			point -= one / weight
			return { score: (sum * one) / weight, hit }
		})
	})
}

function eceOf(outcomes: readonly Outcome[], p1: (score: number) => number): number {
	const tally = new MetricsTally(['yes'])
	for (const { score, hit } of outcomes)
		tally.add('yes', [{ subreddit: hit ? 'yes' : 'no', probability: p1(score) }])
	return tally.finish().metrics.ece
}

describe('fitCurves', () => {
	it('never gives a higher score a lower probability, and stays within 0 and 1', () => {
		fc.assert(
			fc.property(anyOutcomes, anyScore, anyScore, (outcomes, a, b) => {
				const curves = fitCurves(alone(outcomes))
				const low = calibrate(curves, 1, Math.min(a, b))
				const high = calibrate(curves, 1, Math.max(a, b))
				expect(low).toBeGreaterThanOrEqual(0)
				expect(high).toBeLessThanOrEqual(1)
				expect(low).toBeLessThanOrEqual(high + 1e-12)
			}),
		)
	})

	it('keeps the mean: over the posts it was fitted on, it promises as many hits as there were', () => {
		const outcomes = drawOutcomes(5_000, (score) => score ** 2)
		const curves = fitCurves(alone(outcomes))
		const promised = outcomes.reduce((sum, { score }) => sum + calibrate(curves, 1, score), 0)
		const hits = outcomes.filter(({ hit }) => hit).length
		expect(promised / outcomes.length).toBeCloseTo(hits / outcomes.length, 2)
	})

	it('takes the error from an overconfident engine, on its posts and on new ones', () => {
		const truth = (score: number) => score / 2
		const fitted = drawOutcomes(20_000, truth)
		const curves = fitCurves(alone(fitted))
		const p1 = (score: number) => calibrate(curves, 1, score)
		expect(eceOf(fitted, (score) => score)).toBeGreaterThan(0.2)
		expect(eceOf(fitted, p1)).toBeLessThan(0.01)
		expect(eceOf(drawOutcomes(20_000, truth, 2), p1)).toBeLessThan(0.02)
	})

	it('gives the one share that there is where every post has the same score', () => {
		const outcomes = [true, true, true, false].map((hit) => ({ score: 0.4, hit }))
		const curves = fitCurves(alone(outcomes))
		for (const score of [0, 0.4, 1]) expect(calibrate(curves, 1, score)).toBe(0.75)
	})

	it('stays small enough for a manifest however many posts it is fitted on', () => {
		const curve = fitCurves(alone(drawOutcomes(50_000, (score) => score))).ranks[0]
		expect(curve?.scores.length).toBeLessThanOrEqual(65)
		expect(curve?.scores.length).toBeGreaterThan(10)
	})
})

describe('fitCalibration', () => {
	const anyTitle = fc.record({
		words: fc.nat(20),
		hidden: fc.nat(20),
		outcomes: anyOutcomes.map((outcomes) => outcomes.slice(0, 5)),
	})
	const titleOf = ({
		words,
		hidden,
		outcomes,
	}: {
		words: number
		hidden: number
		outcomes: Outcome[]
	}) => ({
		words: words + 1,
		knownWords: Math.max(1, words + 1 - hidden),
		outcomes,
	})

	it('gives a calibration that its contract admits', () => {
		fc.assert(
			fc.property(fc.array(anyTitle, { minLength: 1, maxLength: 50 }), (drawn) => {
				const calibration = fitCalibration(drawn.map(titleOf))
				expect(parseWith(Calibration, calibration, 'calibration')).toEqual(calibration)
				expect(calibration.posts).toBe(drawn.length)
			}),
		)
	})

	it('holds for titles of which little is known and for those of which much is', () => {
		const truths = [
			{ words: 1, knownWords: 1, truth: 0.1 },
			{ words: 9, knownWords: 2, truth: 0.2 },
			{ words: 7, knownWords: 4, truth: 0.4 },
			{ words: 20, knownWords: 6, truth: 0.5 },
			{ words: 6, knownWords: 6, truth: 0.6 },
			{ words: 20, knownWords: 11, truth: 0.7 },
			{ words: 12, knownWords: 12, truth: 0.9 },
		]
		const titles = truths.flatMap(({ words, knownWords, truth }, index) =>
			drawOutcomes(3_000, () => truth, index).map((outcome) => ({
				words,
				knownWords,
				outcomes: [outcome],
			})),
		)
		const calibration = fitCalibration(titles)
		for (const { words, knownWords, truth } of truths) {
			const curves = curvesFor(calibration, { words, knownWords })
			expect(Math.abs(calibrate(curves, 1, 0.5) - truth)).toBeLessThan(0.08)
		}
	})

	it('gives a group with few titles the curves of the one before, and of none a curve of its own', () => {
		const titles = [
			...drawOutcomes(2_000, () => 0.2).map((outcome) => ({
				words: 2,
				knownWords: 2,
				outcomes: [outcome],
			})),
			...drawOutcomes(10, () => 1).map((outcome) => ({
				words: 9,
				knownWords: 9,
				outcomes: [outcome],
			})),
		]
		const calibration = fitCalibration(titles)
		const few = curvesFor(calibration, { words: 9, knownWords: 9 })
		expect(few).toBe(curvesFor(calibration, { words: 2, knownWords: 2 }))
		expect(few).toBe(curvesFor(calibration, { words: 1, knownWords: 1 }))
	})

	it('goes by the one set of curves that older releases have', () => {
		const curves = fitCurves(drawPosts(1_000, 1))
		const calibration: Calibration = { method: 'isotonic', posts: 1_000, ...curves }
		expect(curvesFor(calibration, { words: 3, knownWords: 1 })).toMatchObject(curves)
	})

	it('refuses to be fitted on nothing', () => {
		expect(() => fitCalibration([])).toThrow(RangeError)
		expect(() => fitCalibration([{ words: 1, knownWords: 1, outcomes: [] }])).toThrow(RangeError)
	})
})

describe('calibrateAll', () => {
	const scoresOf = (post: readonly Outcome[]) => post.map(({ score }) => score)
	const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0)

	it('adds up to how often one of the five is right, in each part of the range, on new posts too', () => {
		const curves = fitCurves(drawPosts(20_000, 1))
		const bins = Array.from({ length: 5 }, () => ({ posts: 0, claimed: 0, hits: 0 }))
		for (const post of drawPosts(20_000, 2)) {
			const claimed = sumOf(calibrateAll(curves, scoresOf(post)))
			const bin = bins[Math.min(4, Math.floor(claimed * 5))]
			if (!bin) continue
			bin.posts += 1
			bin.claimed += claimed
			bin.hits += post.some(({ hit }) => hit) ? 1 : 0
		}
		const filled = bins.filter(({ posts }) => posts > 500)
		expect(filled.length).toBeGreaterThan(1)
		for (const { posts, claimed, hits } of filled)
			expect(Math.abs(claimed - hits) / posts).toBeLessThan(0.03)
	})

	it('lets the first one stand, falls, and never adds up to more than 1', () => {
		const curves = fitCurves(drawPosts(2_000, 1))
		fc.assert(
			fc.property(fc.array(anyScore, { maxLength: 5 }), (scores) => {
				const probabilities = calibrateAll(curves, scores)
				expect(probabilities).toHaveLength(scores.length)
				const [first] = scores
				if (first !== undefined) expect(probabilities[0]).toBe(calibrate(curves, 1, first))
				expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a))
				expect(sumOf(probabilities)).toBeLessThanOrEqual(1 + 1e-12)
			}),
		)
	})

	it('gives what the second can not hold to the others', () => {
		const ranks = [0.2, 0.2, 0.05, 0.05, 0].map((probability) => ({
			scores: [0],
			probabilities: [probability],
		}))
		const total = { scores: [0], probabilities: [0.6] }
		const probabilities = calibrateAll({ ranks, total }, [0.5, 0.4, 0.3, 0.2, 0.1])
		for (const [rank, expected] of [0.2, 0.2, 0.1, 0.1, 0].entries())
			expect(probabilities[rank]).toBeCloseTo(expected, 12)
	})
})

describe('calibrate', () => {
	const curve = { scores: [0.2, 0.6], probabilities: [0.1, 0.5] }
	const curves = { ranks: Array.from({ length: 5 }, () => curve), total: curve }

	it('is linear between knots and flat outside them', () => {
		expect(calibrate(curves, 1, 0.2)).toBeCloseTo(0.1)
		expect(calibrate(curves, 1, 0.4)).toBeCloseTo(0.3)
		expect(calibrate(curves, 1, 0.6)).toBeCloseTo(0.5)
		expect(calibrate(curves, 1, 0)).toBe(0.1)
		expect(calibrate(curves, 1, 1)).toBe(0.5)
	})

	it('refuses a rank that has no curve', () => {
		expect(() => calibrate(curves, 0, 0.5)).toThrow(RangeError)
		expect(() => calibrate(curves, 6, 0.5)).toThrow(RangeError)
	})
})
