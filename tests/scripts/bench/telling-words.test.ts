import { describe, expect, it } from 'vitest'
import { hideAmong, TellingWords } from '../../../scripts/bench/telling-words.ts'
import { seededRandom } from '../../fixtures/corpus.ts'

const title = (subreddit: string, text: string) => ({ subreddit, text })

/** Two subreddits of 40 titles; "the" stands in every other one of both, "telescope" in ten of one. */
const TITLES = Array.from({ length: 80 }, (_, index) =>
	title(
		index < 40 ? 'space' : 'cats',
		`${index % 2 === 0 ? 'the' : 'a'} ${index < 10 ? 'telescope' : 'thing'} !`,
	),
)

describe('TellingWords', () => {
	const words = new TellingWords(TITLES)

	it('measures by how many bits a word tells the subreddit', () => {
		// Ten titles of one subreddit and twenty usual ones: 2/3 and 1/3 in place of 1/2 and 1/2.
		const expected = (2 / 3) * Math.log2(4 / 3) + (1 / 3) * Math.log2(2 / 3)
		expect(words.gainOf('telescope')).toBeCloseTo(expected, 12)
		expect(words.gainOf('the')).toBeCloseTo(0, 12)
		expect(words.gainOf('unheard')).toBe(0)
	})

	it('finds the most telling word of a title', () => {
		expect(words.mostTelling('the best telescope !')).toBe('telescope')
		expect(words.mostTelling('an unheard word')).toBeNull()
	})

	it('is not taken in by a word of one title', () => {
		const more = new TellingWords([...TITLES, title('space', 'dobson')])
		expect(more.gainOf('dobson')).toBeLessThan(more.gainOf('telescope'))
		expect(more.gainOf('dobson')).toBeGreaterThan(0)
	})

	it('knows the frequent words, and no marks', () => {
		expect(words.frequent().slice(0, 1)).toEqual(['thing'])
		expect(words.frequent()).not.toContain('!')
	})
})

describe('hideAmong', () => {
	it('puts a word at any place among others that it is not', () => {
		const random = seededRandom(3)
		const frequent = ['the', 'a', 'of', 'to', 'cat', 'in', 'is']
		const places = new Set<number>()
		for (let turn = 0; turn < 100; turn += 1) {
			const made = hideAmong('cat', frequent, 5, random).split(' ')
			expect(made).toHaveLength(6)
			expect(new Set(made).size).toBe(6)
			places.add(made.indexOf('cat'))
		}
		expect([...places].sort()).toEqual([0, 1, 2, 3, 4, 5])
	})

	it('makes do with fewer', () => {
		expect(hideAmong('cat', ['cat', 'the'], 5, seededRandom(1)).split(' ')).toHaveLength(2)
	})
})
