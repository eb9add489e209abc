import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { Numbers } from '../../src/shared/schema-parts.ts'

const numbers = Numbers({ least: -50, most: 50 }, 4)
/** The same, as a schema for each number says it. */
const oneByOne = v.pipe(
	v.array(v.pipe(v.number(), v.finite(), v.minValue(-50), v.maxValue(50))),
	v.minLength(1),
	v.maxLength(4),
)

describe('Numbers', () => {
	it('takes and refuses what a schema for each number does', () => {
		const inside = fc.double({ min: -50, max: 50, noNaN: true })
		const other = fc.oneof(
			fc.double(),
			fc.constantFrom('1', null, undefined, true, 50.1, -50.1, {}),
		)
		const one = fc.oneof({ weight: 20, arbitrary: inside }, { weight: 1, arbitrary: other })
		const list = fc.array(one, { maxLength: 6 })
		const anything = fc.oneof(
			{ weight: 9, arbitrary: list },
			{ weight: 1, arbitrary: fc.anything() },
		)
		let taken = 0
		fc.assert(
			fc.property(anything, (input) => {
				const { success } = v.safeParse(numbers, input)
				taken += Number(success)
				expect(success).toBe(v.is(oneByOne, input))
			}),
			{ numRuns: 1000 },
		)
		expect(taken).toBeGreaterThan(100)
		expect(taken).toBeLessThan(900)
	})

	it('says what it expects', () => {
		const { issues } = v.safeParse(numbers, [51])
		expect(issues?.[0].message).toBe('expected 1 to 4 numbers from -50 to 50')
	})
})
