import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeTitle } from '../../src/model/normalize.ts'
import { formatTrainingLine, labelName, parseTrainingLine } from '../../src/model/training-text.ts'

describe('the training text', () => {
	it('is read as it was written, whatever the title', () => {
		const anyTitle = fc.string({ unit: 'binary', maxLength: 400 })
		fc.assert(
			fc.property(fc.stringMatching(/^[A-Za-z0-9_]{2,20}$/), anyTitle, (subreddit, title) => {
				const labelled = { subreddit, text: normalizeTitle(title) }
				const line = formatTrainingLine(labelled)
				expect(line.indexOf('\n')).toBe(line.length - 1)
				expect(parseTrainingLine(line.slice(0, -1))).toEqual(labelled)
			}),
		)
	})

	it('takes a label without a title, and no line without a label', () => {
		expect(parseTrainingLine('__label__cats')).toEqual({ subreddit: 'cats', text: '' })
		expect(parseTrainingLine('kitten')).toBeNull()
		expect(parseTrainingLine('')).toBeNull()
	})

	it('names a label by what stands behind its prefix', () => {
		expect(labelName('__label__cats')).toBe('cats')
		expect(labelName('cats')).toBe('cats')
	})
})
