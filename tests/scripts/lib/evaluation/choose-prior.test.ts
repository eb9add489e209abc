import { describe, expect, it } from 'vitest'
import { choosePrior, RankedTitles } from '../../../../scripts/lib/evaluation/choose-prior.ts'
import { seededRandom } from '../../../fixtures/corpus.ts'

const LABELS = ['big', 'small', 'a', 'b', 'c', 'd', 'e']
const LARGE = 10_000_000

const counts = (fields: (name: string) => { subscribers?: number; recent?: number }) =>
	LABELS.map((name) => ({ name, train: 1_000, valid: 100, test: 100, ...fields(name) }))

/** Titles of which the model is unsure; the right label is drawn by `odds`. The model itself holds all for alike. */
function drawTitles(count: number, odds: Readonly<Record<string, number>>): RankedTitles {
	const random = seededRandom(3)
	const titles = new RankedTitles(LABELS)
	const total = LABELS.reduce((sum, label) => sum + (odds[label] ?? 1), 0)
	for (let index = 0; index < count; index += 1) {
		let point = random() * total
		const right = LABELS.find((label) => {
			point -= odds[label] ?? 1
			return point < 0
		})
		const predictions = LABELS.map((label) => ({ label, score: 0.05 + 0.1 * random() }))
		titles.add(
			right ?? 'e',
			predictions.sort((a, b) => b.score - a.score),
		)
	}
	return titles
}

describe('RankedTitles', () => {
	it('counts titles whose subreddit is among the first five, once weights are added', () => {
		const titles = new RankedTitles(LABELS)
		const scores = [0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05]
		const predictions = scores.map((score, index) => ({ label: LABELS[index] as string, score }))
		titles.add('d', predictions)
		titles.add('e', predictions)
		titles.add('unheard', predictions)
		const weights = (label: string, weight: number) =>
			titles.labels.map((name) => (name === label ? weight : 0))
		expect(titles.countHits(weights('d', 0))).toBe(0)
		expect(titles.countHits(weights('d', Math.log(0.1 / 0.08) + 0.01))).toBe(1)
		expect(titles.countHits(weights('d', Math.log(0.1 / 0.08) - 0.01))).toBe(0)
		expect(titles.countHits(weights('e', 5))).toBe(1)
	})
})

describe('choosePrior', () => {
	it('takes recency where recent subreddits are posted in more', () => {
		const titles = drawTitles(3_000, { big: 10, small: 10 })
		const labels = counts((name) => ({ recent: name === 'big' || name === 'small' ? 900 : 30 }))
		const prior = choosePrior(titles, labels)
		expect(prior?.alpha).toBe(0)
		expect(prior?.gamma).toBeGreaterThan(0)
		const weights = new Map(titles.labels.map((label, index) => [label, prior?.weights[index]]))
		expect(weights.get('big')).toBeGreaterThan(weights.get('a') as number)
		expect(titles.countHits(prior?.weights ?? [])).toBeGreaterThan(
			titles.countHits(LABELS.map(() => 0)),
		)
	})

	it('takes the largest alpha that costs no recall that could be measured', () => {
		const sizes = counts((name) => ({ subscribers: name === 'big' ? LARGE : 1_000 }))
		const helpful = choosePrior(drawTitles(3_000, { big: 10 }), sizes)
		expect(helpful?.alpha).toBe(1)
		// Where the large one is rare, its place is taken from those that are right.
		const harmful = choosePrior(drawTitles(3_000, { big: 0 }), sizes)?.alpha ?? 0
		expect(harmful).toBeLessThanOrEqual(0.1)
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
