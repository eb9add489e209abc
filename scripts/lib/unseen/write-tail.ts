// Writes the file of the long tail; src/model/unseen/tail-file.ts describes and opens it.
import type { Postings, UnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { BLOCK } from '../../../src/model/unseen/tables.ts'
import {
	align,
	FREQUENT_COUNTS,
	FREQUENT_SHARES,
	TAIL_MAGIC,
} from '../../../src/model/unseen/tail-file.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { TailHeader } from '../../../src/shared/unseen.ts'
import { pushVarint, writeHead } from './write-parts.ts'

const MAX_TEXT_BYTES = 255

interface Table {
	readonly places: Uint8Array
	readonly bytes: Uint8Array
}

/** The same index gives the same bytes on any machine. */
export function writeTail(index: UnseenIndex): Uint8Array<ArrayBuffer> {
	const names = writeTexts(index.names)
	const labels = writeRows(index.labels, FREQUENT_SHARES)
	const words = writeTexts(index.words)
	const postings = writeRows(index.postings, FREQUENT_COUNTS)
	const header: TailHeader = parseWith(
		TailHeader,
		{
			schema: 2,
			subreddits: index.names.length,
			words: index.words.length,
			labels: index.labels.from.length - 1,
			bytes: {
				names: names.bytes.length,
				labels: labels.bytes.length,
				words: words.bytes.length,
				postings: postings.bytes.length,
			},
			parameters: index.parameters,
		},
		'header of the index',
	)
	const tableParts = ({ places, bytes }: Table) => [places, bytes]
	return joinAligned([
		writeHead(TAIL_MAGIC, header),
		index.sizes,
		index.lengths,
		...tableParts(names),
		...tableParts(labels),
		index.rarities,
		...tableParts(words),
		...tableParts(postings),
	])
}

/** Each part at a multiple of 4. A copy with memory of its own: a Buffer may share it with others. */
function joinAligned(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const total = parts.reduce((sum, { length }) => sum + align(length), 0)
	const joined = new Uint8Array(total)
	let at = 0
	for (const part of parts) {
		joined.set(part, at)
		at += align(part.length)
	}
	return joined
}

function writeTexts(texts: readonly string[]): Table {
	const places: number[] = []
	const parts: Buffer[] = []
	let at = 0
	let before = Buffer.alloc(0)
	for (const [place, text] of texts.entries()) {
		const bytes = Buffer.from(text)
		if (bytes.length > MAX_TEXT_BYTES) throw new RangeError(`a text of ${bytes.length} bytes`)
		const isFirst = place % BLOCK === 0
		if (isFirst) places.push(at)
		const shared = isFirst ? 0 : countShared(before, bytes)
		parts.push(Buffer.from([shared, bytes.length - shared]), bytes.subarray(shared))
		at += 2 + bytes.length - shared
		before = bytes
	}
	return { places: uint32(places), bytes: Buffer.concat(parts) }
}

function countShared(before: Uint8Array, bytes: Uint8Array): number {
	let count = 0
	while (count < before.length && before[count] === bytes[count]) count += 1
	return count
}

function writeRows({ from, subreddits, values }: Postings, frequent: readonly number[]): Table {
	const places: number[] = []
	const bytes: number[] = []
	for (let row = 0; row + 1 < from.length; row += 1) {
		if (row % BLOCK === 0) places.push(bytes.length)
		const rowBytes: number[] = []
		let last = -1
		for (let at = from[row] as number; at < (from[row + 1] as number); at += 1) {
			const value = values[at] as number
			const code = frequent.indexOf(value) + 1
			pushVarint(rowBytes, ((subreddits[at] as number) - last - 1) * 4 + code)
			if (code === 0) rowBytes.push(value)
			last = subreddits[at] as number
		}
		pushVarint(bytes, rowBytes.length)
		for (const byte of rowBytes) bytes.push(byte)
	}
	return { places: uint32(places), bytes: Uint8Array.from(bytes) }
}

function uint32(numbers: readonly number[]): Uint8Array {
	const bytes = Buffer.alloc(numbers.length * 4)
	for (const [at, number] of numbers.entries()) bytes.writeUInt32LE(number, at * 4)
	return bytes
}
