import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatRows } from '../../../../scripts/lib/snapshot/format-rows.ts'
import { BYTES_PER_POST, checkMemory } from '../../../../scripts/lib/snapshot/memory.ts'
import { TitleTable } from '../../../../scripts/lib/snapshot/title-table.ts'
import { formatTrainingLine } from '../../../../src/model/training-text.ts'
import { makeTable, readTitles } from '../../../fixtures/title-table.ts'

const titles = fc.array(
	fc.record({
		subreddit: fc.constantFrom('a', 'b', 'ccc'),
		text: fc.oneof(fc.constantFrom('same', 'same as', '日本 語'), fc.string({ unit: 'grapheme' })),
		created: fc.integer({ min: 0, max: 4_102_444_800 }),
	}),
	{ maxLength: 60 },
)

describe('TitleTable', () => {
	it('gives back what was added, and knows which titles have one text', () => {
		fc.assert(
			fc.property(titles, (added) => {
				const { table } = makeTable(added)
				const rows = Uint32Array.from(added, (_, row) => row)
				expect(readTitles(table, rows)).toEqual(added)
				for (const [row, { text }] of added.entries())
					expect(table.sameText[row]).toBe(added.findIndex((other) => other.text === text))
			}),
		)
	})

	it('sorts by time, and leaves titles of one second in their order', () => {
		const few = fc.array(fc.constantFrom(0, 1, 65_535, 65_536, 4_102_444_800), { maxLength: 40 })
		fc.assert(
			fc.property(few, (times) => {
				const { rows } = makeTable(
					times.map((created, n) => ({ subreddit: 'a', text: `${n}`, created })),
				)
				const expected = times
					.map((created, row) => ({ created, row }))
					.sort((one, other) => one.created - other.created)
				expect([...rows]).toEqual(expected.map(({ row }) => row))
			}),
		)
	})

	it('grows beyond what it was made for, over many chunks of text', () => {
		const table = new TitleTable(10)
		const text = (n: number) => `${n % 30_000} ${'long '.repeat(250)}`
		for (let n = 0; n < 40_000; n += 1)
			table.add({ label: 0, text: text(n), created: n, ticket: n })
		expect(table.size).toBe(40_000)
		for (const row of [0, 9, 10, 13_000, 29_999, 39_999]) expect(table.text(row)).toBe(text(row))
		expect(table.sameText[39_999]).toBe(9_999)
		expect(table.sameText[29_999]).toBe(29_999)
	})

	it('takes lines that are of no post, with labels of their own', () => {
		const { table } = makeTable([{ subreddit: 'a', text: 'one', created: 5 }])
		const rows = table.addLines([
			{ subreddit: 'new', text: 'two' },
			{ subreddit: 'a', text: 'one' },
		])
		expect(table.names).toEqual(['a', 'new'])
		expect([...rows].every((row) => row >= table.posts)).toBe(true)
		expect(table.sameText[rows[1] ?? 0]).toBe(0)
	})
})

describe('formatRows', () => {
	it('writes the lines of the training format, whole ones in each piece', () => {
		const long = Array.from({ length: 3_000 }, (_, n) => ({
			...{ subreddit: n % 2 === 0 ? 'cats' : 'dogs', created: n },
			text: `naïve 日本 ${n} ${'x '.repeat(300)}`,
		}))
		const { table, rows } = makeTable(long)
		const pieces = Array.from(formatRows(table, rows), (piece) => Buffer.from(piece).toString())
		expect(pieces.length).toBeGreaterThan(1)
		expect(pieces.every((piece) => piece.endsWith('\n'))).toBe(true)
		expect(pieces.join('')).toBe(long.map(formatTrainingLine).join(''))
	})
})

describe('checkMemory', () => {
	it('refuses what does not fit, with both figures and what to do', () => {
		const posts = 50_000_000
		const needed = 200_000_000 + posts * BYTES_PER_POST
		expect(() => checkMemory(posts, needed)).not.toThrow()
		expect(() => checkMemory(posts, needed - 1)).toThrow(
			/^a snapshot of 50,000,000 posts takes 6\.5 GB of memory, and 6\.5 GB are free; take fewer with --from and --until, /,
		)
	})
})
