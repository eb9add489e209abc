// Cuts a stream of bytes into lines of text.

/** Far longer than any post: a longer line is not a line of a dump, and must not fill memory. */
export const MAX_LINE_BYTES = 32 << 20

const NEWLINE = 10
const BYTE_ORDER_MARK = /^\uFEFF/

/**
 * The lines, without their LF (a CR before it stays) and without a byte order mark; null stands for a line that is too
 * long. They come in batches, one for each chunk of input: a promise per line would cost more than the line itself.
 */
export async function* readLines(
	chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<(string | null)[]> {
	// The start of a line that is not complete yet.
	let held: Uint8Array[] = []
	let heldBytes = 0
	let isFirst = true
	const split = (bytes: Uint8Array[]): string[] => {
		const text = Buffer.concat(bytes).toString('utf8')
		const lines = (isFirst ? text.replace(BYTE_ORDER_MARK, '') : text).split('\n')
		isFirst = false
		return lines
	}
	for await (const chunk of chunks) {
		const first = chunk.indexOf(NEWLINE)
		const last = chunk.lastIndexOf(NEWLINE)
		if (first >= 0) {
			const isTooLong = heldBytes + first > MAX_LINE_BYTES
			if (!isTooLong) yield split([...held, chunk.subarray(0, last)])
			else if (first === last) yield [null]
			else yield [null, ...split([chunk.subarray(first + 1, last)])]
			held = []
			heldBytes = 0
		}
		heldBytes += chunk.length - (last + 1)
		// Past the limit the bytes are only counted.
		if (heldBytes <= MAX_LINE_BYTES) held.push(chunk.subarray(last + 1))
	}
	if (heldBytes > 0) yield heldBytes > MAX_LINE_BYTES ? [null] : split(held)
}
