import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalizeTitle } from '../../../src/model/normalize.ts'
import { foldWord, searchWords } from '../../../src/model/unseen/words.ts'

describe('searchWords', () => {
	test('reads a title as the model does, each word once', () => {
		expect(searchWords(normalizeTitle('Irish software developers: the Irish!'))).toEqual([
			'irish',
			'software',
			'developer',
			'the',
		])
	})

	test('has no words for marks alone', () => {
		expect(searchWords(normalizeTitle('… ?! '))).toEqual([])
	})
})

describe('foldWord', () => {
	test.each([
		['beagles', 'beagle'],
		["dog's", 'dog'],
		['puppies', 'puppy'],
		['boxes', 'box'],
		['glasses', 'glass'],
		['chess', 'chess'],
		['virus', 'virus'],
		['gas', 'gas'],
		["don't", 'dont'],
		['4s', '4s'],
		["'s", 's'],
		["''s", 's'],
	])('makes %s into %s', (word, folded) => {
		expect(foldWord(word)).toBe(folded)
	})

	test('makes no word longer, and none with a letter empty', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[a-z']{1,12}$/), (word) => {
				const folded = foldWord(word)
				expect(folded.length).toBeLessThanOrEqual(word.length)
				if (/[a-z]/.test(word)) expect(folded).not.toBe('')
			}),
			{ examples: [["'s"], ["''s"]] },
		)
	})
})
