import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeUnseenIndex } from '../../../scripts/lib/unseen/write-index.ts'
import {
	type Postings,
	readUnseenIndex,
	type UnseenIndex,
} from '../../../src/model/unseen/index-file.ts'
import { AppError } from '../../../src/shared/app-error.ts'

const PARAMETERS = {
	...{ k1: 1.2, b: 0.4, words: 0.35, coverage: 4, size: 0.6 },
	...{ bridge: 0.8, bridgeFloor: 0.0003, threshold: 0.4 },
}

const name = fc.stringMatching(/^[A-Za-z0-9_]{2,20}$/)
// Letters of other planes too: front-coding must not cut a pair.
const word = fc.string({
	unit: fc.constantFrom('a', 'b', 'é', '漢', '𝒳', '𝒴', '1'),
	minLength: 1,
	maxLength: 8,
})

function column(length: number): fc.Arbitrary<Uint8Array> {
	return fc.uint8Array({ minLength: length, maxLength: length })
}

function postings(rows: number, subreddits: number): fc.Arbitrary<Postings> {
	const row = fc.uniqueArray(fc.nat(Math.max(0, subreddits - 1)), {
		maxLength: Math.min(subreddits, 6),
	})
	return fc.array(row, { minLength: rows, maxLength: rows }).chain((all) => {
		const flat = all.flatMap((numbers) => numbers.sort((a, b) => a - b))
		const from = new Uint32Array(rows + 1)
		for (const [index, { length }] of all.entries())
			from[index + 1] = (from[index] as number) + length
		return column(flat.length).map((values) => ({
			from,
			subreddits: Uint32Array.from(flat),
			values,
		}))
	})
}

const indexes: fc.Arbitrary<UnseenIndex> = fc
	.record({
		names: fc.uniqueArray(name, { maxLength: 12, selector: (one) => one.toLowerCase() }),
		words: fc.uniqueArray(word, { maxLength: 12 }),
		labels: fc.nat(5),
	})
	.chain(({ names, words, labels }) =>
		fc.record({
			parameters: fc.constant(PARAMETERS),
			names: fc.constant(names.sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))),
			sizes: column(names.length),
			lengths: column(names.length),
			labels: postings(labels, names.length),
			words: fc.constant(words.sort((a, b) => (a < b ? -1 : 1))),
			rarities: column(words.length),
			postings: postings(words.length, names.length),
		}),
	)

describe('readUnseenIndex', () => {
	test('reads what was written, whatever it was', () => {
		fc.assert(
			fc.property(indexes, (index) => {
				expect(readUnseenIndex(writeUnseenIndex(index))).toEqual(index)
			}),
		)
	})

	test('refuses a file that is cut, longer, or changed in its counts, and never reads past its end', () => {
		fc.assert(
			fc.property(indexes, fc.nat(), fc.nat(255), (index, place, byte) => {
				const whole = writeUnseenIndex(index)
				const cut = whole.subarray(0, place % whole.length)
				expect(() => readUnseenIndex(cut)).toThrow(AppError)
				expect(() => readUnseenIndex(Buffer.concat([whole, Buffer.from([0])]))).toThrow(AppError)
				const changed = Uint8Array.from(whole)
				changed[place % whole.length] = byte
				try {
					readUnseenIndex(changed)
				} catch (error) {
					expect(error).toBeInstanceOf(AppError)
				}
			}),
			{ numRuns: 300 },
		)
	})

	test('refuses any other bytes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				expect(() => readUnseenIndex(bytes)).toThrow(AppError)
			}),
		)
	})

	test.each([
		['names that do not ascend', { names: ['bb', 'aa'] }],
		['one name twice', { names: ['Cats', 'cats'] }],
		['what is no name of a subreddit', { names: ['aa', '<script>'] }],
	])('refuses %s', (_what, { names }) => {
		const none = {
			from: new Uint32Array(1),
			subreddits: new Uint32Array(),
			values: new Uint8Array(),
		}
		const bytes = writeUnseenIndex({
			parameters: PARAMETERS,
			names,
			sizes: new Uint8Array(2),
			lengths: new Uint8Array(2),
			labels: none,
			words: [],
			rarities: new Uint8Array(),
			postings: none,
		})
		expect(() => readUnseenIndex(bytes)).toThrow(AppError)
	})
})
