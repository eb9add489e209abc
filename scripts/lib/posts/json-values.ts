// JSON that is not one object a line: an array of objects, or objects that are broken over several lines.
import { MAX_LINE_BYTES, TOO_LONG } from './lines.ts'
import type { RawRow } from './raw-row.ts'
import { parseJson } from './raw-row.ts'

const LF = 10
const SPACE = 32
const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const [ARRAY, ARRAY_END, OBJECT, OBJECT_END] = [91, 93, 123, 125]

/**
 * Finds the objects that no other object holds, in the bytes of a text, and what stands between them and is no JSON. Looks at
 * brackets and strings only: whether an object is sound is found when it is parsed.
 */
export class JsonValueReader {
	#line = 1
	/** Where the value began that is being read, and its bytes of earlier chunks. */
	#startLine = 0
	#held: Uint8Array[] = []
	#heldBytes = 0
	#state: 'between' | 'object' | 'stray' = 'between'
	/** Brackets that are open within the object; arrays around the objects. */
	#depth = 0
	#arrays = 0
	#isInString = false
	#isEscaped = false

	push(chunk: Uint8Array): RawRow[] {
		const rows: RawRow[] = []
		let start = 0
		for (let at = 0; at < chunk.length; at += 1) {
			const byte = chunk[at] ?? 0
			if (byte === LF) this.#line += 1
			if (this.#state === 'object') {
				if (this.#endsObject(byte)) {
					rows.push(this.#take(chunk.subarray(start, at + 1)))
					start = at + 1
				}
			} else if (this.#state === 'stray' && !isBetween(byte) && byte !== OBJECT) continue
			else {
				if (this.#state === 'stray') rows.push(this.#take(chunk.subarray(start, at)))
				this.#begin(byte)
				start = isBetween(byte) ? at + 1 : at
			}
		}
		if (this.#state !== 'between') this.#hold(chunk.subarray(start))
		return rows
	}

	/** What is left when the text has ended. */
	end(): RawRow[] {
		if (this.#state !== 'between') return [this.#take(new Uint8Array(0))]
		if (this.#arrays <= 0) return []
		const content = { kind: 'broken', problem: 'the file ends before its array does' } as const
		return [{ line: this.#line, text: null, content }]
	}

	#begin(byte: number): void {
		if (byte === ARRAY) this.#arrays += 1
		if (byte === ARRAY_END) this.#arrays -= 1
		if (isBetween(byte)) return
		this.#state = byte === OBJECT ? 'object' : 'stray'
		this.#startLine = this.#line
		this.#depth = 1
	}

	#endsObject(byte: number): boolean {
		if (this.#isEscaped) this.#isEscaped = false
		else if (byte === BACKSLASH) this.#isEscaped = this.#isInString
		else if (byte === QUOTE) this.#isInString = !this.#isInString
		else if (!this.#isInString) {
			if (byte === OBJECT || byte === ARRAY) this.#depth += 1
			if (byte === OBJECT_END || byte === ARRAY_END) this.#depth -= 1
			return this.#depth === 0
		}
		return false
	}

	#hold(bytes: Uint8Array): void {
		this.#heldBytes += bytes.length
		// A copy, as the next chunk may come in the same bytes.
		if (this.#heldBytes <= MAX_LINE_BYTES) this.#held.push(Uint8Array.from(bytes))
	}

	#take(last: Uint8Array): RawRow {
		this.#hold(last)
		const isTooLong = this.#heldBytes > MAX_LINE_BYTES
		const text = isTooLong ? null : Buffer.concat(this.#held).toString('utf8')
		this.#held = []
		this.#heldBytes = 0
		this.#state = 'between'
		const content =
			text === null ? ({ kind: 'broken', problem: TOO_LONG } as const) : parseJson(text)
		return { line: this.#startLine, text, content }
	}
}

/** Blanks, and what may stand between objects. */
function isBetween(byte: number): boolean {
	return byte <= SPACE || byte === COMMA || byte === ARRAY || byte === ARRAY_END
}
