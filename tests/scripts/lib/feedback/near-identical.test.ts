import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupNearIdentical } from '../../../../scripts/lib/feedback/near-identical.ts'

const ORIGINAL = 'a long title about the moons of a planet far away from here and now'

describe('groupNearIdentical', () => {
	it('finds a title again with a word added, taken away or moved', () => {
		const words = ORIGINAL.split(' ')
		const copies = words.slice(0, 8).map((word) => `${ORIGINAL} ${word}x`)
		const groups = groupNearIdentical([ORIGINAL, ...copies, words.toReversed().join(' ')])
		// One of them may slip through the bands, but hardly more.
		expect(groups.filter((first) => first === 0).length).toBeGreaterThanOrEqual(8)
	})

	it('keeps different titles apart', () => {
		fc.assert(
			fc.property(
				fc.uniqueArray(fc.string({ minLength: 4, maxLength: 8 }), { minLength: 20, maxLength: 20 }),
				(names) => {
					const words = names.map((name) => encodeURIComponent(name))
					const titles = [words.slice(0, 5), words.slice(5, 10), words.slice(10, 15)]
					expect(groupNearIdentical(titles.map((title) => title.join(' ')))).toEqual([0, 1, 2])
				},
			),
		)
	})

	it('puts equal titles together', () => {
		fc.assert(
			fc.property(fc.string({ minLength: 1 }), (title) => {
				expect(groupNearIdentical([title, title, title])).toEqual([0, 0, 0])
			}),
		)
	})
})
