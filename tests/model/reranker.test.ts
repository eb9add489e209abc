import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Prediction } from '../../src/model/engine.ts'
import { CLUE, CLUES } from '../../src/model/evidence/clues.ts'
import { EvidenceTable } from '../../src/model/evidence/weigh-evidence.ts'
import {
	CandidateDescriber,
	LOG_SCORE,
	RERANKED,
	RERANKER_FEATURES,
	TitleReranker,
} from '../../src/model/reranker.ts'
import { makeEvidence } from '../fixtures/evidence.ts'
import { IDLE_RERANKER, makeCountingReranker, makeReranker } from '../fixtures/reranker.ts'

const LABELS = Array.from({ length: 120 }, (_, number) => `label${String(number).padStart(3, '0')}`)
const WORDS = ['amber', 'birch', 'copper', 'delta', 'ember', 'fjord']
const TITLES = ['amber birch copper', 'delta ember fjord', 'fjord amber']
const table = new EvidenceTable(
	makeEvidence({ labels: LABELS.length, words: WORDS, seed: 5, titles: TITLES }),
	LABELS,
)
const FEATURES = RERANKER_FEATURES.length

const title = fc
	.array(fc.constantFrom(...WORDS, 'unknown'), { minLength: 1, maxLength: 8 })
	.map((words) => words.join(' '))
const predictions = fc
	.tuple(
		fc.uniqueArray(fc.constantFrom(...LABELS), { minLength: 1, maxLength: LABELS.length }),
		fc.infiniteStream(fc.double({ min: 1e-6, max: 1, noNaN: true })),
	)
	.map(([labels, scores]) => sortByScore(labels.map((label) => ({ label, score: take(scores) }))))

function take(scores: Iterator<number>): number {
	return scores.next().value as number
}

function sortByScore(predictions: readonly Prediction[]): Prediction[] {
	const sum = predictions.reduce((sum, { score }) => sum + score, 0)
	return predictions
		.map(({ label, score }) => ({ label, score: score / sum }))
		.sort((a, b) => b.score - a.score)
}

describe('a reranker', () => {
	it('keeps labels, and scores that are probabilities in falling order', () => {
		fc.assert(
			fc.property(title, predictions, fc.nat(1000), (title, predictions, seed) => {
				const reranked = new TitleReranker(makeReranker(seed), table).rerank(title, predictions)
				const considered = predictions.slice(0, RERANKED).map(({ label }) => label)
				expect(new Set(reranked.slice(0, RERANKED).map(({ label }) => label))).toEqual(
					new Set(considered),
				)
				const scores = reranked.map(({ score }) => score)
				expect(scores).toEqual(scores.toSorted((a, b) => b - a))
				expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true)
				if (title.split(' ').some((word) => WORDS.includes(word)))
					expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4)
			}),
		)
	})

	it('leaves the scores where it has learnt nothing, and as they are where the table knows nothing of the title', () => {
		const same = new TitleReranker(IDLE_RERANKER, table)
		fc.assert(
			fc.property(title, predictions, (title, predictions) => {
				const few = sortByScore(predictions.slice(0, RERANKED))
				for (const [at, { label, score }] of same.rerank(title, few).entries()) {
					expect(label).toBe(few[at]?.label)
					expect(score).toBeCloseTo(few[at]?.score ?? 0, 6)
				}
			}),
		)
		const other = new TitleReranker(makeReranker(1), table)
		const few = sortByScore(LABELS.slice(0, 7).map((label, at) => ({ label, score: 1 + at })))
		expect(other.rerank('unknown words', few)).toEqual(few)
	})

	it('raises a subreddit whose name stands in the title, in one word or several', () => {
		const known = ['blackforest', 'amber', 'oak']
		const named = new EvidenceTable(makeEvidence({ labels: 3, words: WORDS, seed: 2 }), known)
		const network = new TitleReranker(
			makeCountingReranker('whether the title has its name', 9),
			named,
		)
		const even = known.map((label) => ({ label, score: 1 / 3 }))
		expect(network.rerank('black forest copper', even)[0]?.label).toBe('blackforest')
		expect(network.rerank('in the blackforest , copper', even)[0]?.label).toBe('blackforest')
		// A name of three letters is in many titles.
		expect(network.rerank('oak copper', even).map(({ score }) => score)).toEqual(
			even.map(({ score }) => Math.fround(score)),
		)
	})

	it('changes a score by no jump where two labels change places', () => {
		fc.assert(
			fc.property(title, predictions, fc.nat(1000), (title, predictions, seed) => {
				const network = new TitleReranker(makeReranker(seed), table)
				const nudged = predictions.map(({ label, score }, at) => ({
					label,
					score: score * (1 + (at % 2 === 0 ? 1e-7 : -1e-7)),
				}))
				const [few, other] = [predictions, nudged].map((each) => each.slice(0, RERANKED))
				const scores = new Map(
					network.rerank(title, other ?? []).map(({ label, score }) => [label, score]),
				)
				for (const { label, score } of network.rerank(title, few ?? []))
					expect(Math.abs((scores.get(label) ?? 0) - score)).toBeLessThan(1e-4)
			}),
		)
	})

	it('refuses a network of other features, and a model without a table', () => {
		const short = { ...IDLE_RERANKER, hidden: [[1, 2, 3]] }
		const count = RERANKER_FEATURES.length
		for (const [reranker, model, message] of [
			[
				short,
				table,
				`the model has a reranker of 3 features; this program knows ${count}; update this program`,
			],
			[
				{ ...IDLE_RERANKER, version: 2 },
				table,
				'the model has a reranker of version 2; this program knows 1; update this program',
			],
			[
				IDLE_RERANKER,
				null,
				'the model has a reranker, but not the table of evidence that this needs; make it again',
			],
		] as const)
			expect(() => new TitleReranker(reranker, model)).toThrow(message)
	})
})

describe('the features of candidates', () => {
	it('are finite, and have the logarithm of the score among them', () => {
		const describer = new CandidateDescriber(table)
		fc.assert(
			fc.property(title, predictions, (title, predictions) => {
				const features = describer.describe(title, predictions)
				if (!features) return
				expect(features).toHaveLength(Math.min(predictions.length, RERANKED) * FEATURES)
				expect(features.every(Number.isFinite)).toBe(true)
				for (const [at, { score }] of predictions.slice(0, RERANKED).entries())
					expect(features[at * FEATURES + LOG_SCORE]).toBeCloseTo(Math.log(score), 12)
			}),
		)
	})

	it('count the ranks by vectors and by evidence, so that equals share one', () => {
		const describer = new CandidateDescriber(table)
		const [byVectors, byEvidence] = (['vectors', 'evidence'] as const).map((part) => {
			return RERANKER_FEATURES.indexOf(`log(1 + rank by ${part})`)
		})
		const title = 'amber birch copper'
		const clues = table.findClues(title, LABELS)
		const adds = LABELS.map((label, at) => ({ label, adds: clues?.numbers[at * CLUES] ?? 0 }))
		const [best, second, third] = adds.toSorted((a, b) => b.adds - a.adds)
		if (!best || !second || !third) throw new Error('too few labels')
		expect(best.adds).toBeGreaterThan(second.adds)
		// As much as the evidence says: the vectors say the same of both, and e times less of the third.
		const asked = [
			{ label: best.label, score: Math.exp(best.adds) },
			{ label: second.label, score: Math.exp(second.adds) },
			{ label: third.label, score: Math.exp(third.adds - 1) },
		]
		const ranks = (feature = 0) => {
			const features = describer.describe(title, asked)
			return asked.map((_, at) => Math.expm1(features?.[at * FEATURES + feature] ?? 0))
		}
		// A rank counts those above, and of those below a part that falls with their distance.
		const below = Math.exp(-1)
		for (const [at, rank] of [1 + below, 1 + below, 2].entries())
			expect(ranks(byVectors)[at]).toBeCloseTo(rank, 9)
		const [first = 0, next = 0, last = 0] = ranks(byEvidence)
		expect(last).toBeCloseTo(2, 9)
		expect(next).toBeCloseTo(1 + Math.exp(third.adds - second.adds), 9)
		expect(first).toBeCloseTo(next * Math.exp(second.adds - best.adds), 9)
	})
})

describe('what a table says of labels, taken apart', () => {
	const read = (title: string, labels: readonly string[] = LABELS) => {
		const clues = table.findClues(title, labels)
		return labels.map((_, at) => clues?.numbers.slice(at * CLUES, (at + 1) * CLUES) ?? [])
	}

	it('adds up to what it adds to their scores', () => {
		fc.assert(
			fc.property(title, (title) => {
				for (const [at, numbers] of read(title).entries()) {
					const parts = table.explain(title, LABELS[at] ?? '')
					const adds = parts.reduce((sum, part) => sum + part.adds, 0)
					expect(numbers[CLUE.adds] ?? 0).toBeCloseTo(adds, 4)
				}
			}),
		)
	})

	it('tells words, pairs and beginnings of words, and never what another title said', () => {
		const alone = read('amber')
		read('delta ember fjord', LABELS.toReversed())
		expect(read('amber')).toEqual(alone)
		const said = read('amber birch copper')
		for (const kind of [0, 1, 2])
			expect(said.some((numbers) => (numbers[CLUE.counts + kind] ?? 0) > 0)).toBe(true)
		for (const numbers of said) {
			const { most = 0, squares = 0 } = {
				most: numbers[CLUE.most],
				squares: numbers[CLUE.squares],
			}
			const sums = [0, 1, 2].map((kind) => numbers[CLUE.sums + kind] ?? 0)
			expect(most).toBeLessThanOrEqual(sums.reduce((sum, part) => sum + part, 0) + 1e-9)
			expect(squares).toBeGreaterThanOrEqual(most * most - 1e-9)
		}
		expect(table.findClues('unknown', LABELS)).toBeNull()
	})
})
