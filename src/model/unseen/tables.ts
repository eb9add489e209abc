// Tables in the memory of a file: sorted texts, and rows of postings. Both are cut into blocks whose beginnings are known, so
// that one entry is found without reading those before its block. Pure.
import { ByteView, decodeText } from './byte-view.ts'

/** Texts, or rows, between two places that the file names. */
export const BLOCK = 16
const LINE_FEED = 10

/** How many places a table of so many entries has: the beginning of each block. */
export function countBlocks(entries: number): number {
	return Math.ceil(entries / BLOCK)
}

export interface TableParts {
	readonly count: number
	/** Where each block begins in the bytes. */
	readonly blocks: Uint32Array
	readonly bytes: Uint8Array
	/** Of the file, for errors: "the names". */
	readonly what: string
}

/**
 * Texts in ascending order of their keys, front-coded: for each the number of bytes that it shares with the one before it in its
 * block (a byte), how many follow (a byte), and those, in UTF-8.
 */
export class TextTable {
	readonly count: number
	readonly #blocks: Uint32Array
	readonly #view: ByteView
	readonly #keyOf: (text: string) => string
	/** The text that was read last. */
	readonly #text = new Uint8Array(255)

	constructor({ count, blocks, bytes, what }: TableParts, keyOf: (text: string) => string) {
		this.count = count
		this.#blocks = blocks
		this.#view = new ByteView(bytes, what)
		this.#keyOf = keyOf
	}

	at(place: number): string {
		if (!(place >= 0 && place < this.count)) this.#view.fail(`text ${place} of ${this.count}`)
		this.#enter(Math.floor(place / BLOCK))
		let length = 0
		for (let left = place % BLOCK; left >= 0; left -= 1) length = this.#next(length)
		return this.#decode(length)
	}

	/** The place of the first text whose key is not less than this one; `count` where all are less. */
	lowerBound(key: string): number {
		let low = 0
		let high = countBlocks(this.count)
		// The last block whose first text is less than the key.
		while (low < high) {
			const middle = (low + high) >> 1
			if (this.#keyOf(this.at(middle * BLOCK)) < key) low = middle + 1
			else high = middle
		}
		if (low === 0) return 0
		let place = (low - 1) * BLOCK
		const end = Math.min(this.count, low * BLOCK)
		while (place < end && this.#keyOf(this.at(place)) < key) place += 1
		return place
	}

	/** The place of the text with this key; -1 where there is none. */
	find(key: string): number {
		const place = this.lowerBound(key)
		return place < this.count && this.#keyOf(this.at(place)) === key ? place : -1
	}

	/** All texts, each with a line feed before it and the last one after it, too. */
	join(): string {
		const joined = new Uint8Array(this.#joinedLength())
		let at = 0
		for (let place = 0, length = 0; place < this.count; place += 1) {
			if (place % BLOCK === 0) {
				this.#enter(place / BLOCK)
				length = 0
			}
			length = this.#next(length)
			joined[at] = LINE_FEED
			joined.set(this.#text.subarray(0, length), at + 1)
			at += length + 1
		}
		joined[at] = LINE_FEED
		return decodeText(joined) ?? this.#view.fail('text that is not UTF-8')
	}

	#joinedLength(): number {
		let total = 1
		for (let place = 0; place < this.count; place += 1) {
			if (place % BLOCK === 0) this.#enter(place / BLOCK)
			const shared = this.#view.byte()
			const length = this.#view.byte()
			this.#view.slice(length)
			total += shared + length + 1
		}
		return total
	}

	#enter(block: number): void {
		this.#view.moveTo(this.#blocks[block] ?? Number.POSITIVE_INFINITY)
	}

	/** Reads one text after another one of `before` bytes. @returns its length */
	#next(before: number): number {
		const shared = this.#view.byte()
		const length = this.#view.byte()
		if (shared > before) this.#view.fail(`a text shares ${shared} bytes with one of ${before}`)
		if (shared + length > this.#text.length) this.#view.fail('a text is too long')
		this.#text.set(this.#view.slice(length), shared)
		return shared + length
	}

	#decode(length: number): string {
		return decodeText(this.#text.subarray(0, length)) ?? this.#view.fail('text that is not UTF-8')
	}
}

/**
 * Rows of postings: the length of a row in bytes, and for each of its subreddits the gap to the one before and a code for the
 * value, `gap · 4 + code`, as varints. The codes 1 to 3 are the values that are frequent; 0: the value follows in a byte.
 */
export class RowTable {
	readonly count: number
	readonly #blocks: Uint32Array
	readonly #view: ByteView
	readonly #subreddits: number
	readonly #values: readonly number[]

	/** @param frequent the values of the codes 1 to 3 */
	constructor(
		{ count, blocks, bytes, what }: TableParts,
		subreddits: number,
		frequent: readonly number[],
	) {
		this.count = count
		this.#blocks = blocks
		this.#view = new ByteView(bytes, what)
		this.#subreddits = subreddits
		this.#values = [0, ...frequent]
	}

	/** Calls for each subreddit of a row, ascending, with its value. */
	visit(row: number, visit: (subreddit: number, value: number) => void): void {
		const view = this.#view
		if (!(row >= 0 && row < this.count)) view.fail(`row ${row} of ${this.count}`)
		view.moveTo(this.#blocks[Math.floor(row / BLOCK)] ?? Number.POSITIVE_INFINITY)
		for (let before = row % BLOCK; before > 0; before -= 1) view.slice(view.varint())
		const length = view.varint()
		const end = view.at + length
		let last = -1
		while (view.at < end) {
			const packed = view.varint()
			last += 1 + Math.floor(packed / 4)
			if (last >= this.#subreddits) view.fail(`subreddit ${last} of ${this.#subreddits}`)
			const value = this.#values[packed % 4] || view.byte()
			visit(last, value)
		}
		if (view.at !== end) view.fail('a row that ends inside a number')
	}
}
