import { describe, expect, it } from 'vitest'
import {
	chooseThreshold,
	figuresAt,
	tallyUnseen,
	UnseenTally,
} from '../../../../scripts/lib/unseen/tally.ts'

const match = (subreddit: string, evidence: number) => ({ subreddit, evidence })

function makeTally(): UnseenTally {
	const tally = new UnseenTally()
	tally.addUnseen('cats', [match('Cats', 0.9), match('dogs', 0.05)])
	tally.addUnseen('dogs', [match('cats', 0.5), match('dogs', 0.4)])
	tally.addUnseen('birds', [match('cats', 0.3), match('dogs', 0.2)])
	const many = ['a', 'b', 'c', 'd', 'e'].map((name) => match(name, 0.01))
	tally.addUnseen('d', many)
	tally.addKnown([match('cats', 0.6)])
	tally.addKnown([])
	return tally
}

describe('tallyUnseen', () => {
	it('counts what is found first and among five, in any case of the name', () => {
		expect(tallyUnseen(makeTally())).toMatchObject({ posts: 4, 'recall@1': 0.25, 'recall@5': 0.75 })
	})

	it('says for each threshold what is shown and what of it is right', () => {
		const figures = { ...tallyUnseen(makeTally()), leftOut: 4, candidates: 9 }
		// 0.9 and 0.4 are right, 0.5 is not.
		expect(figuresAt(figures, 0.4)).toEqual({
			threshold: 0.4,
			shown: 0.5,
			right: 2 / 3,
			shownForKnown: 0.5,
		})
		expect(figuresAt(figures, 0.61)).toMatchObject({ shown: 0.25, right: 1, shownForKnown: 0 })
	})

	it('says how often such evidence is right where a tenth of the titles are of unseen subreddits', () => {
		const tally = new UnseenTally()
		for (const title of ['a', 'b'])
			tally.addUnseen('cats', [match(title === 'a' ? 'cats' : title, 0.96)])
		tally.addUnseen('cats', [match('dogs', 0.3)])
		tally.addKnown([match('cats', 0.3)])
		// One of two with 0.96 is right, none with 0.3.
		expect(tallyUnseen(tally).right).toEqual([
			[0.3, 0],
			[0.96, 0.5],
		])
		tally.addKnown([match('cats', 0.97)])
		// Of known subreddits are nine in ten: half of these have one with 0.97.
		expect(tallyUnseen(tally).right.at(-1)?.[1]).toBeCloseTo(0.1 / 3 / (0.2 / 3 + 0.9 / 2), 3)
	})

	it('never says that more evidence is right less often', () => {
		const tally = new UnseenTally()
		tally.addUnseen('cats', [match('cats', 0.3)])
		tally.addUnseen('cats', [match('dogs', 0.8)])
		expect(tallyUnseen(tally).right).toEqual([[0.55, 0.5]])
	})

	it('refuses to make figures of no posts', () => {
		expect(() => tallyUnseen(new UnseenTally())).toThrow('take another --seed')
	})
})

describe('chooseThreshold', () => {
	const at = (threshold: number, right: number, shown = 0.1) => ({
		...{ threshold, right, shown, shownForKnown: 0 },
	})

	it('takes the lowest from which on at least a quarter is right', () => {
		expect(chooseThreshold([at(0.1, 0.1), at(0.2, 0.3), at(0.3, 0.2), at(0.4, 0.25)])).toBe(0.4)
		expect(chooseThreshold([at(0.1, 0.4), at(0.2, 0.5)])).toBe(0.1)
	})

	it('finds none where even the strongest evidence is mostly wrong', () => {
		expect(chooseThreshold([at(0.1, 0.1), at(0.2, 0.1)])).toBeNull()
	})
})
