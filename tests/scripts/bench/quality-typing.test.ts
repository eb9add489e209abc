import { describe, expect, it } from 'vitest'
import { countChanges, typeTitle } from '../../../scripts/bench/quality-typing.ts'

describe('typeTitle', () => {
	it('types the last three words letter by letter, each with what follows it', () => {
		expect(typeTitle('a new ox , né !')).toEqual([
			{ text: 'a n', finished: 'a new' },
			{ text: 'a ne', finished: 'a new' },
			{ text: 'a new', finished: 'a new' },
			{ text: 'a new', finished: null },
			{ text: 'a new o', finished: 'a new ox' },
			{ text: 'a new ox', finished: 'a new ox' },
			{ text: 'a new ox', finished: null },
			{ text: 'a new ox ,', finished: null },
			{ text: 'a new ox , n', finished: 'a new ox , né' },
			{ text: 'a new ox , né', finished: 'a new ox , né' },
			{ text: 'a new ox , né', finished: null },
			{ text: 'a new ox , né !', finished: null },
		])
	})

	it('types nothing of a title without a word', () => {
		expect(typeTitle('! ?')).toEqual([])
		expect(typeTitle('')).toEqual([])
	})
})

describe('countChanges', () => {
	it('counts keys that change the first suggestion, and those that change it for a few letters', () => {
		const back = ['cats', 'linux', 'linux', 'cats', 'cats']
		expect(countChanges([back])).toEqual({ changes: 2 / 4, flicker: 1 / 4 })
		const late = ['cats', 'linux', 'linux', 'linux', 'linux', 'linux', 'cats']
		expect(countChanges([late])).toEqual({ changes: 2 / 6, flicker: 0 })
		expect(countChanges([[null, 'cats', null], ['cats']])).toEqual({ changes: 1, flicker: 1 / 2 })
	})
})
