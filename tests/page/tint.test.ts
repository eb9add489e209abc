import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sayReasons, tintText } from '../../src/page/tint.ts'

const WORDS = [
	{ text: 'telescope', adds: 2 },
	{ text: ',', adds: 0.01 },
	{ text: 'moon', adds: 0.5 },
	{ text: 'kitten', adds: -1 },
]

describe('tintText', () => {
	it('tints each word by what it adds, as it was written, and no blank', () => {
		expect(tintText('Telescope,  moon kitten the', WORDS)).toEqual([
			{ text: 'Telescope,', tint: 'for-3' },
			{ text: '  ', tint: '' },
			{ text: 'moon', tint: 'for-1' },
			{ text: ' ', tint: '' },
			{ text: 'kitten', tint: 'against-2' },
			{ text: ' ', tint: '' },
			{ text: 'the', tint: '' },
		])
	})

	it('gives back the whole text, whatever it is', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), (text) => {
				const pieces = tintText(text, WORDS)
				expect(pieces.map(({ text: piece }) => piece).join('')).toBe(text)
			}),
		)
	})
})

describe('sayReasons', () => {
	it('names the words that speak most for and against a subreddit', () => {
		expect(sayReasons('astronomy', WORDS)).toBe(
			'For r/astronomy: telescope, moon. Against r/astronomy: kitten.',
		)
		expect(sayReasons('astronomy', [{ text: 'the', adds: 0 }])).toBe(
			'No word of this title speaks for r/astronomy by itself.',
		)
	})
})
