import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Coder, Decoder, Encoder, type PartCoder } from '../../../src/model/packed/coder.ts'
import { AppError } from '../../../src/shared/app-error.ts'

/** Codes in either direction, and gives back what came out. */
type Walk<T> = (coder: Coder, given: T | null) => T

function encode<T>(walk: Walk<T>, given: T): Uint8Array {
	const encoder = new Encoder()
	walk(encoder, given)
	return encoder.finish()
}

function decode<T>(walk: Walk<T>, bytes: Uint8Array): T {
	const decoder = new Decoder(bytes)
	const decoded = walk(decoder, null)
	decoder.finish()
	return decoded
}

/** A part of `count` symbols, each in the context that `contextOf` says. */
function symbols(count: number, contexts: number, contextOf: (index: number) => number) {
	const walk: Walk<number[]> = (coder, given) =>
		coder.part(contexts, (part) =>
			Array.from({ length: count }, (_, index) =>
				part.symbol(contextOf(index), given?.[index] ?? 0),
			),
		)
	return walk
}

function tryDecode<T>(walk: Walk<T>, bytes: Uint8Array): unknown {
	try {
		return decode(walk, bytes)
	} catch (error) {
		return error
	}
}

const anySymbols = fc.integer({ min: 1, max: 256 }).chain((size) =>
	fc.record({
		given: fc.array(fc.nat(size - 1), { maxLength: 600 }),
		repeated: fc.nat(size - 1),
		contexts: fc.integer({ min: 1, max: 60 }),
	}),
)

describe('the coder', () => {
	it('gives back every symbol, however often each comes, and in how many contexts', () => {
		fc.assert(
			fc.property(anySymbols, ({ given, repeated, contexts }) => {
				const all = [...given, ...new Array<number>(3000).fill(repeated), ...given]
				const walk = symbols(all.length, contexts, (index) => (index * 7) % contexts)
				expect(decode(walk, encode(walk, all))).toEqual(all)
			}),
			{ numRuns: 60 },
		)
	})

	it('gives back numbers of any size, with tables or without, and numbers that are all as likely', () => {
		const evens = fc.array(
			fc
				.integer({ min: 1, max: 2 ** 31 })
				.chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1))),
			{ maxLength: 50 },
		)
		const numbers = fc.array(fc.oneof(fc.nat(40), fc.maxSafeNat()), { maxLength: 80 })
		fc.assert(
			fc.property(numbers, evens, (numbers, evens) => {
				const walk: Walk<number[]> = (coder, given) => [
					...numbers.map((_, index) => coder.plain(given?.[index] ?? 0)),
					...coder.part(2, (part: PartCoder) => [
						...numbers.map((_, index) => part.number(index % 2, given?.[index] ?? 0)),
						...evens.map(([size], index) =>
							part.even(size, given?.[numbers.length * 2 + index] ?? 0),
						),
					]),
				]
				const given = [...numbers, ...numbers, ...evens.map(([, value]) => value)]
				expect(decode(walk, encode(walk, given))).toEqual(given)
			}),
		)
	})

	it('comes within a hundredth of the entropy', () => {
		const given = Array.from({ length: 40_000 }, (_, index) =>
			index % 10 === 0 ? 1 + (index % 7) : 0,
		)
		const bytes = encode(
			symbols(given.length, 1, () => 0),
			given,
		)
		const entropy = 0.9 * -Math.log2(0.9) + 0.1 * -Math.log2(0.1 / 7)
		expect(bytes.length).toBeLessThan(((given.length * entropy) / 8) * 1.01 + 150)
	})

	it('gives contexts tables of their own where that pays, and one where it does not', () => {
		const unlike = Array.from({ length: 40_000 }, (_, index) => (index % 2) * 100 + (index % 3))
		const contextOf = (index: number) => index % 2
		const apart = encode(symbols(unlike.length, 2, contextOf), unlike)
		const together = encode(
			symbols(unlike.length, 1, () => 0),
			unlike,
		)
		expect(together.length - apart.length).toBeGreaterThan(4800)
		const alike = Array.from({ length: 400 }, (_, index) => (index * 31) % 5)
		const many = encode(
			symbols(alike.length, 50, (index) => index % 50),
			alike,
		)
		const one = encode(
			symbols(alike.length, 1, () => 0),
			alike,
		)
		expect(many.length).toBeLessThanOrEqual(one.length)
	})

	it('says so where bytes are missing, or too many; others give other symbols at most', () => {
		const given = Array.from({ length: 1000 }, (_, index) => (index * 37) % 50)
		const walk = symbols(given.length, 1, () => 0)
		const bytes = encode(walk, given)
		expect(() => decode(walk, bytes.slice(0, -1))).toThrow('ends too early')
		expect(() => decode(walk, bytes.slice(0, 10))).toThrow('ends too early')
		expect(() => decode(walk, new Uint8Array([...bytes, 0]))).toThrow('1 bytes too many')
		fc.assert(
			fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
				const flipped = bytes.slice()
				flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
				const outcome = tryDecode(walk, flipped)
				if (outcome instanceof AppError) expect(outcome.code).toBe('damaged')
				else expect(outcome).toHaveLength(given.length)
			}),
		)
	})
})
