import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	Adaptive,
	AdaptiveNumber,
	Specialist,
} from '../../../../src/model/packed/range-coded/adaptive.ts'
import { type Coder, RangeDecoder } from '../../../../src/model/packed/range-coded/range-coder.ts'
import { RangeEncoder } from '../../../fixtures/range-coded.ts'

/** Codes in either direction, and gives back what came out. */
type Walk<T> = (coder: Coder, given: T | null) => T

function roundTrip<T>(
	walk: Walk<T>,
	given: T,
): { readonly bytes: Uint8Array; readonly decoded: T } {
	const encoder = new RangeEncoder()
	walk(encoder, given)
	const bytes = encoder.finish()
	const decoder = new RangeDecoder(bytes)
	const decoded = walk(decoder, null)
	decoder.finish()
	return { bytes, decoded }
}

function symbols(size: number, count: number): Walk<number[]> {
	return (coder, given) => {
		const general = new Adaptive(size)
		const models = [new Specialist(general), new Specialist(general)]
		return Array.from({ length: count }, (_, index) =>
			coder.symbol(models[index % 2] ?? general, given?.[index] ?? 0),
		)
	}
}

describe('the range coder', () => {
	it('gives back every symbol, with models that learn on the way', () => {
		const alphabet = fc.integer({ min: 1, max: 256 }).chain((size) =>
			fc.record({
				size: fc.constant(size),
				given: fc.array(fc.nat(size - 1), { maxLength: 600 }),
				repeated: fc.nat(size - 1),
			}),
		)
		fc.assert(
			fc.property(alphabet, ({ size, given, repeated }) => {
				const all = [...given, ...new Array<number>(300).fill(repeated), ...given]
				expect(roundTrip(symbols(size, all.length), all).decoded).toEqual(all)
			}),
			{ numRuns: 60 },
		)
	})

	it('gives back numbers of any size, and numbers that are all as likely', () => {
		const numbers = fc.array(fc.maxSafeNat(), { maxLength: 50 })
		const evens = fc.array(
			fc
				.integer({ min: 1, max: 2 ** 20 })
				.chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1))),
			{ maxLength: 50 },
		)
		fc.assert(
			fc.property(numbers, evens, (numbers, evens) => {
				const walk: Walk<number[]> = (coder, given) => {
					const model = new AdaptiveNumber()
					return [
						...numbers.map((_, index) => model.code(coder, given?.[index] ?? 0)),
						...evens.map(([size], index) => coder.even(size, given?.[numbers.length + index] ?? 0)),
					]
				}
				const given = [...numbers, ...evens.map(([, value]) => value)]
				expect(roundTrip(walk, given).decoded).toEqual(given)
			}),
		)
	})

	it('carries through bytes of 255', () => {
		// The last of an even split pushes the low end of the range up to where one more addition carries.
		const given = Array.from({ length: 4000 }, (_, index) => (index % 97 === 0 ? 0 : 254))
		const walk: Walk<number[]> = (coder, values) =>
			given.map((_, index) => coder.even(255, values?.[index] ?? 0))
		expect(roundTrip(walk, given).decoded).toEqual(given)
	})

	it('comes within a fiftieth of the entropy where there is enough to learn from', () => {
		const given = Array.from({ length: 40_000 }, (_, index) =>
			index % 10 === 0 ? 1 + (index % 7) : 0,
		)
		const { bytes } = roundTrip(symbols(256, given.length), given)
		const entropy = 0.9 * -Math.log2(0.9) + 0.1 * -Math.log2(0.1 / 7)
		expect(bytes.length).toBeLessThan(((given.length * entropy) / 8) * 1.02 + 100)
	})

	it('says so where bytes are missing, or too many', () => {
		const encoder = new RangeEncoder()
		for (let value = 0; value < 100; value += 1) encoder.even(256, value)
		const bytes = encoder.finish()
		const read = (decoder: RangeDecoder) => {
			for (let value = 0; value < 100; value += 1) decoder.even(256)
			decoder.finish()
		}
		expect(() => read(new RangeDecoder(bytes))).not.toThrow()
		expect(() => read(new RangeDecoder(bytes.slice(0, -1)))).toThrow('ends too early')
		expect(() => read(new RangeDecoder(new Uint8Array([...bytes, 0])))).toThrow('1 bytes too many')
	})
})
