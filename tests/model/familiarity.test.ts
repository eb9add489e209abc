import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../scripts/lib/engine.ts'
import { measureFamiliarity, temper } from '../../src/model/familiarity.ts'
import { Suggester } from '../../src/model/suggest.ts'
import type { Calibration } from '../../src/shared/calibration.ts'
import { makeModelFile } from '../fixtures/model-file.ts'

/** Has vectors for some words, and others in its table of evidence alone. */
const reader = {
	hasVector: (word: string) => ['kitten', 'no', '猫', 'の'].includes(word),
	knows: (word: string) => ['kitten', 'no', '猫', 'の', 'rare'].includes(word),
}
const measure = (title: string) => measureFamiliarity(title.split(' ').filter(Boolean), reader)

describe('measureFamiliarity', () => {
	it.each([
		['', 1],
		['kitten', 1],
		['xqzw', 0],
		['kitten xqzwvj', 0.5],
		// A short word says less of a title than a long one.
		['no xqzwvjkp', 0.2],
		['rare', 0.5],
		// Characters tell the language: a title of nothing else is not read.
		['猫 の', 0.25],
		['猫 犬', 0.125],
	])('of %j is %d', (title, expected) => {
		expect(measure(title)).toBe(expected)
	})
})

describe('temper', () => {
	it('leaves what is said of a familiar title, and small percentages nearly', () => {
		for (const probability of [0, 0.02, 0.3, 0.9, 1])
			for (const familiarity of [0.75, 0.8, 1])
				expect(temper(probability, familiarity)).toBe(probability)
		expect(temper(0.04, 0.25)).toBeGreaterThan(0.039)
	})

	it('is never sure of a title of which little can be read', () => {
		expect(temper(1, 0.25)).toBeLessThan(0.36)
		expect(temper(1, 0)).toBeLessThan(0.25)
	})

	it('keeps the order, and gives no more where less is familiar', () => {
		const share = fc.double({ min: 0, max: 1, noNaN: true })
		fc.assert(
			fc.property(share, share, share, share, (a, b, one, other) => {
				const [low, high] = [Math.min(a, b), Math.max(a, b)]
				expect(temper(low, one)).toBeLessThanOrEqual(temper(high, one))
				const [less, more] = [Math.min(one, other), Math.max(one, other)]
				expect(temper(a, less)).toBeLessThanOrEqual(temper(a, more))
				expect(temper(a, less)).toBeLessThanOrEqual(a)
			}),
		)
	})
})

describe('what is suggested for a title', () => {
	const certain: Calibration = {
		method: 'isotonic',
		posts: 100,
		ranks: [0.6, 0.1, 0.05, 0.02, 0.01].map((probability) => ({
			scores: [0],
			probabilities: [probability],
		})),
		total: { scores: [0, 1], probabilities: [0, 1] },
	}
	const titles = {
		known: 'kitten whiskers',
		mash: 'kitten xqzwvjk sdkfjhs lkjlkjs',
		japanese: '猫 が 寝 て い る',
	}

	it('is a doubtful guess where most of its letters say nothing, and as sure as before where they do', async () => {
		// A model's file has the bytes of each word.
		const characters = ['猫', 'が', '寝', 'て', 'い', 'る'].map((word) =>
			Buffer.from(word).toString('latin1'),
		)
		const topics = { cats: ['kitten', 'whiskers'], newsokur: characters }
		const engine = await loadEngine(makeModelFile({ topics }))
		const suggester = new Suggester(engine, { calibration: certain })
		const known = suggester.suggest(titles.known)
		expect(known).toMatchObject({ doubt: null, suggestions: [{ subreddit: 'cats' }, {}] })
		expect(known.suggestions[0]?.probability).toBe(0.6)
		for (const [title, first] of [
			[titles.mash, 'cats'],
			[titles.japanese, 'newsokur'],
		] as const) {
			const { doubt, suggestions } = suggester.suggest(title)
			expect(doubt).toBe('unfamiliar')
			// It comes up all the same.
			expect(suggestions[0]?.subreddit).toBe(first)
			expect(suggestions[0]?.probability).toBeLessThan(0.4)
		}
	})

	it('is a doubtful guess where no subreddit stands out', async () => {
		const scattered: Calibration = {
			...certain,
			ranks: certain.ranks.map(() => ({ scores: [0], probabilities: [0.03] })),
			total: { scores: [0, 1], probabilities: [0.15, 0.15] },
		}
		const engine = await loadEngine(makeModelFile({ topics: { cats: ['kitten'] } }))
		const { doubt } = new Suggester(engine, { calibration: scattered }).suggest('kitten')
		expect(doubt).toBe('scattered')
	})
})
