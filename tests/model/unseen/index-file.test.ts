import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeUnseenIndex } from '../../../scripts/lib/unseen/write-index.ts'
import { readUnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { indexes, PARAMETERS } from '../../fixtures/unseen-arbitrary.ts'

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
