// Makes one kind of text of what files hold: UTF-8 with LF at the ends of lines. Says by the first bytes how they are laid out.
import { AppError } from '../../../src/shared/app-error.ts'
import { looksLikeHeader } from './csv-header.ts'
import { ByteSource } from './unpack/byte-source.ts'

/** JSON Lines; JSON over several lines, as one array or value after value; a table with a header. */
export type TextLayout = 'lines' | 'document' | 'table'

const HEAD_BYTES = 1 << 16
const LF = 10
const CR = 13

export interface TextStream {
	readonly layout: TextLayout
	readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * @param named the layout that the file's name tells; null where it tells none
 * @throws AppError `bad-data` for bytes that are no text, or text that is neither JSON nor a table
 */
export async function openText(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
	named: 'lines' | 'table' | null,
): Promise<TextStream> {
	const text = new ByteSource(decode(chunks, name))
	const layout = findLayout(await text.peek(isEnough), named)
	if (layout !== null) return { layout, bytes: text.rest() }
	await text.close()
	throw new AppError(
		'bad-data',
		`neither JSON nor CSV: ${name}; expected one JSON object a line, a JSON array, or a table whose first row names the columns`,
	)
}

/** One whole line that is not empty tells all, and a program that writes line by line is not kept waiting. */
function isEnough(head: Uint8Array): boolean {
	return head.length >= HEAD_BYTES || /\S.*\n/.test(Buffer.from(head).toString('latin1'))
}

function findLayout(head: Uint8Array, named: 'lines' | 'table' | null): TextLayout | null {
	const text = Buffer.from(head).toString('utf8').trimStart()
	if (text === '') return named ?? 'lines'
	const [firstLine = ''] = text.split('\n', 1)
	if (text.startsWith('[')) return 'document'
	// An object that is broken over several lines; a line that was cut off is none.
	if (text.startsWith('{')) return firstLine.trim() === '{' ? 'document' : 'lines'
	return looksLikeHeader(firstLine) ? 'table' : named
}

/** UTF-8 stays as it is, also where it is not valid: only the lines that are not are broken. */
async function* decode(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
): AsyncGenerator<Uint8Array> {
	const source = new ByteSource(chunks)
	const head = await source.peek(isEnough)
	const encoding = findEncoding(head)
	if (encoding === 'utf-32' || encoding === 'binary') {
		await source.close()
		throw notText(encoding, name)
	}
	const bytes = source.rest()
	if (encoding !== 'utf-8') yield* transcode(bytes, encoding)
	else if (head.includes(CR) && !head.includes(LF)) yield* replaceCr(withoutMark(bytes, head))
	else yield* withoutMark(bytes, head)
}

function notText(encoding: 'utf-32' | 'binary', name: string): AppError {
	return encoding === 'binary'
		? new AppError('bad-data', `is no text: ${name}; is it the right file?`)
		: new AppError('bad-data', `is UTF-32: ${name}; convert it: iconv -f UTF-32 -t UTF-8`)
}

async function* withoutMark(
	chunks: AsyncIterable<Uint8Array>,
	head: Uint8Array,
): AsyncGenerator<Uint8Array> {
	let skipped = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0
	for await (const chunk of chunks) {
		if (skipped < chunk.length) yield chunk.subarray(skipped)
		skipped = Math.max(0, skipped - chunk.length)
	}
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32' | 'binary'

/** By the byte order mark, else by where the zeros are: half of the bytes of English in UTF-16. */
function findEncoding(head: Uint8Array): Encoding {
	const [a, b, c, d] = head
	if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe))
		return 'utf-32'
	if (a === 0xff && b === 0xfe) return 'utf-16le'
	if (a === 0xfe && b === 0xff) return 'utf-16be'
	if (!head.includes(0)) return 'utf-8'
	const zeros = [0, 0]
	head.forEach((byte, at) => {
		if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1
	})
	const [even = 0, odd = 0] = zeros
	if (odd > head.length / 4 && even < odd / 10) return 'utf-16le'
	if (even > head.length / 4 && odd < even / 10) return 'utf-16be'
	// JSON and CSV have no NUL, but one in a line must not break a file.
	return even + odd > head.length / 100 ? 'binary' : 'utf-8'
}

async function* transcode(
	chunks: AsyncIterable<Uint8Array>,
	encoding: 'utf-16le' | 'utf-16be',
): AsyncGenerator<Uint8Array> {
	const decoder = new TextDecoder(encoding)
	for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }))
	const rest = decoder.decode()
	if (rest !== '') yield Buffer.from(rest)
}

async function* replaceCr(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	for await (const chunk of chunks) yield chunk.map((byte) => (byte === CR ? LF : byte))
}
