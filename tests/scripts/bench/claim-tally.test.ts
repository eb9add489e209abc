import { describe, expect, it } from 'vitest'
import {
	ClaimTally,
	COUNT_GROUPS,
	nameCount,
	nameShare,
	SHARE_GROUPS,
} from '../../../scripts/bench/claim-tally.ts'

const suggest = (...of: [string, number][]) =>
	of.map(([subreddit, probability]) => ({ subreddit, probability, score: probability }))

describe('ClaimTally', () => {
	it('puts what is claimed beside what is true, group by group', () => {
		const tally = new ClaimTally()
		tally.add('few', 'cats', suggest(['cats', 0.5], ['aww', 0.25]))
		tally.add('few', 'aww', suggest(['cats', 0.25], ['aww', 0.125]))
		tally.add('few', 'pics', suggest(['cats', 0.75]))
		tally.add('many', 'pics', suggest(['pics', 1]))
		const groups = tally.finish()
		expect(groups.get('few')).toEqual({
			titles: 3,
			claimed: 0.5,
			'recall@1': 1 / 3,
			'recall@5': 2 / 3,
		})
		expect(groups.get('many')).toMatchObject({ titles: 1, claimed: 1, 'recall@1': 1 })
	})

	it('leaves out titles for which nothing is claimed', () => {
		const tally = new ClaimTally()
		tally.add('none', 'cats', [])
		expect(tally.finish().size).toBe(0)
	})
})

describe('groups', () => {
	it('are five by the number of known words', () => {
		expect(COUNT_GROUPS).toEqual(['1', '2', '3 to 4', '5 to 8', '9 or more'])
		const named = [1, 2, 3, 4, 5, 8, 9, 40].map((knownWords) =>
			nameCount({ knownWords, words: 40 }),
		)
		expect(named).toEqual([
			...['1', '2', '3 to 4', '3 to 4', '5 to 8', '5 to 8'],
			...['9 or more', '9 or more'],
		])
	})

	it('are five by the share of known words', () => {
		expect(SHARE_GROUPS).toEqual([...['0 to 50%', '50 to 75%', '75 to 90%', '90 to 100%', 'all']])
		const named = [1, 49, 50, 75, 90, 99, 100].map((knownWords) =>
			nameShare({ knownWords, words: 100 }),
		)
		expect(named).toEqual([
			...['0 to 50%', '0 to 50%', '50 to 75%', '75 to 90%'],
			...['90 to 100%', '90 to 100%', 'all'],
		])
	})
})
