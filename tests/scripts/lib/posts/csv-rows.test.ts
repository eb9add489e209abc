import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CsvReader } from '../../../../scripts/lib/posts/csv-rows.ts'
import { TOO_LONG } from '../../../../scripts/lib/posts/lines.ts'
import type { RawRow } from '../../../../scripts/lib/posts/raw-row.ts'

const COLUMNS = ['id', 'created_utc', 'subreddit', 'title', 'score', 'num_comments', 'over_18']
const HEADER = COLUMNS.join(',')

function readCsv(text: string) {
	const reader = new CsvReader('x.csv')
	return [...reader.push(text.split('\n')), ...reader.end()].map(flatten)
}

/** A row without its text: a value, or a problem. */
function flatten({ line, content }: RawRow) {
	return 'value' in content ? { line, value: content.value } : { line, problem: content.problem }
}

function quote(field: string, always: boolean): string {
	return always || /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

const field = fc.oneof(
	fc.string({ maxLength: 8 }),
	fc
		.array(fc.constantFrom('"', ',', '\n', '\r\n', 'a', ' ', '""'), { maxLength: 6 })
		.map((parts) => parts.join('')),
)
const record = fc.tuple(...COLUMNS.map(() => field))

describe('CsvReader', () => {
	it('reads back whatever is written by RFC 4180, with the line on which each row begins', () => {
		fc.assert(
			fc.property(
				fc.array(record),
				fc.boolean(),
				fc.constantFrom('\n', '\r\n'),
				(records, always, end) => {
					const texts = records.map((fields) => fields.map((text) => quote(text, always)).join(','))
					const rows = readCsv([HEADER, ...texts, ''].join(end))
					let line = 2
					const expected = records.map((fields, index) => {
						const row = {
							line,
							value: Object.fromEntries(COLUMNS.map((name, at) => [name, fields[at]])),
						}
						line += (texts[index] ?? '').split('\n').length
						return row
					})
					expect(rows).toEqual(expected)
				},
			),
		)
	})

	it('gives the same rows however the lines come', () => {
		const lines = [HEADER, '1,2,a,"x', 'y",3,4,0', '2,2,a,z,3,4,0']
		const reader = new CsvReader('x.csv')
		const rows = [...lines.flatMap((line) => reader.push([line])), ...reader.end()].map(flatten)
		expect(rows).toEqual(readCsv(lines.join('\n')))
		expect(rows.map(({ line }) => line)).toEqual([2, 4])
	})

	it('reports a broken row by its line and reads those after it', () => {
		const good = '1,2,a,title,3,4,0'
		const multi = '1,2,a,"two\nlines",3,4,0'
		const rows = readCsv(
			[
				HEADER,
				good,
				'1,2,a,"open,3,4,0',
				good,
				multi,
				'1,2,a,in"side,3,4,0',
				good,
				'1,2',
				'',
				good,
			].join('\n'),
		)
		expect(rows.map((row) => ('problem' in row ? [row.line, row.problem] : row.line))).toEqual([
			2,
			[3, 'a quote inside a field that is not quoted'],
			4,
			5,
			[7, expect.stringContaining('a quote')],
			8,
			[9, '2 fields; the header has 7'],
			11,
		])
	})

	it('gives up a quote that is never closed after a megabyte', () => {
		const good = '1,2,a,title,3,4,0'
		const rows = readCsv(
			[HEADER, '1,2,a,"open,3,4,0', ...Array<string>(100_000).fill(good)].join('\n'),
		)
		expect(rows).toHaveLength(100_001)
		expect(rows[0]).toEqual({ line: 2, problem: 'a quote is never closed' })
		expect(rows.at(-1)).toMatchObject({ line: 100_002, value: { title: 'title' } })
	})

	it('names what the header lacks', () => {
		expect(() => readCsv('id,title\n1,2')).toThrow(/header of x.csv lacks created_utc, subreddit; /)
	})

	it('reports a line that is too long', () => {
		const reader = new CsvReader('x.csv')
		expect(
			reader.push([HEADER, { problem: TOO_LONG, text: null }, '1,2,a,title,3,4,0']).map(flatten),
		).toMatchObject([
			{ line: 2, problem: 'line is too long' },
			{ line: 3, value: { title: 'title' } },
		])
	})

	it.each([
		['commas', ','],
		['semicolons', ';'],
		['tabs', '\t'],
		['bars', '|'],
	])('finds out that columns are separated by %s', (_, delimiter) => {
		const line = (...fields: string[]) => fields.join(delimiter)
		const rows = readCsv(
			[
				line('"Title"', ' ID ', 'Created UTC', 'Subreddit'),
				line(`"a${delimiter} ""b"""`, 'x1', '5', 'pics'),
				line('two words', 'x2', '5', 'pics'),
			].join('\n'),
		)
		const rest = { created_utc: '5', subreddit: 'pics' }
		expect(rows).toEqual([
			{ line: 2, value: { title: `a${delimiter} "b"`, id: 'x1', ...rest } },
			{ line: 3, value: { title: 'two words', id: 'x2', ...rest } },
		])
	})

	it('takes the delimiter that a spreadsheet names, and knows a header that comes again', () => {
		const rows = readCsv(
			`sep=;\r\nid;created;subreddit;title\r\n1;2;a;b\r\nid;created;subreddit;title`,
		)
		expect(rows).toEqual([
			{ line: 3, value: { id: '1', created: '2', subreddit: 'a', title: 'b' } },
			{ line: 4, problem: 'the header again' },
		])
	})
})
