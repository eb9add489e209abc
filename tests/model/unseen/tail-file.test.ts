import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeTail } from '../../../scripts/lib/unseen/write-tail.ts'
import { ColumnIndex } from '../../../src/model/unseen/columns.ts'
import type { UnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { UnseenSearch } from '../../../src/model/unseen/search.ts'
import type { SearchableIndex, VisitRow } from '../../../src/model/unseen/searchable.ts'
import { TailFile } from '../../../src/model/unseen/tail-file.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { indexes, PARAMETERS } from '../../fixtures/unseen-arbitrary.ts'

function readRow(visit: VisitRow): [number, number][] {
	const row: [number, number][] = []
	visit((subreddit, value) => row.push([subreddit, value]))
	return row
}

/** All that a search can ask an index for. */
function readAll(index: SearchableIndex, words: readonly string[]) {
	return {
		parameters: index.parameters,
		sizes: [...index.sizes],
		lengths: [...index.lengths],
		names: Array.from({ length: index.count }, (_, subreddit) => index.nameAt(subreddit)),
		labels: Array.from({ length: index.labelCount }, (_, label) =>
			readRow(index.visitLabel(label)),
		),
		words: words.map((word) => {
			const found = index.findWord(word)
			return found && { rarity: found.rarity, row: readRow(found.visit) }
		}),
	}
}

/** More names and words than a block has: `n0`, `n1`, … */
function makeLong(count: number): UnseenIndex {
	const texts = (letter: string) =>
		Array.from({ length: count }, (_, at) => `${letter}${at}`).sort((a, b) => (a < b ? -1 : 1))
	const column = Uint8Array.from({ length: count }, (_, at) => at % 256)
	const own = {
		from: Uint32Array.from({ length: count + 1 }, (_, at) => at),
		subreddits: Uint32Array.from({ length: count }, (_, at) => (at * 7) % count),
		values: Uint8Array.from({ length: count }, (_, at) => at % 256),
	}
	return {
		...{ parameters: PARAMETERS, names: texts('n'), sizes: column, lengths: column },
		...{ labels: own, words: texts('w'), rarities: column, postings: own },
	}
}

describe('TailFile', () => {
	test('has all that was written, whatever it was', () => {
		fc.assert(
			fc.property(indexes, fc.string(), (index, word) => {
				const asked = [...index.words, word]
				const opened = TailFile.open(writeTail(index))
				expect(readAll(opened, asked)).toEqual(readAll(new ColumnIndex(index), asked))
			}),
		)
	})

	test.each([15, 16, 17, 700])('finds each of %i words and names across blocks', (count) => {
		const index = makeLong(count)
		const opened = TailFile.open(writeTail(index))
		expect(readAll(opened, index.words)).toEqual(readAll(new ColumnIndex(index), index.words))
		for (const [place, name] of index.names.entries()) {
			expect(opened.names.find(name)).toBe(place)
			expect(opened.names.lowerBound(`${name}\0`)).toBe(place + 1)
		}
		expect(opened.names.find('n')).toBe(-1)
		expect(opened.names.join()).toBe(`\n${index.names.join('\n')}\n`)
	})

	test('copies nothing: the file is the memory', () => {
		const bytes = writeTail(makeLong(20))
		const opened = TailFile.open(bytes)
		expect(opened.sizes.buffer).toBe(bytes.buffer)
		expect(opened.lengths.buffer).toBe(bytes.buffer)
	})

	test.each([1, 4])('opens a file that lies %i bytes within a larger memory', (before) => {
		const index = makeLong(40)
		const bytes = writeTail(index)
		const memory = new Uint8Array(bytes.length + 9)
		memory.set(bytes, before)
		const opened = TailFile.open(memory.subarray(before, before + bytes.length))
		expect(readAll(opened, index.words)).toEqual(readAll(new ColumnIndex(index), index.words))
	})

	test('gives the same suggestions as the small index with the same subreddits', () => {
		fc.assert(
			fc.property(indexes, fc.array(fc.nat(20), { maxLength: 5 }), (index, chosen) => {
				const title = chosen.map((at) => index.words[at] ?? 'none').join(' ')
				const labels = Array.from({ length: index.labels.from.length - 1 }, (_, at) => `label${at}`)
				const predictions = labels.slice(0, 2).map((label) => ({ label, score: 0.3 }))
				const rank = (searchable: SearchableIndex) =>
					new UnseenSearch(searchable, labels).rank(title, predictions, 5)
				const opened = TailFile.open(writeTail(index))
				expect(rank(opened)).toEqual(rank(new ColumnIndex(index)))
			}),
		)
	})

	test('says what it got and what it expected', () => {
		const whole = writeTail(makeLong(20))
		const open = (bytes: Uint8Array) => () => TailFile.open(Uint8Array.from(bytes))
		expect(open(Buffer.from('unseen:1'))).toThrow('begins with "unseen:1", expected "unseen:2"')
		expect(open(whole.subarray(0, whole.length - 4))).toThrow(
			new RegExp(`${whole.length - 4} bytes, expected \\d+ and more`),
		)
		expect(open(Buffer.concat([whole, Buffer.alloc(4)]))).toThrow(
			`${whole.length + 4} bytes, expected ${whole.length}`,
		)
	})

	test('refuses a cut file, and never reads past a section of a changed one', () => {
		fc.assert(
			fc.property(indexes, fc.nat(), fc.nat(255), (index, place, byte) => {
				const whole = writeTail(index)
				const cut = whole.slice(0, place % whole.length)
				expect(() => TailFile.open(cut)).toThrow(AppError)
				const changed = whole.slice()
				changed[place % whole.length] = byte
				try {
					const opened = TailFile.open(changed)
					readAll(opened, index.words)
					opened.names.join()
				} catch (error) {
					expect(error).toBeInstanceOf(AppError)
				}
			}),
			{ numRuns: 500 },
		)
	})

	test('refuses any other bytes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				expect(() => TailFile.open(Uint8Array.from(bytes))).toThrow(AppError)
			}),
		)
	})
})
