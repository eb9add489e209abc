// Cuts a stream of bytes into lines of text.
import { isUtf8 } from 'node:buffer'

/** Far longer than any post: a longer line is not a line of a dump, and must not fill memory. */
export const MAX_LINE_BYTES = 32 << 20

const NEWLINE = 10
const BYTE_ORDER_MARK = /^\uFEFF/

export const TOO_LONG = 'line is too long'
const NOT_UTF8 =
	'not UTF-8, perhaps Windows-1252 or Latin-1; convert the file: iconv -f WINDOWS-1252 -t UTF-8'

/** A line that is no text. */
export interface UnreadableLine {
	readonly problem: string
	/** Its bytes as Latin-1; null where it is too long to keep. */
	readonly text: string | null
}

export type Line = string | UnreadableLine

/**
 * The lines, without their LF (a CR before it stays) and without a byte order mark. They come in batches, one for each chunk
 * of input: a promise per line would cost more than the line itself.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
	let isFirst = true
	for await (const block of readLineBlocks(chunks)) {
		if (block === null) yield [{ problem: TOO_LONG, text: null }]
		else if (isUtf8(block)) {
			const text = Buffer.from(block.buffer, block.byteOffset, block.length).toString('utf8')
			yield (isFirst ? text.replace(BYTE_ORDER_MARK, '') : text).split('\n')
		} else yield readDirtyLines(block)
		isFirst = false
	}
}

/** The lines of a block that is not all UTF-8. */
export function readDirtyLines(block: Uint8Array): Line[] {
	const lines: Line[] = []
	for (let start = 0; start <= block.length; ) {
		const found = block.indexOf(NEWLINE, start)
		const end = found < 0 ? block.length : found
		const bytes = Buffer.from(block.buffer, block.byteOffset + start, end - start)
		lines.push(
			isUtf8(bytes)
				? bytes.toString('utf8')
				: { problem: NOT_UTF8, text: bytes.toString('latin1') },
		)
		start = end + 1
	}
	return lines
}

/**
 * Whole lines, without the LF of the last one; one or two blocks for each chunk of input that ends any. Null stands for a line
 * that is too long.
 */
export async function* readLineBlocks(
	chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array | null> {
	// The start of a line that is not complete yet.
	let held: Uint8Array[] = []
	let heldBytes = 0
	for await (const chunk of chunks) {
		const first = chunk.indexOf(NEWLINE)
		const last = chunk.lastIndexOf(NEWLINE)
		if (first >= 0) {
			const isTooLong = heldBytes + first > MAX_LINE_BYTES
			// Only the line that began in an earlier chunk is copied.
			if (heldBytes === 0 && !isTooLong) yield chunk.subarray(0, last)
			else {
				yield isTooLong ? null : Buffer.concat([...held, chunk.subarray(0, first)])
				if (first < last) yield chunk.subarray(first + 1, last)
			}
			held = []
			heldBytes = 0
		}
		heldBytes += chunk.length - (last + 1)
		// Past the limit the bytes are only counted. A copy, as the next chunk may come in the same bytes.
		if (heldBytes <= MAX_LINE_BYTES) held.push(Uint8Array.from(chunk.subarray(last + 1)))
	}
	if (heldBytes > 0) yield heldBytes > MAX_LINE_BYTES ? null : Buffer.concat(held)
}
