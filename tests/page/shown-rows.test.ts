import { describe, expect, it } from 'vitest'
import { keepSame, type ShownRow } from '../../src/page/shown-rows.ts'

function row(subreddit: string, probability: number): ShownRow {
	return {
		subreddit,
		sure: `${100 * probability}%`,
		isLearnt: true,
		facts: { members: 10, words: ['kernel'] },
		pick: { how: 'suggestion', rank: 1, subreddit },
	}
}

describe('keepSame', () => {
	it('keeps the very row where it says the same, wherever it stands', () => {
		const before = [row('linux', 0.5), row('cats', 0.25)]
		const kept = keepSame(before, [row('cats', 0.25), row('linux', 0.5)])
		expect(kept[0]).toBe(before[1])
		expect(kept[1]).toBe(before[0])
	})

	it('takes the new row where anything differs', () => {
		const before = [row('linux', 0.5)]
		const others = [
			row('linux', 0.75),
			{ ...row('linux', 0.5), facts: null },
			{ ...row('linux', 0.5), facts: { members: 10, words: ['driver'] } },
			{ ...row('linux', 0.5), pick: { how: 'unseen', subreddit: 'linux' } as const },
		]
		for (const other of others) expect(keepSame(before, [other])).toEqual([other])
	})
})
