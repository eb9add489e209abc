import { expect, it } from 'vitest'
import { fallsBelow } from '../../../../scripts/lib/retraining/retrain.ts'
import { COMPARISON } from '../../../fixtures/comparison-report.ts'

const MARGIN = 0.005

function compared(low: number, high: number) {
	const verdict = high < 0 ? ('worse' as const) : ('no clear difference' as const)
	const recall = { difference: (low + high) / 2, low, high, p: 0.01 }
	return { ...COMPARISON, verdict, 'recall@5': recall }
}

it('refits a candidate that is worse by less than the gate allows, or perhaps not at all', () => {
	expect(fallsBelow(MARGIN, compared(-0.0038, -0.002))).toBe(false)
	expect(fallsBelow(MARGIN, compared(-0.006, -0.002))).toBe(true)
	expect(fallsBelow(MARGIN, compared(-0.005, -0.002))).toBe(true)
	// Few posts: nothing is known.
	expect(fallsBelow(MARGIN, compared(-0.024, 0.024))).toBe(false)
	expect(fallsBelow(MARGIN, null)).toBe(false)
})
