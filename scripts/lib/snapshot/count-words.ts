// In how many titles each word stands. On bytes, because a set of strings for each of millions of titles takes longer than all
// else that is done with them. Pure.
import { isWord } from '../../../src/model/normalize.ts'
import type { Rows, TitleTable } from './title-table.ts'

const SPACE = 32
/** FNV-1a, whose low bits the last step of each word mixes with its high ones. */
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const FIRST_CAPACITY = 1 << 16

export function countWords(table: TitleTable, rows: Rows): Map<string, number> {
	const counter = new WordCounter()
	for (let title = 0; title < rows.length; title += 1) {
		const { chunk, start, end } = table.bytesOf(rows[title] ?? 0)
		counter.addTitle(chunk, start, end, title)
	}
	return counter.words()
}

/** Open addressing: slots hold the number of a word + 1, or 0 for none. The words lie one after the other in one array. */
class WordCounter {
	#slots = new Uint32Array(FIRST_CAPACITY * 2)
	#hashes = new Uint32Array(FIRST_CAPACITY)
	#counts = new Uint32Array(FIRST_CAPACITY)
	/** The title that the word was counted in last. */
	#titles = new Uint32Array(FIRST_CAPACITY)
	/** Where each word begins, and the one behind it. */
	#starts = new Uint32Array(FIRST_CAPACITY + 1)
	#bytes = Buffer.alloc(FIRST_CAPACITY * 8)
	#size = 0

	addTitle(bytes: Uint8Array, start: number, end: number, title: number): void {
		for (let from = start; from < end; ) {
			let hash = FNV_OFFSET
			let until = from
			for (; until < end; until += 1) {
				const byte = bytes[until] as number
				if (byte === SPACE) break
				hash = Math.imul(hash ^ byte, FNV_PRIME)
			}
			if (until > from) this.#add((hash ^ (hash >>> 15)) >>> 0, bytes, from, until, title)
			from = until + 1
		}
	}

	words(): Map<string, number> {
		const found = new Map<string, number>()
		for (let word = 0; word < this.#size; word += 1) {
			const text = this.#bytes.toString('utf8', this.#starts[word], this.#starts[word + 1])
			if (isWord(text)) found.set(text, this.#counts[word] ?? 0)
		}
		return found
	}

	#add(hash: number, bytes: Uint8Array, start: number, end: number, title: number): void {
		const mask = this.#slots.length - 1
		for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
			const word = (this.#slots[slot] as number) - 1
			if (word === -1) {
				this.#insert(slot, hash, bytes.subarray(start, end), title)
				return
			}
			if (this.#hashes[word] !== hash || !this.#isSame(word, bytes, start, end)) continue
			if (this.#titles[word] === title) return
			this.#titles[word] = title
			this.#counts[word] = (this.#counts[word] as number) + 1
			return
		}
	}

	#isSame(word: number, bytes: Uint8Array, start: number, end: number): boolean {
		const own = this.#bytes
		const from = this.#starts[word] as number
		const length = end - start
		if ((this.#starts[word + 1] as number) - from !== length) return false
		for (let at = 0; at < length; at += 1) if (own[from + at] !== bytes[start + at]) return false
		return true
	}

	#insert(slot: number, hash: number, bytes: Uint8Array, title: number): void {
		const word = this.#size
		const start = this.#starts[word] as number
		if (start + bytes.length > this.#bytes.length)
			this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2 + bytes.length)
		this.#bytes.set(bytes, start)
		this.#starts[word + 1] = start + bytes.length
		this.#slots[slot] = word + 1
		this.#hashes[word] = hash
		this.#counts[word] = 1
		this.#titles[word] = title
		this.#size += 1
		if (this.#size === this.#hashes.length) this.#grow()
	}

	#grow(): void {
		const capacity = this.#size * 2
		this.#hashes = enlarge(this.#hashes, capacity)
		this.#counts = enlarge(this.#counts, capacity)
		this.#titles = enlarge(this.#titles, capacity)
		this.#starts = enlarge(this.#starts, capacity + 1)
		this.#slots = new Uint32Array(capacity * 2)
		const mask = this.#slots.length - 1
		for (let word = 0; word < this.#size; word += 1) {
			let slot = (this.#hashes[word] as number) & mask
			while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
			this.#slots[slot] = word + 1
		}
	}
}

function enlarge(column: Uint32Array, capacity: number): Uint32Array<ArrayBuffer> {
	const larger = new Uint32Array(capacity)
	larger.set(column)
	return larger
}
