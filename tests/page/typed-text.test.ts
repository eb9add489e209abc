import { describe, expect, test } from 'vitest'
import { isBeingTyped } from '../../src/page/typed-text.ts'

describe('isBeingTyped', () => {
	test.each([
		['', 'm'],
		['mi', 'min'],
		['minecraft', 'minecraf'],
		['a minecraft', 'a '],
		// A syllable is composed in its place.
		['하', '한'],
	])('is true from %j to %j', (before, text) => {
		expect(isBeingTyped(before, text, text.length)).toBe(true)
	})

	test.each([
		['', 'pedal'],
		['my ', 'my pedal'],
		['teh', 'the '],
	])('is false from %j to %j, which came at once', (before, text) => {
		expect(isBeingTyped(before, text, text.length)).toBe(false)
	})

	test('is false where the caret is not at the end', () => {
		expect(isBeingTyped('new bik', 'a new bik', 1)).toBe(false)
		expect(isBeingTyped('new bik', 'newe bik', 4)).toBe(false)
	})
})
