import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../scripts/lib/engine.ts'
import { normalizeTitle } from '../../src/model/normalize.ts'
import { explainWords } from '../../src/model/reasons.ts'
import type { WordReason } from '../../src/shared/classifier-protocol.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'

const engine = await loadEngine(makeModelFile({ topics: TOPICS }))

/** Runs to the end. */
function explain(title: string, ...subreddits: string[]): WordReason[][] {
	const work = explainWords(engine, normalizeTitle(title), subreddits)
	for (;;) {
		const { done, value } = work.next()
		if (done) return value
	}
}

describe('explainWords', () => {
	it('says of each word of a title, once, what it adds for each suggestion', () => {
		const [astronomy = [], cats = []] = explain(
			'Telescope, kitten and telescope!',
			'astronomy',
			'cats',
		)
		expect(astronomy.map(({ text }) => text)).toEqual(['telescope', ',', 'kitten', 'and', '!'])
		expect(cats.map(({ text }) => text)).toEqual(astronomy.map(({ text }) => text))
		const addsOf = (words: readonly WordReason[], word: string) =>
			words.find(({ text }) => text === word)?.adds
		expect(addsOf(astronomy, 'telescope')).toBeGreaterThan(0)
		expect(addsOf(astronomy, 'kitten')).toBeLessThan(0)
		expect(addsOf(cats, 'kitten')).toBeGreaterThan(0)
		expect(addsOf(astronomy, ',')).toBe(0)
	})

	it('pauses before each question to the model after the first', () => {
		const work = explainWords(engine, normalizeTitle('telescope kitten'), ['cats'])
		expect([work.next().done, work.next().done, work.next().done]).toEqual([false, false, true])
	})

	it('gives a title of one word that word as its reason', () => {
		const [[word] = []] = explain('telescope', 'astronomy')
		expect(word?.text).toBe('telescope')
		expect(word?.adds).toBeGreaterThan(0)
	})

	it('ends for a title of words without end', () => {
		const title = Array.from({ length: 150 }, (_, at) => `telescope kitten ${at}`).join(' ')
		expect(explain(title, 'astronomy')).toHaveLength(1)
	})
})
