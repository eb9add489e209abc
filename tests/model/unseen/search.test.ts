import { describe, expect, test } from 'vitest'
import { ColumnIndex } from '../../../src/model/unseen/columns.ts'
import type { UnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { UnseenSearch } from '../../../src/model/unseen/search.ts'
import { TOPICS } from '../../fixtures/corpus.ts'
import { makeModelFile } from '../../fixtures/model-file.ts'
import { makeUnseen } from '../../fixtures/unseen.ts'

/** Three subreddits: "irish" in the first, "software" in the first two, label 0 near the last. */
const INDEX: UnseenIndex = {
	parameters: {
		...{ k1: 1.2, b: 0.5, words: 0.5, coverage: 2, size: 0.5 },
		...{ half: 100, steep: 1, bridge: 1, bridgeFloor: 0.01, threshold: 0.3 },
		right: [
			[0.2, 0.1],
			[0.6, 0.5],
		],
	},
	names: ['DevelEire', 'softwaregore', 'zebras'],
	// round(ln(n + 1) · 15) for 1,000, 20,000 and 1,000 subscribers.
	sizes: Uint8Array.of(104, 149, 104),
	// round(ln(n + 1) · 8) for 10, 5 and 5 words.
	lengths: Uint8Array.of(19, 14, 14),
	labels: {
		from: Uint32Array.of(0, 1, 1),
		subreddits: Uint32Array.of(2),
		values: Uint8Array.of(15),
	},
	words: ['irish', 'software'],
	rarities: Uint8Array.of(64, 48),
	postings: {
		from: Uint32Array.of(0, 1, 3),
		subreddits: Uint32Array.of(0, 0, 1),
		values: Uint8Array.of(1, 1, 3),
	},
}
const LABELS = ['cats', 'aww']

/** The scores worked out by hand, from the formula of the docstring. */
function evidenceByHand(): number[] {
	const lengths = [19, 14, 14].map((code) => Math.exp(code / 8) - 1)
	const mean = lengths.reduce((sum, one) => sum + one, 0) / 3
	const bm25 = (rarity: number, times: number, length: number) =>
		(rarity * times * 2.2) / (times + 1.2 * (0.5 + (0.5 * length) / mean))
	const floor = Math.log(0.01)
	const scores = [
		0.5 * (bm25(8, 1, lengths[0] ?? 0) + bm25(6, 1, lengths[0] ?? 0)) + 2 * (14 / 17),
		0.5 * bm25(6, 3, lengths[1] ?? 0) + 2 * (6 / 17),
		0,
	]
	const life = (lnSize: number) => 0.5 * lnSize - Math.log(1 + 100 / Math.exp(lnSize))
	const sized = scores.map((score, at) => score + life(([104, 149, 104][at] ?? 0) / 15))
	const all = [
		(sized[0] ?? 0) + floor,
		(sized[1] ?? 0) + floor,
		(sized[2] ?? 0) + Math.log(0.01 + 0.4),
	]
	const sum = all.reduce((total, score) => total + Math.exp(score), 0)
	return all.map((score) => Math.exp(score) / sum)
}

describe('UnseenSearch', () => {
	// "the" is in no description; label "aww" is the first in ascending order.
	const title = 'the irish software'
	const predictions = [{ label: 'aww', score: 0.4 }]

	test('weighs words, size and what the model thinks as its formula says', () => {
		const matches = new UnseenSearch(new ColumnIndex(INDEX), LABELS).rank(title, predictions, 3)
		const byHand = evidenceByHand()
		expect(matches.map(({ subreddit }) => subreddit)).toEqual([
			'DevelEire',
			'softwaregore',
			'zebras',
		])
		for (const [at, { evidence }] of matches.entries())
			expect(evidence).toBeCloseTo(byHand[at] ?? 0, 10)
		expect(matches.reduce((sum, { evidence }) => sum + evidence, 0)).toBeCloseTo(1, 10)
	})

	test('says how often a subreddit with such evidence is right, on lines between what was measured', () => {
		const matches = new UnseenSearch(new ColumnIndex(INDEX), LABELS).rank(title, predictions, 3)
		for (const { evidence, probability } of matches) {
			const between = Math.min(1, Math.max(0, (evidence - 0.2) / 0.4))
			expect(probability).toBeCloseTo(0.1 + 0.4 * between, 10)
		}
	})

	test('suggests only what the evidence is strong for', () => {
		const search = new UnseenSearch(new ColumnIndex(INDEX), LABELS)
		const ranked = search.rank(title, predictions, 3)
		expect(search.suggest(title, predictions)).toEqual(
			ranked.filter(({ evidence }) => evidence >= 0.3),
		)
		expect(search.suggest(title, predictions).length).toBeGreaterThan(0)
		const strict = { ...INDEX, parameters: { ...INDEX.parameters, threshold: 1 } }
		expect(new UnseenSearch(new ColumnIndex(strict), LABELS).suggest(title, predictions)).toEqual(
			[],
		)
	})

	test('takes labels that it does not know for no evidence', () => {
		const search = new UnseenSearch(new ColumnIndex(INDEX), LABELS)
		expect(search.rank(title, [{ label: 'dogs', score: 1 }], 3)).toEqual(search.rank(title, [], 3))
	})

	test('refuses an index of another model', () => {
		expect(() => new UnseenSearch(new ColumnIndex(INDEX), ['cats'])).toThrow('2 labels, not 1')
	})

	test('finds by words of description and name, in one or many, that a title shares', async () => {
		const { index, labels } = await makeUnseen(makeModelFile({ topics: TOPICS }))
		const search = new UnseenSearch(new ColumnIndex(index), labels)
		const first = (text: string) => search.rank(text, [], 1)[0]?.subreddit
		expect(first('ireland needs software developer')).toBe('DevelEire')
		expect(first('kitten')).toBe('kittenloaf')
		expect(first('develeire')).toBe('DevelEire')
	})
})
