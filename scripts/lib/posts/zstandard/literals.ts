// The literals of a compressed block (RFC 8878, 3.1.1.3.1).
import { damaged } from './bits.ts'
import { MAX_BLOCK_BYTES } from './history.ts'
import { type HuffmanTable, readHuffmanStream, readHuffmanTable } from './huffman.ts'

const RAW = 0
const REPEATED = 1
const COMPRESSED = 2

/** Where the literals stand: in the block itself, or in the buffer that was given. */
export interface Literals {
	readonly data: Uint8Array
	readonly from: number
	readonly to: number
	/** The byte of the block after them. */
	readonly next: number
	/** The tree that a later block may use again. */
	readonly table: HuffmanTable | null
}

interface Header {
	readonly type: number
	/** Decoded and packed bytes, and in how many streams. */
	readonly size: number
	readonly packed: number
	readonly streams: number
	readonly next: number
}

/**
 * @param buffer takes the literals where they are packed; MAX_BLOCK_BYTES long at least
 * @param before the tree of the block before
 */
export function readLiterals(
	data: Uint8Array,
	block: { readonly start: number; readonly end: number },
	buffer: Uint8Array,
	before: HuffmanTable | null,
): Literals {
	const { type, size, packed, streams, next: start } = readHeader(data, block.start)
	const next = start + packed
	if (size > MAX_BLOCK_BYTES || next > block.end)
		throw damaged('literals are larger than their block')
	if (type === RAW) return { data, from: start, to: next, next, table: before }
	if (type === REPEATED) {
		buffer.fill(data[start] as number, 0, size)
		return { data: buffer, from: 0, to: size, next, table: before }
	}
	const tree =
		type === COMPRESSED ? readHuffmanTable(data, start, next) : { table: before, end: start }
	if (!tree.table) throw damaged('a block uses the tree of a block that has none')
	const source = { data, start: tree.end, end: next }
	if (streams === 1) readHuffmanStream(tree.table, source, { literals: buffer, from: 0, to: size })
	else readFourStreams(tree.table, source, { literals: buffer, size })
	return { data: buffer, from: 0, to: size, next, table: tree.table }
}

function readHeader(data: Uint8Array, start: number): Header {
	const byte = (index: number) => data[start + index] as number
	const first = byte(0)
	const type = first & 3
	const format = (first >>> 2) & 3
	if (type === RAW || type === REPEATED) {
		const bytes = format === 1 ? 2 : format === 3 ? 3 : 1
		const size =
			bytes === 1 ? first >>> 3 : (first | (byte(1) << 8) | (bytes === 3 ? byte(2) << 16 : 0)) >>> 4
		const packed = type === RAW ? size : 1
		return { type, size, packed, streams: 1, next: start + bytes }
	}
	const low = (first >>> 4) | (byte(1) << 4) | (byte(2) << 12)
	const streams = format === 0 ? 1 : 4
	if (format < 2) return { type, size: low & 0x3ff, packed: low >>> 10, streams, next: start + 3 }
	if (format === 2)
		return {
			type,
			size: low & 0x3fff,
			packed: (low >>> 14) | (byte(3) << 6),
			streams,
			next: start + 4,
		}
	const high = (low >>> 18) | (byte(3) << 2) | (byte(4) << 10)
	return { type, size: low & 0x3ffff, packed: high, streams, next: start + 5 }
}

// The sizes of the first three streams stand before them; the first three decode to a quarter each, rounded up.
function readFourStreams(
	table: HuffmanTable,
	{ data, start, end }: { readonly data: Uint8Array; readonly start: number; readonly end: number },
	{ literals, size }: { readonly literals: Uint8Array; readonly size: number },
): void {
	const quarter = (size + 3) >>> 2
	if (end - start < 6 || quarter * 3 > size) throw damaged('four streams of literals do not fit')
	let from = start + 6
	for (let index = 0; index < 4; index++) {
		const packed =
			(data[start + 2 * index] as number) | ((data[start + 2 * index + 1] as number) << 8)
		const to = index === 3 ? end : from + packed
		if (to > end) throw damaged('a stream of literals is larger than its block')
		const target = {
			literals,
			from: quarter * index,
			to: index === 3 ? size : quarter * (index + 1),
		}
		readHuffmanStream(table, { data, start: from, end: to }, target)
		from = to
	}
}
