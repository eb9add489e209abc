import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeTitle } from '../../src/model/normalize.ts'
import { PADDING_COUNTS, paddingToken, padTitle } from '../../src/model/padding.ts'

describe('padding', () => {
	it('is a word that no title can hold', () => {
		const token = fc.constantFrom(
			...PADDING_COUNTS.map(paddingToken),
			'<pad:6>',
			' ',
			'pad',
			'<',
			'>',
		)
		const tokens = new Set(PADDING_COUNTS.map(paddingToken))
		fc.assert(
			fc.property(fc.array(fc.oneof(token, fc.string())), (parts) => {
				for (const glue of ['', ' '])
					for (const word of normalizeTitle(parts.join(glue)).split(' '))
						expect(tokens.has(word)).toBe(false)
			}),
		)
	})

	it('is appended so often, and nothing is where a model has none', () => {
		expect(padTitle('a title', 0)).toBe('a title')
		expect(padTitle('a title', 2)).toBe('a title <pad:2> <pad:2>')
	})
})
