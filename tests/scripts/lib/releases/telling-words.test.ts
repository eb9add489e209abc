import { describe, expect, it } from 'vitest'
import { findTellingWords } from '../../../../scripts/lib/releases/telling-words.ts'
import { readModel } from '../../../../src/model/fasttext/read.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'

const TOPICS = {
	astronomy: ['telescope', 'telescopes', 'eyepiece', 'astronomical', 'nebula', 'ir'],
	cats: ['kitten', 'whiskers'],
}
const model = readModel(makeModelFile({ topics: TOPICS }))

function tell(common: Record<string, Record<string, number>>, count = 3) {
	const words = Object.entries(common).map(
		([name, counts]) => [name, new Map(Object.entries(counts))] as const,
	)
	return Object.fromEntries(findTellingWords(model, new Map(words), count))
}

describe('findTellingWords', () => {
	it('takes words that speak for the subreddit, the commoner of two equal ones first', () => {
		const { astronomy } = tell({ astronomy: { nebula: 4, eyepiece: 9, kitten: 50, unknown: 50 } })
		expect(astronomy).toEqual(['eyepiece', 'nebula'])
	})

	it('takes one form of a word, no word of the name, no mark and nothing short', () => {
		const { astronomy } = tell({
			astronomy: { telescope: 9, telescopes: 8, astronomical: 9, ir: 9, '!': 9 },
		})
		expect(astronomy).toEqual(['telescope'])
	})

	it('takes so many at most, and none where no title was counted', () => {
		const { astronomy, cats } = tell({ astronomy: { telescope: 3, eyepiece: 3, nebula: 3 } }, 2)
		expect(astronomy).toHaveLength(2)
		expect(cats).toEqual([])
	})
})
