import { describe, expect, it } from 'vitest'
import { describeSelection } from '../../../../scripts/lib/collect/selection.ts'

describe('describeSelection', () => {
	it('is the same for the same names in any order and case', () => {
		const one = describeSelection({ kind: 'names', names: ['Linux', 'cats'] })
		expect(describeSelection({ kind: 'names', names: ['CATS', 'linux'] })).toBe(one)
		expect(describeSelection({ kind: 'names', names: ['cats'] })).not.toBe(one)
		expect(describeSelection({ kind: 'top', count: 7 })).toBe('top=7')
	})
})
