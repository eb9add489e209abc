import { describe, expect, it } from 'vitest'
import { formatPrior } from '../../../../scripts/lib/evaluation/format.ts'

describe('formatPrior', () => {
	it('says how strong it is, and for which titles it counts more', () => {
		const short = [
			{ knownWords: 1, times: 3 },
			{ knownWords: 2, times: 2.5 },
			{ knownWords: 4, times: 1.5 },
		]
		expect(formatPrior({ alpha: 0, beta: 0.2, gamma: 0.45, short })).toBe(
			'beta 0.20, gamma 0.45; 3 times as strong for 1 known word, 2.5 times for 2, 1.5 times for 3 to 4',
		)
	})

	it('says no more of one from before short titles had their own', () => {
		expect(formatPrior({ alpha: 0.2, gamma: 0 })).toBe('alpha 0.20, gamma 0.00')
	})
})
