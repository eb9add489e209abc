// Reads the file of the index of unseen subreddits. Pure: the page's worker and Node. Trusts nothing that the bytes say.
//
// The file: MAGIC, the length of the header (4 bytes, little-endian), the header (JSON), then columns, so that gzip sees like
// beside like. Numbers are LEB128 varints where it says so, else bytes.
//
//   names     a table of texts, ascending by lower case
//   sizes     round(ln(subscribers + 1) · SIZE_STEPS)
//   lengths   round(ln(words of name and description, as BM25 counts them, + 1) · LENGTH_STEPS)
//   labels    for each label of the model, in ascending order, the subreddits that it is near to: a table of postings, whose
//             values are round(√share · SHARE_STEPS)
//   words     a table of texts, ascending
//   rarities  round(inverse document frequency · RARITY_STEPS)
//   postings  for each word the subreddits that have it: a table of postings, whose values say how often it counts
//
// A table of texts is front-coded: for each text the number of UTF-16 units that it shares with the one before (a byte each), the
// length of what follows (varint), and the rests, joined by line feeds, in UTF-8. A table of postings: how many each row has
// (varints), the gaps between the subreddits' numbers (varints), and the values (a byte each).
import * as v from 'valibot'
import { AppError } from '../../shared/app-error.ts'
import { parseJsonWith } from '../../shared/parse.ts'
import { SubredditName } from '../../shared/schema-parts.ts'
import { UnseenHeader, type UnseenParameters } from '../../shared/unseen.ts'

// Browser and Node both have it; this folder is checked with the types of neither.
declare class TextDecoder {
	constructor(encoding: 'utf-8', options: { readonly fatal: boolean })
	decode(bytes: Uint8Array): string
}

export const MAGIC = 'unseen:1'
export const SIZE_STEPS = 15
export const RARITY_STEPS = 8
export const SHARE_STEPS = 15
export const LENGTH_STEPS = 8
const MAX_TEXT = 60

/** Rows of subreddits, ascending: row `i` is `from[i]` to `from[i + 1]` of the two columns. */
export interface Postings {
	readonly from: Uint32Array
	readonly subreddits: Uint32Array
	readonly values: Uint8Array
}

/** The columns as the file has them; a subreddit is its place among the names. */
export interface UnseenIndex {
	readonly parameters: UnseenParameters
	/** Without `r/`, ascending by lower case. */
	readonly names: readonly string[]
	readonly sizes: Uint8Array
	readonly lengths: Uint8Array
	/** A row for each label of the model, in ascending order: what the model thinks of the descriptions. */
	readonly labels: Postings
	/** Ascending. */
	readonly words: readonly string[]
	readonly rarities: Uint8Array
	/** A row for each word. */
	readonly postings: Postings
}

/** @throws AppError `damaged`, `bad-data` for a header of another schema */
export function readUnseenIndex(bytes: Uint8Array): UnseenIndex {
	const reader = new Reader(bytes)
	if (reader.text(MAGIC.length) !== MAGIC) reader.fail('this is no index of subreddits')
	const json = reader.text(reader.uint32())
	const { parameters, ...counts } = parseJsonWith(UnseenHeader, json, 'header of the index')
	const names = readTexts(reader, counts.subreddits, (name) => name.toLowerCase())
	if (!names.every((name) => v.is(SubredditName, name)))
		reader.fail('what is no name of a subreddit')
	const sizes = reader.bytes(counts.subreddits)
	const lengths = reader.bytes(counts.subreddits)
	const labels = readPostings(reader, counts.labels, counts.neighbours, counts.subreddits)
	const words = readTexts(reader, counts.words, (word) => word)
	const rarities = reader.bytes(counts.words)
	const postings = readPostings(reader, counts.words, counts.postings, counts.subreddits)
	reader.end()
	return { parameters, names, sizes, lengths, labels, words, rarities, postings }
}

/** @throws AppError `damaged` where the rows do not add up to what the header says */
function readPostings(reader: Reader, rows: number, total: number, subreddits: number): Postings {
	const from = new Uint32Array(rows + 1)
	let sum = 0
	for (let row = 0; row < rows; row += 1) {
		sum += reader.varintBelow(subreddits + 1, 'the length of a row')
		if (sum > total) break
		from[row + 1] = sum
	}
	if (sum !== total) reader.fail(`${sum} entries where the header says ${total}`)
	const numbers = new Uint32Array(total)
	for (let row = 0; row < rows; row += 1) {
		let last = -1
		for (let at = from[row] as number; at < (from[row + 1] as number); at += 1) {
			last += 1 + reader.varintBelow(subreddits - last - 1, 'a gap between subreddits')
			numbers[at] = last
		}
	}
	return { from, subreddits: numbers, values: reader.bytes(total) }
}

function readTexts(reader: Reader, count: number, keyOf: (text: string) => string): string[] {
	const shared = reader.bytes(count)
	const length = reader.varintBelow(2 ** 31, 'the length of a table of texts')
	const joined = reader.text(length)
	const rests = count === 0 && joined === '' ? [] : joined.split('\n')
	if (rests.length !== count) reader.fail(`${rests.length} texts where there should be ${count}`)
	const texts: string[] = []
	let before = ''
	for (let at = 0; at < count; at += 1) {
		const start = shared[at] ?? 0
		if (start > before.length) reader.fail('a text shares more than the one before it has')
		const text = before.slice(0, start) + rests[at]
		if (text.length < 1 || text.length > MAX_TEXT) reader.fail('a text of no or too great length')
		if (at > 0 && keyOf(text) <= keyOf(before)) reader.fail('texts that do not ascend')
		texts.push(text)
		before = text
	}
	return texts
}

/** Reads forwards, and says where it is when something is wrong. */
class Reader {
	readonly #bytes: Uint8Array
	#at = 0

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes
	}

	fail(what: string): never {
		throw new AppError(
			'damaged',
			`the index of subreddits is damaged: at byte ${this.#at}: ${what}`,
		)
	}

	bytes(length: number): Uint8Array {
		const left = this.#bytes.length - this.#at
		if (length > left) this.fail(`${length} bytes are needed, and ${left} are left`)
		this.#at += length
		// A copy: Node's Buffer would share its memory by `slice`.
		return Uint8Array.from(this.#bytes.subarray(this.#at - length, this.#at))
	}

	text(length: number): string {
		const bytes = this.bytes(length)
		try {
			return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
		} catch {
			return this.fail('text that is not UTF-8')
		}
	}

	uint32(): number {
		return new DataView(this.bytes(4).buffer).getUint32(0, true)
	}

	varintBelow(limit: number, what: string): number {
		let value = 0
		for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
			const byte = this.#bytes[this.#at] ?? this.fail(`${what} is missing`)
			this.#at += 1
			value += (byte & 127) * scale
			if (byte < 128) return value < limit ? value : this.fail(`${what}: ${value}`)
		}
		return this.fail(`${what} has too many bytes`)
	}

	end(): void {
		const left = this.#bytes.length - this.#at
		if (left > 0) this.fail(`${left} bytes too many`)
	}
}
