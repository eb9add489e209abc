// What is in a file is found by its bytes, whatever its name: packing, encoding, line ends, JSON or a table, and wrappings.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonValueReader } from '../../../../scripts/lib/posts/json-values.ts'
import { openPostFile, type PostFile } from '../../../../scripts/lib/posts/post-file.ts'
import { readRows } from '../../../../scripts/lib/posts/rows.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { hasZstdDecoder, packZstandard } from '../../../fixtures/zstandard.ts'

const row = (id: string) => ({ id, subreddit: 'pics', title: 'Été [1] {"2"} \\', created_utc: '7' })
const ROWS = [row('a1'), row('a2'), row('a3')]
const LINES = ROWS.map((one) => `${JSON.stringify(one)}\n`).join('')
const TABLE = `Title,ID,created_utc,subreddit\n${ROWS.map(({ id, title }) => `"${title.replaceAll('"', '""')}",${id},7,pics\n`).join('')}`

function utf16(text: string, isBigEndian = false): Buffer {
	const bytes = Buffer.from(text, 'utf16le')
	return isBigEndian ? bytes.swap16() : bytes
}

/** The values of rows, or what is wrong with them. */
async function read(name: string, data: string | Uint8Array) {
	const path = join(await temporaryFolder(), name)
	await writeFile(path, data)
	return readFrom(path)
}

async function readFrom(path: string, stdin?: AsyncIterable<Uint8Array>) {
	return readFile(await openPostFile(path, await testEffects(stdin ? { stdin } : {})))
}

async function readFile(file: PostFile): Promise<unknown[]> {
	const found: unknown[] = []
	const parse = (value: unknown) => ({ kind: 'value' as const, value })
	for await (const rows of readRows(file, parse))
		for (const { line, meaning } of rows)
			found.push('value' in meaning ? meaning.value : `${line}: ${meaning.problem}`)
	return found
}

/** Each chunk in the bytes of the one before, which are other ones by then. */
async function* inSameBytes(data: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	const bytes = new Uint8Array(size)
	for (let at = 0; at < data.length; at += size) {
		const chunk = data.subarray(at, at + size)
		bytes.fill(0x7a).set(chunk)
		yield bytes.subarray(0, chunk.length)
	}
}

it.each([
	['lines', Buffer.from(LINES)],
	['a table', Buffer.from(TABLE)],
	['an array', Buffer.from(JSON.stringify(ROWS, null, 1))],
	['UTF-16', utf16(`\ufeff${LINES}`)],
])('%s are read although each chunk comes in the same bytes', async (_, data) => {
	const path = join(await temporaryFolder(), 'posts.txt')
	await writeFile(path, data)
	const file = await openPostFile(path, await testEffects())
	for (const size of [1, 2, 7, 64, 1000]) {
		const found = await readFile({ ...file, read: () => inSameBytes(data, size) })
		expect(found).toMatchObject(ROWS)
	}
})

describe('rows are found', () => {
	it.each<[string, string, string | Uint8Array]>([
		['a dump as zstd -d leaves it', 'RS_2013-06', LINES],
		['text of any name', 'posts.txt', LINES],
		['a table of any name', 'posts.txt', TABLE],
		[
			'a table with tabs',
			'posts.tsv',
			TABLE.replace('Title,ID,created_utc,subreddit', 'Title\tID\tcreated_utc\tsubreddit').replace(
				/",(a\d),7,/g,
				'"\t$1\t7\t',
			),
		],
		['JSON that is called a table', 'posts.csv', LINES],
		['packed under another name', 'posts.json', gzipSync(LINES)],
		['unpacked, and still called packed', 'posts.gz', LINES],
		['a byte order mark', 'posts.csv', `\uFEFF${TABLE}`],
		['UTF-16 with a byte order mark', 'posts.csv', utf16(`\uFEFF${TABLE}`)],
		['UTF-16 in the other order', 'posts.csv', utf16(`\uFEFF${TABLE}`, true)],
		['UTF-16 that does not say so', 'posts.json', utf16(LINES)],
		['the same in the other order', 'posts.json', utf16(LINES, true)],
		['lines that end in CR only', 'posts.csv', TABLE.replaceAll('\n', '\r')],
		['JSON lines that end in CR only', 'posts.json', LINES.replaceAll('\n', '\r')],
		['an array', 'posts.json', JSON.stringify(ROWS)],
		['an array over several lines', 'posts.json', `\uFEFF${JSON.stringify(ROWS, null, 2)}\n`],
		[
			'an array with an object a line',
			'posts.json',
			`[\n${LINES.trim().replaceAll('\n', ',\n')}\n]`,
		],
		[
			'objects over several lines',
			'posts.json',
			ROWS.map((one) => JSON.stringify(one, null, 2)).join('\n'),
		],
		['lines cut from an array', 'posts.json', LINES.replaceAll('\n', ',\n')],
		[
			'things of Reddit',
			'posts.json',
			ROWS.map((data) => JSON.stringify({ kind: 't3', data })).join('\n'),
		],
		[
			'a listing',
			'page.json',
			JSON.stringify({
				kind: 'Listing',
				data: { after: 't3_a3', children: ROWS.map((data) => ({ kind: 't3', data })) },
			}),
		],
		[
			'a listing over several lines',
			'page.json',
			JSON.stringify(
				{ kind: 'Listing', data: { children: ROWS.map((data) => ({ kind: 't3', data })) } },
				null,
				2,
			),
		],
		['an answer of an archive', 'page.json', JSON.stringify({ data: ROWS, error: null })],
		[
			'documents of Elasticsearch',
			'es.json',
			ROWS.map((one) => JSON.stringify({ _index: 'rs', _source: one })).join('\n'),
		],
	])('in %s', async (_, name, data) => {
		expect(await read(name, data)).toEqual(ROWS)
	})

	it.skipIf(!hasZstdDecoder)('in what zstd packed, whatever it is called', async () => {
		expect(await read('RS_2013-06', packZstandard(LINES))).toEqual(ROWS)
		const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2])
		expect(await read('x.json', Buffer.concat([skippable, packZstandard(LINES)]))).toEqual(ROWS)
	})

	it('in a table on stdin', async () => {
		const stdin = (async function* () {
			for (const byte of gzipSync(TABLE)) yield Uint8Array.of(byte)
		})()
		expect(await readFrom('-', stdin)).toEqual(ROWS)
	})

	it('in JSON as Python writes it, without the numbers that JSON has not', async () => {
		const text =
			'{"title":"NaN \\" Infinity","score":NaN,"x":[-Infinity,Infinity]}\n{\'title\': None}\n'
		expect(await read('x.json', text)).toEqual([
			{ title: 'NaN " Infinity', score: null, x: [null, null] },
			'2: not JSON but as Python prints it; write it with json.dumps',
		])
	})
})

describe('files that are not read', () => {
	it.each([
		['RS_2013-06.bz2', 'BZh91AY&SY', 'packed by bzip2 is not read', 'bzcat'],
		['RS_2013-06.xz', '\xfd7zXZ\0', 'packed by xz is not read', 'xzcat'],
		['posts.zip', 'PK\x03\x04', 'a zip archive is not read', 'unzip -p'],
		['posts', `${'\0'.repeat(257)}ustar`, 'a tape archive is not read', 'tar -xOf'],
	])('%s, with what to do', async (name, start, what, program) => {
		const path = join(await temporaryFolder(), name)
		await writeFile(path, Buffer.from(start, 'latin1'))
		await expect(openPostFile(path, await testEffects())).rejects.toThrow(
			`${what}: ${name}; run: ${program} ${path} | whichsub ingest -`,
		)
	})

	it.each([
		[
			'posts.parquet',
			'PAR1',
			'Parquet is not read: posts.parquet; write its rows as JSON Lines or CSV',
		],
		[
			'notes.txt',
			'Some words.\nMore, of them.\n',
			/^neither JSON nor CSV: notes\.txt; expected one JSON object a line, /,
		],
		[
			'photo.jpg',
			`\xff\xd8\xff\xe0${'\0'.repeat(50)}x`,
			'is no text: photo.jpg; is it the right file?',
		],
		['x.json', '\xff\xfe\0\0{\0\0\0', 'is UTF-32: x.json; convert it: iconv -f UTF-32 -t UTF-8'],
	])('%s, with its kind', async (name, data, message) => {
		await expect(read(name, Buffer.from(data, 'latin1'))).rejects.toThrow(message)
	})

	it('but for what of them is sound', async () => {
		const latin1 = Buffer.from('{"a":"caf\xe9"}\n{"a":"tea"}\n', 'latin1')
		expect(await read('x.json', latin1)).toEqual([
			expect.stringMatching(
				/^1: not UTF-8, perhaps Windows-1252 or Latin-1; convert the file: iconv/,
			),
			{ a: 'tea' },
		])
		expect(await read('x.json', '[{"a":1}, oops, 7, {"a":2},\n{"a":')).toEqual([
			{ a: 1 },
			'1: not JSON',
			7,
			{ a: 2 },
			'2: not JSON',
		])
		expect(await read('x.json', '[{"a":1},\n{"a":2}\n')).toEqual([
			{ a: 1 },
			{ a: 2 },
			'3: the file ends before its array does',
		])
	})
})

describe('JsonValueReader', () => {
	it('finds the same objects wherever the bytes are cut, with the lines on which they begin', () => {
		const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), {
			maxLength: 5,
		})
		fc.assert(
			fc.property(
				objects,
				fc.boolean(),
				fc.nat(3),
				fc.integer({ min: 1, max: 9 }),
				(values, isArray, indent, size) => {
					const texts = values.map((value) => JSON.stringify(value, null, indent))
					const text = isArray ? `[\n${texts.join(',\n')}\n]\n` : texts.join('\n')
					const bytes = Buffer.from(text)
					const reader = new JsonValueReader()
					const rows = []
					for (let at = 0; at < bytes.length; at += size)
						rows.push(...reader.push(bytes.subarray(at, at + size)))
					rows.push(...reader.end())
					let line = isArray ? 2 : 1
					const expected = texts.map((one) => {
						const found = { line, text: one, content: { value: JSON.parse(one) as unknown } }
						line += one.split('\n').length
						return found
					})
					expect(rows).toEqual(expected)
				},
			),
			{ examples: [[[{ '"\\': ['{', ']'] }], true, 1, 1]] },
		)
	})
})
