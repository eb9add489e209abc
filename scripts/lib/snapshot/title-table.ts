// Titles in columns outside V8's heap, so that their number is bounded by the machine's memory and by nothing else.
import type { LabelledTitle } from '../../../src/model/training-text.ts'

const CHUNK_BYTES = 1 << 24

/** Numbers of titles in a table: a list of titles. */
export type Rows = Uint32Array

/** In their order. `Uint32Array.prototype.filter` would list what it keeps on the heap. */
export function keepRows(rows: Rows, isKept: (row: number) => boolean): Rows {
	const kept = new Uint32Array(rows.length)
	let count = 0
	for (const row of rows) {
		if (!isKept(row)) continue
		kept[count] = row
		count += 1
	}
	return kept.slice(0, count)
}

/** @param without some of the rows */
export function withoutRows({ size }: Pick<TitleTable, 'size'>, rows: Rows, without: Rows): Rows {
	const isOut = new Uint8Array(size)
	for (const row of without) isOut[row] = 1
	return keepRows(rows, (row) => isOut[row] === 0)
}

export function joinRows(...lists: readonly Rows[]): Rows {
	const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0))
	let place = 0
	for (const rows of lists) {
		all.set(rows, place)
		place += rows.length
	}
	return all
}

export interface NewTitle {
	/** The label's place. */
	readonly label: number
	/** Normalised; of bytes, which are copied, UTF-8. */
	readonly text: string | Uint8Array
	/** Unix seconds. */
	readonly created: number
	/** Decides about the side of a random split. */
	readonly ticket: number
}

/** Titles by number. Those with the same text know of each other. */
export class TitleTable {
	labels: Uint32Array
	created: Uint32Array
	tickets: Uint32Array
	/** The first row that has the same text. */
	sameText: Uint32Array
	/** Of the labels, by their place. */
	names: string[] = []
	/** Rows from here on are of no post, and have no time. */
	posts = 0
	readonly #chunks: Buffer[] = []
	#starts: Float64Array
	#lengths: Uint16Array
	/** Open addressing: a row + 1, or 0 for none. */
	#slots: Uint32Array
	#end = 0
	#size = 0

	/** @param capacity so many titles without growing; what is not used takes no memory */
	constructor(capacity: number) {
		this.labels = new Uint32Array(capacity)
		this.created = new Uint32Array(capacity)
		this.tickets = new Uint32Array(capacity)
		this.sameText = new Uint32Array(capacity)
		this.#starts = new Float64Array(capacity)
		this.#lengths = new Uint16Array(capacity)
		this.#slots = new Uint32Array(countSlots(capacity))
	}

	get size(): number {
		return this.#size
	}

	/** @returns its row */
	add({ label, text, created, ticket }: NewTitle): number {
		const row = this.#size
		if (row === this.labels.length) this.#grow()
		this.#write(row, text)
		this.labels[row] = label
		this.created[row] = created
		this.tickets[row] = ticket
		const slot = this.#findSlot(row)
		const same = this.#slots[slot] ?? 0
		if (same === 0) this.#slots[slot] = row + 1
		this.sameText[row] = same === 0 ? row : same - 1
		this.#size += 1
		return row
	}

	/** Lines that are of no post, as from picks. @returns their rows */
	addLines(lines: readonly LabelledTitle[]): Rows {
		const places = new Map(this.names.map((name, place) => [name, place]))
		const rows = new Uint32Array(lines.length)
		for (const [index, { subreddit, text }] of lines.entries()) {
			const label = places.get(subreddit) ?? this.names.length
			if (label === this.names.length) this.names.push(subreddit)
			places.set(subreddit, label)
			rows[index] = this.add({ label, text, created: 0, ticket: 0 })
		}
		return rows
	}

	text(row: number): string {
		const [chunk, start] = this.#locate(row)
		return chunk.toString('utf8', start, start + (this.#lengths[row] ?? 0))
	}

	*read(rows: Rows): Generator<LabelledTitle> {
		for (const row of rows)
			yield { subreddit: this.names[this.labels[row] ?? 0] ?? '', text: this.text(row) }
	}

	/** Where the text lies. */
	bytesOf(row: number): { readonly chunk: Buffer; readonly start: number; readonly end: number } {
		const [chunk, start] = this.#locate(row)
		return { chunk, start, end: start + this.lengthOf(row) }
	}

	/** Bytes of the text. */
	lengthOf(row: number): number {
		return this.#lengths[row] ?? 0
	}

	/** @returns the place after the text */
	copyText(row: number, target: Buffer, place: number): number {
		const [chunk, start] = this.#locate(row)
		return place + chunk.copy(target, place, start, start + this.lengthOf(row))
	}

	/** How many of the rows are of each label, by its place. */
	countLabels(rows: Rows): Uint32Array {
		const counts = new Uint32Array(this.names.length)
		for (const row of rows) {
			const label = this.labels[row] ?? 0
			counts[label] = (counts[label] ?? 0) + 1
		}
		return counts
	}

	/** Oldest first; titles of one second in the order in which they were added. */
	byTime(): Rows {
		let rows = new Uint32Array(this.#size)
		for (let row = 0; row < rows.length; row += 1) rows[row] = row
		let spare = new Uint32Array(this.#size)
		for (const shift of [0, 16]) {
			sortByDigits(rows, spare, (row) => ((this.created[row] ?? 0) >>> shift) & 0xffff)
			;[rows, spare] = [spare, rows]
		}
		return rows
	}

	#grow(): void {
		const capacity = Math.max(1024, Math.ceil(this.labels.length * 1.25))
		this.labels = enlarge(this.labels, new Uint32Array(capacity))
		this.created = enlarge(this.created, new Uint32Array(capacity))
		this.tickets = enlarge(this.tickets, new Uint32Array(capacity))
		this.sameText = enlarge(this.sameText, new Uint32Array(capacity))
		this.#starts = enlarge(this.#starts, new Float64Array(capacity))
		this.#lengths = enlarge(this.#lengths, new Uint16Array(capacity))
		const slots = countSlots(capacity)
		if (slots === this.#slots.length) return
		this.#slots = new Uint32Array(slots)
		for (let row = 0; row < this.#size; row += 1)
			if (this.sameText[row] === row) this.#slots[this.#findSlot(row)] = row + 1
	}

	#locate(row: number): [chunk: Buffer, start: number] {
		const place = this.#starts[row] ?? 0
		const chunk = this.#chunks[Math.floor(place / CHUNK_BYTES)]
		if (!chunk) throw new RangeError(`row ${row} of ${this.#size}`)
		return [chunk, place % CHUNK_BYTES]
	}

	#write(row: number, text: string | Uint8Array): void {
		// No character of UTF-16 becomes more than three bytes. A text lies in one chunk.
		const room = CHUNK_BYTES - (this.#end % CHUNK_BYTES)
		if (text.length * 3 > room) this.#end += room
		const index = Math.floor(this.#end / CHUNK_BYTES)
		const chunk = this.#chunks[index] ?? Buffer.allocUnsafeSlow(CHUNK_BYTES)
		this.#chunks[index] = chunk
		const start = this.#end % CHUNK_BYTES
		let { length } = text
		if (typeof text === 'string') length = chunk.write(text, start, 'utf8')
		else chunk.set(text, start)
		this.#starts[row] = this.#end
		this.#lengths[row] = length
		this.#end += length
	}

	/** The slot of a row with this row's text, or the free one that is for it. */
	#findSlot(row: number): number {
		const mask = this.#slots.length - 1
		const [chunk, start] = this.#locate(row)
		const end = start + (this.#lengths[row] ?? 0)
		for (let slot = hash(chunk, start, end) & mask; ; slot = (slot + 1) & mask) {
			const other = (this.#slots[slot] ?? 0) - 1
			if (other === -1 || this.#isSame(other, chunk, start, end)) return slot
		}
	}

	#isSame(row: number, chunk: Buffer, start: number, end: number): boolean {
		const length = this.#lengths[row] ?? 0
		if (length !== end - start) return false
		const [other, from] = this.#locate(row)
		return chunk.compare(other, from, from + length, start, end) === 0
	}
}

function countSlots(titles: number): number {
	return 2 ** Math.ceil(Math.log2(Math.max(2, titles * 1.5)))
}

function enlarge<Column extends Uint32Array | Uint16Array | Float64Array>(
	column: Column,
	larger: Column,
): Column {
	larger.set(column)
	return larger
}

/** FNV-1a, then the last steps of MurmurHash3. */
function hash(bytes: Buffer, start: number, end: number): number {
	let value = 0x811c9dc5
	for (let index = start; index < end; index += 1)
		value = Math.imul(value ^ (bytes[index] ?? 0), 0x01000193)
	value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
	value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
	return (value ^ (value >>> 16)) >>> 0
}

/** Stable: a counting sort by a number below 65,536. */
function sortByDigits(rows: Rows, into: Rows, digitsOf: (row: number) => number): void {
	const ends = new Uint32Array(0x10000)
	for (const row of rows) {
		const digits = digitsOf(row)
		ends[digits] = (ends[digits] ?? 0) + 1
	}
	let end = 0
	for (let digits = 0; digits < ends.length; digits += 1) {
		const count = ends[digits] ?? 0
		ends[digits] = end
		end += count
	}
	for (const row of rows) {
		const digits = digitsOf(row)
		const place = ends[digits] ?? 0
		into[place] = row
		ends[digits] = place + 1
	}
}
