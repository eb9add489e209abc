import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRow } from '../../../../scripts/lib/posts/parse-row.ts'
import { createPostScanner } from '../../../../scripts/lib/posts/post-scanner.ts'
import { createRowScanner, type ScanLines } from '../../../../scripts/lib/posts/scan-row.ts'

const scan = await createRowScanner({ id: 'any', title: 'any', _meta: 'any', text: 'short' }, 8)
const scanPost = await createPostScanner()

/** The only line of a block, or the one between two others. */
function scanLine<Row>(scanLines: ScanLines<Row>, text: string): Row | null {
	const rows: (Row | null)[] = []
	scanLines(Buffer.from(`before\n${text}\nbehind`), (row) => rows.push(row && { ...row }))
	expect(rows).toHaveLength(3)
	const alone: (Row | null)[] = []
	scanLines(Buffer.from(text), (row) => alone.push(row && { ...row }))
	expect(alone).toEqual([rows[1]])
	return rows[1] ?? null
}

const scanText = (text: string) => scanLine(scan, text)

const name = fc.constantFrom('id', 'title', '_meta', 'text', 'other', '', 'ti', 'é', 'a"b', 'x\\')
/** With what makes scanners go wrong: quotes, brackets, backslashes, names of fields within, and long texts. */
const LONG = 'x'.repeat(45)
const odd = fc
	.array(
		fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '"id":1', 'é', '🙂', '\n', 'a', LONG),
		{ maxLength: 6 },
	)
	.map((parts) => parts.join(''))
const { value } = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 3 },
		odd,
		fc.constantFrom(null, true, false, 0, -0.5, 1e21, 12_345_678_901_234),
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.array(tie('value'), { maxLength: 3 }),
		fc.dictionary(fc.oneof(name, odd), tie('value'), { maxKeys: 3 }),
	),
}))
const object = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 6 })

/** JSON with blanks and with several values of one name, which JSON.stringify never writes. */
function write(entries: readonly [string, unknown][], blank: string): string {
	const fields = entries.map(
		([key, one]) => `${blank}${JSON.stringify(key)}${blank}:${blank}${JSON.stringify(one)}${blank}`,
	)
	return `${blank}{${fields.join(',')}}${blank}`
}

describe('createRowScanner', () => {
	it('gives what JSON.parse gives, or leaves the line to it', () => {
		let scanned = 0
		fc.assert(
			fc.property(object, fc.constantFrom('', ' ', '\t\r'), (entries, blank) => {
				const text = write(entries, blank)
				const all = JSON.parse(text) as Record<string, unknown>
				const found = scanText(text)
				if (found === null) return
				scanned += 1
				const short = all.text
				const isLong = typeof short === 'string' && Buffer.byteLength(JSON.stringify(short)) > 8
				expect(found).toEqual({
					id: all.id,
					title: all.title,
					_meta: all._meta,
					text: isLong && found.text === undefined ? undefined : short,
				})
			}),
			{ numRuns: 500 },
		)
		expect(scanned).toBeGreaterThan(200)
	})

	it('leaves a line to JSON.parse wherever that is cut off', () => {
		fc.assert(
			fc.property(object, fc.nat(), (entries, cut) => {
				const text = write(entries, '')
				expect(scanText(text.slice(0, cut % text.length))).toBeNull()
			}),
		)
	})

	it.each([
		'',
		'[]',
		'{}',
		'{"id":1}x',
		'{"id":1,}',
		'{"id" 1}',
		'{id:1}',
		'{"id":NaN}',
		'{"id":01}',
		'{"id":1.}',
		'{"id":-}',
		'{"id":tru}',
		'{"id":nullx}',
		'{"id":"\\x"}',
		'{"id":"a\tb"}',
		'{"i\\u0064":1}',
		'{"other":{"id":1}',
		'{"other":"}',
	])('leaves %j to JSON.parse', (text) => {
		expect(scanText(text)).toBeNull()
	})
})

describe('createPostScanner', () => {
	it('reads of a row whatever decides what it is', () => {
		const post = { id: 'a1', created_utc: 1_564_617_605, subreddit: 'pics', title: 'Été "x" \\' }
		const rows: object[] = [
			{},
			{ selftext: '[ Removed by Reddit ]' },
			{ selftext: 'x'.repeat(5_000) },
			{ _meta: { was_deleted_later: true, retrieved_2nd_on: 1_564_700_000 } },
			{ _meta: { edited_title: '[ Removed by moderator ]' } },
			{ '_meta.was_deleted_later': true },
			{ banned_by: 'x' },
			{ promoted: true },
			{ subreddit_type: 'user' },
			{ over_18: true },
			{ nsfw: true },
			{ score: -5, num_comments: 3, retrieved_on: 1_564_650_000 },
			{ media: { oembed: { title: 'No', id: 'no', subreddit: 'no' } }, preview: [{ id: '"' }] },
			{ created_utc: '2019-08-01 00:00:05 UTC' },
		]
		for (const fields of rows) {
			const text = JSON.stringify({ other: 1, ...post, ...fields })
			const found = scanLine(scanPost, text)
			expect(found).not.toBeNull()
			const options = { over18: false }
			expect(parseRow(found, options)).toEqual(parseRow(JSON.parse(text), options))
		}
	})

	it.each([{ id: null }, { subreddit: '' }, { title: undefined }, { created_utc: null }])(
		'leaves a row without what each post has to JSON.parse: %j',
		(fields) => {
			const post = { id: 'a1', created_utc: 1_564_617_605, subreddit: 'pics', title: 'x' }
			expect(scanLine(scanPost, JSON.stringify({ ...post, ...fields }))).toBeNull()
		},
	)
})
