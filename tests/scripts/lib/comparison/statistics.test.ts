// The statistics of a comparison against an independent implementation, and what holds of them whatever the posts are.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measureChurn } from '../../../../scripts/lib/comparison/churn.ts'
import { measureF1Changes, spreadOf } from '../../../../scripts/lib/comparison/f1-changes.ts'
import { compareGroups } from '../../../../scripts/lib/comparison/groups.ts'
import { countHits, pairAnswers } from '../../../../scripts/lib/comparison/paired-answers.ts'
import { comparePaired } from '../../../../scripts/lib/comparison/paired-difference.ts'
import { type AnsweredPost, EXPECTED, pairPosts } from '../../../fixtures/comparison.ts'
import { seededRandom } from '../../../fixtures/corpus.ts'

const ANSWERS = pairPosts(EXPECTED.posts)

const LABELS = ['ants', 'bees', 'cats', 'dogs', 'fish', 'owls'] as const
const anyFive = fc.uniqueArray(fc.constantFrom(...LABELS), { maxLength: 5 })
const anyPosts: fc.Arbitrary<AnsweredPost[]> = fc.array(
	fc.record({ actual: fc.constantFrom(...LABELS), a: anyFive, b: anyFive }),
	{ minLength: 1, maxLength: 60 },
)

function expectClose(actual: object, expected: object, digits = 12): void {
	const byName: Readonly<Record<string, unknown>> = { ...actual }
	for (const [name, value] of Object.entries(expected))
		expect(byName[name], name).toBeCloseTo(value, digits)
}

describe('the figures of scipy, scikit-learn and statsmodels', () => {
	it.each([
		['recall@1', 1],
		['recall@5', 5],
	] as const)('agree about %s', (name, depth) => {
		const counts = countHits(ANSWERS, ANSWERS.actual.keys(), depth)
		const { a, b, exactP: _, ...paired } = { exactP: 0, ...EXPECTED[name] }
		expect(counts.hitsA / counts.posts).toBeCloseTo(a, 12)
		expect(counts.hitsB / counts.posts).toBeCloseTo(b, 12)
		// Our 97.5% point has seven digits.
		expectClose(comparePaired(counts), paired, 7)
	})

	it('agree about a group', () => {
		const { groups, emptyGroups } = compareGroups(ANSWERS, { pets: ['Cats', 'DOGS'], none: ['x1'] })
		expect(emptyGroups).toEqual(['none'])
		const posts = EXPECTED.posts.filter(({ actual }) => EXPECTED.group.includes(actual))
		expect(groups).toMatchObject([
			{ name: 'pets', labels: [...EXPECTED.group].sort(), posts: posts.length },
		])
		for (const depth of [1, 5] as const) {
			const { exactP: _, ...recall } = { exactP: 0, ...EXPECTED[`groupRecall@${depth}`] }
			expectClose(groups[0]?.[`recall@${depth}`] ?? {}, recall, 7)
		}
	})

	it('agree about changes of f1', () => {
		const changes = measureF1Changes(ANSWERS, EXPECTED.minPosts)
		expect(changes?.bins.counts).toEqual(EXPECTED.f1Changes.counts)
		expect(changes?.within20).toBeCloseTo(EXPECTED.f1Changes.within20, 12)
		expect(changes?.deviation).toBeCloseTo(EXPECTED.f1Changes.deviation, 12)
	})

	it('agree about churn', () => {
		const { first, five } = measureChurn(ANSWERS)
		expectClose(first, EXPECTED.churn.first)
		expectClose(five, EXPECTED.churn.five)
	})
})

describe('measureF1Changes', () => {
	it('finds no change between a model and itself, and chance between its halves', () => {
		const posts = EXPECTED.posts.map((post) => ({ ...post, b: post.a }))
		const changes = measureF1Changes(pairPosts(posts), 20)
		expect(changes).toMatchObject({ within20: 1, deviation: 0, swapped: { deviation: 0 } })
		expect(changes?.chance?.deviation).toBeGreaterThan(0)
	})

	it('takes a change for wider than chance where there is one, and not where there is none', () => {
		const random = seededRandom(5)
		const draw = (right: (post: number) => number): AnsweredPost[] =>
			Array.from({ length: 4_000 }, (_, post) => {
				const actual = LABELS[post % LABELS.length] ?? 'ants'
				const other = LABELS[Math.floor(random() * LABELS.length)] ?? 'ants'
				const answer = (share: number) => [random() < share ? actual : other]
				return { actual, a: answer(0.5), b: answer(right(post)) }
			})
		const none = measureF1Changes(pairPosts(draw(() => 0.5)), 20)
		const some = measureF1Changes(pairPosts(draw((post) => (post % 6 < 3 ? 0.2 : 0.8))), 20)
		expect(none?.deviation).toBeLessThan(3 * (none?.swapped.deviation ?? 0))
		expect(some?.deviation).toBeGreaterThan(5 * (some?.swapped.deviation ?? 0))
		expect(some?.deviation).toBeGreaterThan(3 * (some?.chance?.deviation ?? 0))
	})

	it('counts each subreddit with enough posts once, all figures finite, whatever the posts are', () => {
		fc.assert(
			fc.property(anyPosts, fc.integer({ min: 1, max: 8 }), (posts, minPosts) => {
				const changes = measureF1Changes(pairPosts(posts), minPosts)
				const large = LABELS.filter(
					(label) => posts.filter(({ actual }) => actual === label).length >= minPosts,
				)
				expect(changes?.subreddits ?? 0).toBe(large.length)
				if (!changes) return
				for (const spread of [changes, changes.swapped, changes.chance ?? changes]) {
					const total = spread.bins.counts.reduce((sum, count) => sum + count, 0)
					expect(total).toBe(spread.subreddits)
					expect(spread.deviation).toBeLessThanOrEqual(1)
					expect(spread.within20).toBeLessThanOrEqual(1)
				}
			}),
		)
	})

	it('puts a change of exactly 0.2 within 0.2, and each end into a bin', () => {
		expect(spreadOf([0.7 - 0.5, 0.5 - 0.7, 1, -1])).toMatchObject({ subreddits: 4, within20: 0.5 })
		expect(spreadOf([0]).bins.counts[20]).toBe(1)
		for (const wrong of [[], [Number.NaN], [1.1]]) expect(() => spreadOf(wrong)).toThrow(RangeError)
	})
})

describe('measureChurn', () => {
	it('is nothing between a model and itself, and between two that know no word', () => {
		for (const five of [[], ['cats'], ['cats', 'dogs', 'ants', 'bees', 'fish']]) {
			const { first, five: others } = measureChurn(
				pairPosts([{ actual: 'cats', a: five, b: five }]),
			)
			expect([first.value, others.value]).toEqual([0, 0])
		}
	})

	it('does not mind the order of the five, nor which model is first', () => {
		const [a, b] = [
			['cats', 'dogs', 'ants', 'bees', 'fish'],
			['fish', 'bees', 'ants', 'dogs', 'owls'],
		]
		const post = { actual: 'cats', a: a ?? [], b: b ?? [] }
		const there = measureChurn(pairPosts([post]))
		expect(there).toMatchObject({ first: { value: 1 }, five: { value: 0.2 } })
		expect(measureChurn(pairPosts([{ ...post, a: post.b, b: post.a }]))).toEqual(there)
	})

	it('is a share inside its interval, whatever the posts are', () => {
		fc.assert(
			fc.property(anyPosts, (posts) => {
				for (const { value, low, high } of Object.values(measureChurn(pairPosts(posts)))) {
					expect(low).toBeGreaterThanOrEqual(0)
					expect(low).toBeLessThanOrEqual(value)
					expect(value).toBeLessThanOrEqual(high)
					expect(high).toBeLessThanOrEqual(1)
				}
			}),
		)
	})
})

describe('pairAnswers', () => {
	it('takes no miss for a hit where neither model knows the subreddit', () => {
		const list = { posts: 1, subredditOf: () => undefined, suggestionsOf: () => [] }
		const counts = countHits(pairAnswers(list, list), [0], 5)
		expect(counts).toEqual({ posts: 1, hitsA: 0, hitsB: 0, onlyA: 0, onlyB: 0 })
	})

	it('refuses answers to other posts', () => {
		const list = { posts: 1, subredditOf: () => undefined, suggestionsOf: () => [] }
		expect(() => pairAnswers(list, { ...list, posts: 2 })).toThrow(/the posts changed/)
	})
})
