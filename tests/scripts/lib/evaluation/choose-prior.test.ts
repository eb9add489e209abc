import { describe, expect, it } from 'vitest'
import { choosePrior } from '../../../../scripts/lib/evaluation/choose-prior.ts'
import { RankedTitles } from '../../../../scripts/lib/evaluation/ranked-titles.ts'
import type { Prediction } from '../../../../src/model/engine.ts'
import { seededRandom } from '../../../fixtures/corpus.ts'

const LABELS = ['big', 'small', 'a', 'b', 'c', 'd', 'e']
const LARGE = 10_000_000

const counts = (fields: (name: string) => { subscribers?: number; recent?: number }) =>
	LABELS.map((name) => ({ name, train: 1_000, valid: 100, test: 100, ...fields(name) }))

/** Titles of which the model is unsure; the right label is drawn by `odds`. The model itself holds all for alike. */
function drawTitles(
	count: number,
	odds: Readonly<Record<string, number>>,
	{ knownWords = 8, titles = new RankedTitles(LABELS) } = {},
): RankedTitles {
	const random = seededRandom(3)
	const total = LABELS.reduce((sum, label) => sum + (odds[label] ?? 1), 0)
	for (let index = 0; index < count; index += 1) {
		let point = random() * total
		const right = LABELS.find((label) => {
			point -= odds[label] ?? 1
			return point < 0
		})
		const predictions = LABELS.map((label) => ({ label, score: 0.05 + 0.1 * random() }))
		const answer = { words: 8, knownWords, predictions: predictions.sort(byScore) }
		titles.add({ subreddit: right ?? 'e', isWhole: knownWords === 8, text: '' }, answer)
	}
	return titles
}

const byScore = (a: Prediction, b: Prediction) => b.score - a.score

describe('RankedTitles', () => {
	it('counts titles whose subreddit is among the first five, once weights are added', () => {
		const titles = new RankedTitles(LABELS)
		const scores = [0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05]
		const predictions = scores.map((score, index) => ({ label: LABELS[index] as string, score }))
		for (const subreddit of ['d', 'e', 'unheard'])
			titles.add({ subreddit, isWhole: true, text: '' }, { words: 3, knownWords: 2, predictions })
		const weights = (label: string, weight: number) =>
			titles.labels.map((name) => (name === label ? weight : 0))
		expect(titles.countHits(weights('d', 0))).toBe(0)
		expect(titles.countHits(weights('d', Math.log(0.1 / 0.08) + 0.01))).toBe(1)
		expect(titles.countHits(weights('d', Math.log(0.1 / 0.08) - 0.01))).toBe(0)
		expect(titles.countHits(weights('e', 5))).toBe(1)
	})

	it('counts titles whose subreddit is first of the five, once these are in another order', () => {
		const titles = new RankedTitles(LABELS)
		const scores = [0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05]
		const predictions = scores.map((score, index) => ({ label: LABELS[index] as string, score }))
		for (const subreddit of ['big', 'c', 'd'])
			titles.add({ subreddit, isWhole: true, text: '' }, { words: 3, knownWords: 2, predictions })
		const heavy = (label: string) => titles.labels.map((name) => (name === label ? 9 : 0))
		const none = heavy('')
		expect(titles.countFirst(none, none)).toBe(1)
		expect(titles.countFirst(none, heavy('small'))).toBe(0)
		expect(titles.countFirst(none, heavy('c'))).toBe(1)
		// The sixth is not among the five: no order brings it there.
		expect(titles.countFirst(none, heavy('d'))).toBe(1)
		expect(titles.countFirst(heavy('d'), heavy('d'))).toBe(1)
	})

	it('gives back what was said to each title, to the bit', () => {
		const titles = new RankedTitles(LABELS)
		const predictions = [0.3, 0.2, 1e-12].map((score, index) => {
			return { label: LABELS[index] as string, score: Math.fround(score) }
		})
		const answer = { words: 3, knownWords: 2, predictions }
		titles.add({ subreddit: 'd', isWhole: true, text: '' }, answer)
		titles.add({ subreddit: 'e', isWhole: false, text: '' }, { ...answer, knownWords: 1 })
		const whole = titles.filter(({ isWhole }) => isWhole)
		expect([...whole.read()]).toMatchObject([{ subreddit: 'd', ...answer }])
		expect([...titles.read()].map(({ knownWords }) => knownWords)).toEqual([2, 1])
	})

	it('chooses among as many titles as a large collection has', () => {
		const titles = new RankedTitles(LABELS)
		const answer = { words: 3, knownWords: 2, predictions: [] }
		for (let index = 0; index < 200_000; index += 1)
			titles.add({ subreddit: 'd', isWhole: index % 2 === 0, text: '' }, answer)
		expect(titles.filter(() => true).filter(({ isWhole }) => isWhole).count).toBe(100_000)
	})
})

describe('choosePrior', () => {
	it('takes recency where recent subreddits are posted in more', () => {
		const titles = drawTitles(3_000, { big: 10, small: 10 })
		const labels = counts((name) => ({ recent: name === 'big' || name === 'small' ? 900 : 30 }))
		const prior = choosePrior(titles, labels)
		expect(prior?.beta).toBe(0)
		expect(prior?.gamma).toBeGreaterThan(0)
		const weights = new Map(titles.labels.map((label, index) => [label, prior?.weights[index]]))
		expect(weights.get('big')).toBeGreaterThan(weights.get('a') as number)
		expect(titles.countHits(prior?.weights ?? [])).toBeGreaterThan(
			titles.countHits(LABELS.map(() => 0)),
		)
	})

	it('takes the largest beta that costs no recall that could be measured', () => {
		const sizes = counts((name) => ({ subscribers: name === 'big' ? LARGE : 1_000 }))
		const helpful = choosePrior(drawTitles(3_000, { big: 10 }), sizes)
		expect(helpful?.beta).toBe(3)
		// Where the large one is rare, its place is taken from those that are right.
		const harmful = choosePrior(drawTitles(3_000, { big: 0 }), sizes)?.beta ?? 0
		expect(harmful).toBeLessThanOrEqual(0.1)
	})

	it('lets it count more in short titles, as far as that costs nothing that could be measured', () => {
		const sizes = counts((name) => ({ subscribers: name === 'big' ? 1_200 : 1_000 }))
		const timesOf = (oddsOfOneWord: number, oneWordTitles: number) => {
			const titles = drawTitles(1_000, { big: 0.5 })
			drawTitles(oneWordTitles, { big: oddsOfOneWord }, { knownWords: 1, titles })
			drawTitles(600, { big: 20 }, { knownWords: 2, titles })
			return choosePrior(titles, sizes)?.short
		}
		// Of three or four known words there are no titles: as ever.
		expect(timesOf(20, 600)).toEqual([
			{ knownWords: 1, times: 3 },
			{ knownWords: 2, times: 3 },
			{ knownWords: 4, times: 1 },
		])
		// No more for longer titles than for shorter ones, whatever theirs say.
		const [one, two] = timesOf(0, 3_000) ?? []
		expect(one?.times).toBeLessThan(3)
		expect(two?.times).toBe(one?.times)
		// Too few of one word: they say nothing, for those of two neither.
		expect(timesOf(20, 400)?.map(({ times }) => times)).toEqual([1, 3, 1])
	})

	it('gives labels without a size the median', () => {
		const labels = counts((name) =>
			name === 'small' ? {} : { subscribers: name === 'big' ? LARGE : 1_000 },
		)
		const titles = drawTitles(3_000, { big: 10 })
		const weights = choosePrior(titles, labels)?.weights ?? []
		const weightOf = (label: string) => weights[titles.labels.indexOf(label)]
		expect(weightOf('small')).toBe(weightOf('a'))
		expect(weightOf('big')).toBeGreaterThan(weightOf('a') as number)
	})

	it('chooses none where little is known: no sizes, few sizes, or few titles', () => {
		const titles = drawTitles(3_000, { big: 10 })
		expect(
			choosePrior(
				titles,
				counts(() => ({})),
			),
		).toBeNull()
		const few = counts((name) => (name === 'big' ? { subscribers: LARGE } : {}))
		expect(choosePrior(titles, few)).toBeNull()
		const sizes = counts((name) => ({ subscribers: name === 'big' ? LARGE : 1_000 }))
		expect(choosePrior(drawTitles(100, { big: 10 }), sizes)).toBeNull()
	})
})
