import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatCsv } from '../../../src/charts/csv.ts'
import { decodeFile, MAX_TITLES, readTitleList } from '../../../src/page/many/title-list.ts'

const titlesOf = (text: string) => readTitleList(text).titles

describe('readTitleList', () => {
	test('reads a title a line, whatever ends it', () => {
		expect(titlesOf('\uFEFFone, two\r\n\r\n  three \rfour\nfive')).toEqual([
			'one, two',
			'three',
			'four',
			'five',
		])
	})

	test.each([
		['title,score\n"a, ""b""",1\nplain,2\n', ['a, "b"', 'plain']],
		['id;Title\n1;"two\nlines"\n2;x, y\n', ['two lines', 'x, y']],
		['id\ttitle\n1\ta "quoted" word\n', ['a "quoted" word']],
		['title\n"one"\n"two"', ['one', 'two']],
		['title,n\n"never closed,1\nnext,2\n', ['"never closed', 'next']],
	])('reads the column of titles of %j', (text, expected) => {
		expect(readTitleList(text)).toMatchObject({ form: 'CSV', titles: expected })
	})

	test.each([
		'{"title":"one"}\n{"title":"two","score":1}\n',
		'["one","two"]',
		'[{"title":"one"},\n{"text":"two"}]',
		'"one"\n"two"\n',
	])('reads JSON as %j', (text) => {
		expect(readTitleList(text)).toMatchObject({ form: 'JSON', titles: ['one', 'two'] })
	})

	test('takes lines that only look like JSON for what they are', () => {
		const lines = ['[OC] My telescope', '"Quoted" title', '{odd}']
		expect(readTitleList(lines.join('\n'))).toMatchObject({ form: 'lines', titles: lines })
	})

	test('counts rows without a title, and titles beyond the most', () => {
		expect(readTitleList('{"title":"one"}\n{"title":2}\n{"title":"three"}')).toMatchObject({
			titles: ['one', 'three'],
			unreadable: 1,
		})
		const many = 'a title\n'.repeat(MAX_TITLES + 3)
		expect(readTitleList(many)).toMatchObject({ surplus: 3 })
		expect(titlesOf(many)).toHaveLength(MAX_TITLES)
	})

	test('gives back what the CSV of any titles says', () => {
		const title = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
		fc.assert(
			fc.property(fc.array(title, { minLength: 1, maxLength: 20 }), (titles) => {
				// What a title box makes of them, and what no formula begins like.
				const plain = titlesOf(titles.map((one) => `x${one.replace(/[\r\n]/g, ' ')}`).join('\n'))
				const csv = formatCsv({ head: ['title', 'n'], rows: plain.map((one) => [one, 1]) })
				expect(titlesOf(csv)).toEqual(plain)
			}),
		)
	})

	test('reads a large file with a stray quote in each row in no time', () => {
		const text = `title,n\n${'"stray,1\n'.repeat(50_000)}`
		const before = process.cpuUsage()
		expect(titlesOf(text)).toHaveLength(50_000)
		// The processor's time: other work on the machine does not change it.
		expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000)
	})
})

describe('decodeFile', () => {
	test('reads UTF-8, and UTF-16 with its mark', () => {
		expect(decodeFile(new TextEncoder().encode('Größe'))).toBe('Größe')
		const wide = Buffer.from('\uFEFFGröße', 'utf16le')
		expect(decodeFile(wide)).toBe('Größe')
		expect(decodeFile(wide.swap16())).toBe('Größe')
	})
})

describe('formatCsv', () => {
	test.each(['=1+1', '+1', '@SUM(A1)', '-2+3', '\t=1', ' =1', '＝1', "-cmd|' /C calc'!A0"])(
		'lets no spreadsheet take %j for a formula',
		(cell) => {
			const [, row] = formatCsv({ head: ['a'], rows: [[cell]] }).split('\r\n')
			expect(row?.replace(/^"/, '')[0]).toBe("'")
		},
	)

	test.each(['a=1', '5 + 5', '-5', '-5.3%', 'r/cats'])('leaves %j as it is', (cell) => {
		expect(formatCsv({ head: ['a'], rows: [[cell]] })).toBe(`a\r\n${cell}\r\n`)
	})
})
