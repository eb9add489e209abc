import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MetricsTally } from '../../scripts/lib/evaluation/metrics.ts'
import {
	calibrate,
	calibrateAll,
	fitCalibration,
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

describe('fitCalibration', () => {
	it('gives a calibration that its contract admits, a curve for each rank', () => {
		fc.assert(
			fc.property(anyOutcomes, anyOutcomes, (first, second) => {
				const posts = first.map((outcome, index) => [outcome, ...second.slice(index, index + 1)])
				const calibration = fitCalibration(posts)
				expect(parseWith(Calibration, calibration, 'calibration')).toEqual(calibration)
				expect(calibration.posts).toBe(first.length)
			}),
		)
	})

	it('never gives a higher score a lower probability, and stays within 0 and 1', () => {
		fc.assert(
			fc.property(anyOutcomes, anyScore, anyScore, (outcomes, a, b) => {
				const calibration = fitCalibration(alone(outcomes))
				const low = calibrate(calibration, 1, Math.min(a, b))
				const high = calibrate(calibration, 1, Math.max(a, b))
				expect(low).toBeGreaterThanOrEqual(0)
				expect(high).toBeLessThanOrEqual(1)
				expect(low).toBeLessThanOrEqual(high + 1e-12)
			}),
		)
	})

	it('keeps the mean: over the posts it was fitted on, it promises as many hits as there were', () => {
		const outcomes = drawOutcomes(5_000, (score) => score ** 2)
		const calibration = fitCalibration(alone(outcomes))
		const promised = outcomes.reduce((sum, { score }) => sum + calibrate(calibration, 1, score), 0)
		const hits = outcomes.filter(({ hit }) => hit).length
		expect(promised / outcomes.length).toBeCloseTo(hits / outcomes.length, 2)
	})

	it('takes the error from an overconfident engine, on its posts and on new ones', () => {
		const truth = (score: number) => score / 2
		const fitted = drawOutcomes(20_000, truth)
		const calibration = fitCalibration(alone(fitted))
		const p1 = (score: number) => calibrate(calibration, 1, score)
		expect(eceOf(fitted, (score) => score)).toBeGreaterThan(0.2)
		expect(eceOf(fitted, p1)).toBeLessThan(0.01)
		expect(eceOf(drawOutcomes(20_000, truth, 2), p1)).toBeLessThan(0.02)
	})

	it('gives the one share that there is where every post has the same score', () => {
		const outcomes = [true, true, true, false].map((hit) => ({ score: 0.4, hit }))
		const calibration = fitCalibration(alone(outcomes))
		for (const score of [0, 0.4, 1]) expect(calibrate(calibration, 1, score)).toBe(0.75)
	})

	it('stays small enough for a manifest however many posts it is fitted on', () => {
		const curve = fitCalibration(alone(drawOutcomes(50_000, (score) => score))).ranks[0]
		expect(curve?.scores.length).toBeLessThanOrEqual(65)
		expect(curve?.scores.length).toBeGreaterThan(10)
	})

	it('refuses to be fitted on nothing', () => {
		expect(() => fitCalibration([])).toThrow(RangeError)
		expect(() => fitCalibration([[]])).toThrow(RangeError)
	})
})

describe('calibrateAll', () => {
	const scoresOf = (post: readonly Outcome[]) => post.map(({ score }) => score)
	const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0)

	it('adds up to how often one of the five is right, in each part of the range, on new posts too', () => {
		const calibration = fitCalibration(drawPosts(20_000, 1))
		const bins = Array.from({ length: 5 }, () => ({ posts: 0, claimed: 0, hits: 0 }))
		for (const post of drawPosts(20_000, 2)) {
			const claimed = sumOf(calibrateAll(calibration, scoresOf(post)))
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
		const calibration = fitCalibration(drawPosts(2_000, 1))
		fc.assert(
			fc.property(fc.array(anyScore, { maxLength: 5 }), (scores) => {
				const probabilities = calibrateAll(calibration, scores)
				expect(probabilities).toHaveLength(scores.length)
				const [first] = scores
				if (first !== undefined) expect(probabilities[0]).toBe(calibrate(calibration, 1, first))
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
		const calibration: Calibration = { method: 'isotonic', posts: 1, ranks, total }
		const probabilities = calibrateAll(calibration, [0.5, 0.4, 0.3, 0.2, 0.1])
		for (const [rank, expected] of [0.2, 0.2, 0.1, 0.1, 0].entries())
			expect(probabilities[rank]).toBeCloseTo(expected, 12)
	})
})

describe('calibrate', () => {
	const curve = { scores: [0.2, 0.6], probabilities: [0.1, 0.5] }
	const calibration: Calibration = {
		method: 'isotonic',
		posts: 1,
		ranks: Array.from({ length: 5 }, () => curve),
		total: curve,
	}

	it('is linear between knots and flat outside them', () => {
		expect(calibrate(calibration, 1, 0.2)).toBeCloseTo(0.1)
		expect(calibrate(calibration, 1, 0.4)).toBeCloseTo(0.3)
		expect(calibrate(calibration, 1, 0.6)).toBeCloseTo(0.5)
		expect(calibrate(calibration, 1, 0)).toBe(0.1)
		expect(calibrate(calibration, 1, 1)).toBe(0.5)
	})

	it('refuses a rank that has no curve', () => {
		expect(() => calibrate(calibration, 0, 0.5)).toThrow(RangeError)
		expect(() => calibrate(calibration, 6, 0.5)).toThrow(RangeError)
	})
})
