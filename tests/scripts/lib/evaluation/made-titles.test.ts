import { describe, expect, it } from 'vitest'
import {
	addMadeTitles,
	hideWords,
	MADE_PER_TITLE,
	makePrefix,
} from '../../../../scripts/lib/evaluation/made-titles.ts'
import { normalizeTitle } from '../../../../src/model/normalize.ts'
import { seededRandom } from '../../../fixtures/corpus.ts'

const TEXT = 'what is the best way to learn the piano ?'

async function collect(count: number): Promise<string[]> {
	const texts: string[] = []
	async function* titles() {
		for (let index = 0; index < count; index += 1) yield { subreddit: 'piano', text: TEXT }
	}
	for await (const { subreddit, text } of addMadeTitles(titles())) {
		expect(subreddit).toBe('piano')
		texts.push(text)
	}
	return texts
}

describe('addMadeTitles', () => {
	it('gives each title and those made of it, the same ones each time', async () => {
		const texts = await collect(200)
		expect(texts).toHaveLength(200 * (1 + MADE_PER_TITLE))
		expect(texts.filter((text) => text === TEXT).length).toBeGreaterThanOrEqual(200)
		expect(await collect(200)).toEqual(texts)
		const lengths = new Set(texts.map((text) => text.split(' ').length))
		for (const length of [1, 2, 3, 4, 6, 8]) expect(lengths).toContain(length)
	})
})

describe('makePrefix', () => {
	it('gives first words', () => {
		const random = seededRandom(1)
		for (let index = 0; index < 50; index += 1)
			expect(TEXT.startsWith(makePrefix(TEXT, random))).toBe(true)
	})
})

describe('hideWords', () => {
	it('replaces some words by one that is a word to the normaliser, and leaves marks alone', () => {
		const random = seededRandom(1)
		const hidden = new Set<string>()
		for (let index = 0; index < 50; index += 1) {
			const made = hideWords(TEXT, random)
			expect(made.endsWith(' ?')).toBe(true)
			expect(made.split(' ')).toHaveLength(TEXT.split(' ').length)
			for (const word of made.split(' ')) if (!TEXT.includes(word)) hidden.add(word)
		}
		expect(hidden.size).toBe(1)
		const [word = ''] = hidden
		expect(normalizeTitle(word)).toBe(word)
	})
})
