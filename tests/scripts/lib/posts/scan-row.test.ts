import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unpackPosts } from '../../../../scripts/lib/posts/packed-posts.ts'
import { type DatedPost, parseRow } from '../../../../scripts/lib/posts/parse-row.ts'
import { createPostScanner } from '../../../../scripts/lib/posts/post-scanner.ts'
import { createRowScanner, type ScanLines } from '../../../../scripts/lib/posts/scan-row.ts'

const scan = await createRowScanner(
	{ id: 'any', title: 'any', _meta: 'any', text: 'short' },
	{ shortBytes: 8 },
)
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

const key = fc.oneof(
	{ weight: 1, arbitrary: name.filter((text) => !/["\\]/.test(text)) },
	{
		weight: 3,
		arbitrary: fc.nat({ max: 40 }).map((length) => 'field_'.repeat(7).slice(0, length)),
	},
	{ weight: 3, arbitrary: fc.nat({ max: 99 }).map((number) => `field_${number}`) },
)
const change = fc.record({ at: fc.nat({ max: 29 }), removed: fc.nat({ max: 6 }), added: key })

function changeFields(
	fields: readonly string[],
	{ at, removed, added }: { at: number; removed: number; added: string },
): readonly string[] {
	return fields.toSpliced(at, removed, ...(fields.includes(added) ? [] : [added]))
}

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

	it('reads rows that have the same fields in turn, some more and some fewer', () => {
		const ofRows = fc.tuple(
			fc.uniqueArray(key, { minLength: 1, maxLength: 30 }),
			fc.array(fc.array(change, { maxLength: 8 }), { minLength: 1, maxLength: 8 }),
			fc.array(fc.oneof(value, fc.constantFrom(null, true, false, [], {})), {
				minLength: 10,
				maxLength: 10,
			}),
		)
		fc.assert(
			fc.property(ofRows, ([keys, changes, values]) => {
				const texts = changes.map((all) => {
					const fields = all.reduce(changeFields, keys)
					const row = fields.map((field, at) => [field, values[at % values.length]])
					return JSON.stringify(Object.fromEntries(row))
				})
				const found: unknown[] = []
				scan(Buffer.from(texts.join('\n')), (row) => {
					found.push(row && [row.id, row.title, row._meta])
				})
				const expected = texts.map((text) => {
					const { id, title, _meta } = JSON.parse(text) as Record<string, unknown>
					return text === '{}' ? null : [id, title, _meta]
				})
				expect(found).toEqual(expected)
			}),
			{ numRuns: 300 },
		)
	})

	it.each([
		...['[{"a":"]"}]', '["\\"]",[]]', `{"a":${'['.repeat(70)}${']'.repeat(70)}}`],
		...[`["${'x'.repeat(62)}]","}"]`, `["${'\\\\'.repeat(33)}"]`, `[${'"[",'.repeat(40)}"]"]`],
	])('passes over %s wherever it stands', (nested) => {
		for (let before = 0; before < 70; before += 1) {
			const blanks = ' '.repeat(before)
			expect(scanText(`{"other":${blanks}${nested},"id":1}`)).toMatchObject({ id: 1 })
			expect(scanText(`{"other":${blanks}${nested.slice(0, -1)},"id":1}`)).toBeNull()
		}
	})

	it('leaves a line to JSON.parse wherever that is cut off', () => {
		fc.assert(
			fc.property(object, fc.nat(), (entries, cut) => {
				const text = write(entries, '')
				expect(scanText(text.slice(0, cut % text.length))).toBeNull()
			}),
		)
	})

	it('leaves a line to JSON.parse that is cut off in fields that it knows with their values', () => {
		const fields = ['"likes":null', '"hidden":false', '"awards":[]', '"media":{}', '"x":true']
		const text = `{${fields.join(',')},"id":1,${fields.join(',').replaceAll('":', '2":')}}`
		for (let cut = 0; cut < text.length; cut += 1) {
			// A row with many keys that are not known is learnt; the third is compared with it.
			const found: unknown[] = []
			const other = JSON.stringify(Object.fromEntries([...'abcdefgh'].map((name) => [name, 1])))
			scan(Buffer.from([other, text, text, text.slice(0, cut)].join('\n')), (row) =>
				found.push(row?.id),
			)
			expect(found).toEqual([undefined, 1, 1, undefined])
		}
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

/** The posts that were packed, and the rows that were not, one for each line. */
function packLines(texts: readonly string[]): (DatedPost | null)[] {
	const found: (DatedPost | null)[] = []
	scanPost(
		Buffer.from(texts.join('\n')),
		() => found.push(null),
		(posts, areOver18) => {
			const unpacked = unpackPosts(posts)
			expect(unpacked).toHaveLength(posts.count)
			for (const { over_18 } of unpacked) expect(over_18).toBe(areOver18)
			found.push(...unpacked)
		},
	)
	expect(found).toHaveLength(texts.length)
	return found
}

const ORDINARY = {
	id: 'a1',
	created_utc: 1_564_617_605,
	subreddit: 'pics',
	title: 'x',
	over_18: false,
}

describe('ordinary posts', () => {
	const values: Record<string, fc.Arbitrary<unknown>> = {
		id: fc.constantFrom('1hq0000', 'a', 'zzzzzzzzzzzzz', 'zzzzzzzzzzzzzz', 't3_a1', 'A1', '', 12),
		created_utc: fc.constantFrom(
			1_564_617_605,
			'1564617605',
			1_564_617_605.5,
			5,
			4_102_444_801,
			'',
		),
		created: fc.constantFrom(1_564_617_605, null, 'x'),
		subreddit: fc.constantFrom(
			'pics',
			'a_1',
			'u_a',
			'U_a',
			'r/pics',
			'a',
			'a'.repeat(50),
			'a-b',
			'é',
		),
		title: fc
			.array(
				fc.constantFrom(
					'[',
					']',
					'[deleted]',
					' removed ',
					'"',
					'\\',
					'/',
					'é',
					'\ufeff',
					'\u3000',
					'\n',
					'🙂',
					'a',
					'd',
					' ',
				),
				{ maxLength: 4 },
			)
			.map((parts) => parts.join('')),
		score: fc.constantFrom(5, 0, -5, null, '7', 'x', 1.5, 5_000_000_000, true),
		num_comments: fc.constantFrom(5, -1, null, '12', {}),
		over_18: fc.constantFrom(false, true, null, 'false', 0),
		nsfw: fc.constantFrom(true, false),
		retrieved_on: fc.constantFrom(1_564_700_000, 5, null, '1564700000', 'x'),
		retrieved_utc: fc.constantFrom(1_564_800_000, null),
		_meta: fc.constantFrom<unknown>(
			{ is_edited: false, retrieved_2nd_on: 1_564_900_000 },
			{ retrieved_2nd_on: 1_564_600_000, was_deleted_later: false },
			{ retrieved_2nd_on: 5 },
			{ was_deleted_later: true, removal_type: 'deleted' },
			{ was_initially_deleted: true },
			{ edited_title: '[ Removed by Reddit ]' },
			{ other: { retrieved_2nd_on: 1_564_900_000 } },
			{},
			null,
			'x',
			[1],
		),
		retrieved_2nd_on: fc.constantFrom(1_564_950_000, null),
		removed_by_category: fc.constantFrom('moderator', null, false, ''),
		is_robot_indexable: fc.constantFrom(true, false, null, 1),
		subreddit_type: fc.constantFrom('public', 'user', 'restricted', null),
		promoted: fc.constantFrom(true, false, null),
		selftext: fc.constantFrom(
			'',
			'text',
			'[deleted]',
			' [ removed ]',
			'\\[removed\\]',
			'\n[deleted]',
			'x'.repeat(900),
			null,
			5,
		),
	}

	it('are packed as parseRow would have them, and never where it would leave them out', () => {
		let packed = 0
		const row = fc
			.subarray(Object.keys(values), { maxLength: 3 })
			.chain((names) =>
				fc.record(Object.fromEntries(names.map((name) => [name, values[name] ?? fc.nat()]))),
			)
		fc.assert(
			fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
				const texts = rows.map((fields) => JSON.stringify({ ...ORDINARY, ...fields }))
				for (const [place, post] of packLines(texts).entries()) {
					if (post === null) continue
					packed += 1
					const text = texts[place] as string
					expect(parseRow(JSON.parse(text), { over18: true }), text).toEqual({
						kind: 'post',
						post,
					})
				}
			}),
			{ numRuns: 1_000 },
		)
		expect(packed).toBeGreaterThan(300)
	})

	it.each(Object.keys(values))('are judged by %s alone as parseRow judges them', (name) => {
		fc.assert(
			fc.property(values[name] as fc.Arbitrary<unknown>, (value) => {
				const text = JSON.stringify({ ...ORDINARY, [name]: value })
				const [post = null] = packLines([text])
				if (post === null) return
				expect(parseRow(JSON.parse(text), { over18: true }), text).toEqual({ kind: 'post', post })
			}),
			{ numRuns: 60 },
		)
	})

	it.each([
		{},
		{ title: '[OC] "Été" \\o/ 🙂', score: 5, num_comments: '3', retrieved_on: 1_564_700_000 },
		{ _meta: { is_edited: false, retrieved_2nd_on: 1_564_900_000 }, is_robot_indexable: true },
		{ over_18: true, title: '  x', selftext: '  text' },
		{ selftext: 'text', removed_by_category: null, subreddit_type: 'public', promoted: false },
		{ selftext: 'x'.repeat(5_000), media: { title: '"}' }, created: 1_564_617_605 },
	])('are packed: %j', (fields) => {
		const text = JSON.stringify({ ...ORDINARY, ...fields })
		const [post] = packLines([text])
		expect(parseRow(JSON.parse(text), { over18: true })).toEqual({ kind: 'post', post })
	})

	it('are not packed where one name comes twice', () => {
		const text = JSON.stringify(ORDINARY).replace('{', '{"score":5,"score":null,')
		expect(packLines([text])).toEqual([null])
	})

	it('hold for a whole block, however many they are', () => {
		const lineOf = (index: number) => JSON.stringify({ ...ORDINARY, id: index.toString(36) })
		const fitting = Math.floor(scanPost.space.length / (lineOf(99_999).length + 1))
		const texts = Array.from({ length: fitting }, (_, index) => lineOf(index))
		expect(packLines(texts).map((post) => post?.id)).toEqual(texts.map((_, at) => at.toString(36)))
		const packed: Parameters<typeof unpackPosts>[0][] = []
		scanPost(
			Buffer.from(texts.join('\n')),
			() => {},
			(posts) => packed.push(posts),
		)
		// Read only when all are there.
		const ids = packed.flatMap((posts) => unpackPosts(posts).map(({ id }) => id))
		expect(ids).toEqual(texts.map((_, at) => at.toString(36)))
	})
	it('are left to JSON.parse in a block that is larger than the memory for it', () => {
		const long = JSON.stringify({ ...ORDINARY, selftext: 'x'.repeat(scanPost.space.length) })
		expect(packLines([JSON.stringify(ORDINARY), long])).toEqual([null, null])
	})

	it('are the same where they were read into the memory of the scanner', () => {
		const ids = Array.from({ length: 5_000 }, (_, index) => index.toString(36))
		const text = Buffer.from(ids.map((id) => `${JSON.stringify({ ...ORDINARY, id })}\n`).join(''))
		// Two blocks beside each other, as a file is read.
		for (const start of [0, scanPost.space.length / 2]) {
			scanPost.space.set(text, start)
			const found: string[] = []
			scanPost(
				scanPost.space.subarray(start, start + text.length - 1),
				() => {},
				(posts) => found.push(...unpackPosts(posts).map(({ id }) => id)),
			)
			expect(found).toEqual(ids)
		}
	})
})
