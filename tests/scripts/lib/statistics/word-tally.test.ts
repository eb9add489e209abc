import { describe, expect, it } from 'vitest'
import { WordTally } from '../../../../scripts/lib/statistics/word-tally.ts'
import { wilson, Z95 } from '../../../../src/shared/statistics.ts'
import { EXPECTED } from '../../../fixtures/statistics.ts'

function tally(titles: readonly (readonly [words: number, unknown: number])[]) {
	const all = new WordTally()
	for (const [words, unknown] of titles) all.add({ words, knownWords: words - unknown })
	return all.finish()
}

describe('WordTally', () => {
	it('has the interval that the jackknife over titles has', () => {
		const { words, unknown, share, jackknifeError } = EXPECTED.words
		const { unknownShare } = tally(words.map((count, title) => [count, unknown[title] ?? 0]))
		expect(unknownShare.value).toBeCloseTo(share, 12)
		expect((unknownShare.high - unknownShare.value) / (Z95 * jackknifeError)).toBeCloseTo(1, 1)
	})

	it('is never surer than words one by one would make it', () => {
		// Each title has one unknown word of four: the titles do not differ at all.
		const { unknownShare } = tally(Array(50).fill([4, 1]))
		const { low, high } = wilson(50, 200)
		expect(unknownShare).toEqual({ value: 0.25, low, high })
	})

	it('knows nothing from no word, and little from one title', () => {
		expect(tally([[0, 0]]).unknownShare).toEqual({ value: 0, low: 0, high: 1 })
		expect(tally([[4, 1]]).unknownShare).toEqual({ value: 0.25, low: 0, high: 1 })
	})
})
