// Reads a few fields of a line of JSON and passes over the rest: a row of today has a hundred fields and 3 kB, of which a post
// needs a tenth. Whatever is out of the ordinary is left to JSON.parse.

const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const [ARRAY, ARRAY_END, OBJECT, OBJECT_END] = [91, 93, 123, 125]
const SPACE = 32
const [ZERO, NINE, MINUS, PLUS, POINT] = [48, 57, 45, 43, 46]
const [LOWER_E, UPPER_E] = [101, 69]
const [NULL, TRUE, FALSE] = ['null', 'true', 'false'].map((text) => Buffer.from(text)) as [
	Buffer,
	Buffer,
	Buffer,
]
/** No whole number of so many digits loses any. */
const MAX_DIGITS = 15
/** Most strings are shorter, and those are passed faster byte by byte. */
const LOOKED_AT = 48

/** How a field is read. `short` is text that matters only where it is short: undefined where it is longer. */
export type ScannedFields = Readonly<Record<string, 'any' | 'short'>>

interface Wanted {
	readonly name: string
	readonly bytes: Uint8Array
	readonly isShort: boolean
}

/**
 * Makes a reader of the top level of one object in UTF-8. Of each field it gives what JSON.parse would; fields that are not
 * there are undefined. What it passes over it checks for matching quotes and brackets only.
 *
 * @param shortBytes the longest text of a `short` field
 * @returns a function that returns null for a line that it leaves to JSON.parse: no object, broken, or written in another way
 */
export function createRowScanner<Fields extends ScannedFields>(fields: Fields, shortBytes: number) {
	const names = Object.keys(fields)
	const byLength = groupByLength(fields)
	const empty = Object.fromEntries(names.map((name) => [name, undefined]))
	const scan = new Scan()
	return (bytes: Buffer, start: number, end: number): Record<keyof Fields, unknown> | null => {
		scan.begin(bytes, start, end)
		const found: Record<string, unknown> = { ...empty }
		return scan.readObject(byLength, shortBytes, found)
			? (found as Record<keyof Fields, unknown>)
			: null
	}
}

function groupByLength(fields: ScannedFields): Wanted[][] {
	const byLength: Wanted[][] = []
	for (const [name, how] of Object.entries(fields)) {
		const bytes = Buffer.from(name)
		const group = byLength[bytes.length] ?? []
		byLength[bytes.length] = group
		group.push({ name, bytes, isShort: how === 'short' })
	}
	return byLength
}

class Scan {
	#bytes: Buffer = Buffer.alloc(0)
	#at = 0
	#end = 0
	/** Of the string that was passed last. */
	#hasEscape = false
	#isAscii = true

	begin(bytes: Buffer, start: number, end: number): void {
		this.#bytes = bytes
		this.#at = start
		this.#end = end
	}

	/** @returns false where the line is to be left to JSON.parse */
	readObject(
		byLength: readonly (readonly Wanted[] | undefined)[],
		shortBytes: number,
		found: Record<string, unknown>,
	): boolean {
		if (this.#next() !== OBJECT) return false
		this.#at += 1
		if (this.#next() === OBJECT_END) return false
		for (;;) {
			if (this.#next() !== QUOTE) return false
			const keyStart = this.#at + 1
			if (!this.#passString() || this.#hasEscape) return false
			const wanted = this.#findWanted(byLength[this.#at - 1 - keyStart], keyStart)
			if (this.#next() !== COLON) return false
			this.#at += 1
			const isRead = wanted ? this.#readValue(wanted, shortBytes, found) : this.#passValue()
			if (!isRead) return false
			const after = this.#next()
			this.#at += 1
			if (after === OBJECT_END) return this.#next() === -1
			if (after !== COMMA) return false
		}
	}

	/** Passes blanks. @returns the byte behind them; -1 at the end */
	#next(): number {
		const bytes = this.#bytes
		let at = this.#at
		while (at < this.#end) {
			const byte = bytes[at] as number
			if (byte > SPACE) break
			// JSON knows four kinds of blank.
			if (byte !== SPACE && byte !== 9 && byte !== 10 && byte !== 13) break
			at += 1
		}
		this.#at = at
		return at < this.#end ? (bytes[at] as number) : -1
	}

	#findWanted(group: readonly Wanted[] | undefined, start: number): Wanted | undefined {
		if (!group) return undefined
		const bytes = this.#bytes
		for (const wanted of group) {
			const name = wanted.bytes
			let same = 0
			while (same < name.length && name[same] === bytes[start + same]) same += 1
			if (same === name.length) return wanted
		}
		return undefined
	}

	/**
	 * From a quote to behind the quote that ends the string.
	 *
	 * @param lookedAt so many bytes are looked at one by one; what lies behind them is nobody's to read
	 */
	#passString(lookedAt = Number.POSITIVE_INFINITY): boolean {
		const bytes = this.#bytes
		const end = this.#end
		const stop = Math.min(end, this.#at + 1 + lookedAt)
		let at = this.#at + 1
		let all = 0
		this.#hasEscape = false
		while (at < stop) {
			const byte = bytes[at] as number
			if (byte === QUOTE) {
				this.#at = at + 1
				this.#isAscii = all < 128
				return true
			}
			if (byte === BACKSLASH) {
				this.#hasEscape = true
				at += 1
			} else if (byte < SPACE) return false
			all |= byte
			at += 1
		}
		return at < end && this.#passTail(at)
	}

	/** The same for the rest of a long string: the next quote is found many times as fast by the platform. */
	#passTail(start: number): boolean {
		const bytes = this.#bytes
		for (
			let quote = bytes.indexOf(QUOTE, start);
			quote >= 0;
			quote = bytes.indexOf(QUOTE, quote + 1)
		) {
			if (quote >= this.#end) return false
			let before = quote - 1
			while (before >= start && bytes[before] === BACKSLASH) before -= 1
			// An even number of backslashes escape each other, and not the quote.
			if ((quote - 1 - before) % 2 === 1) continue
			this.#at = quote + 1
			return true
		}
		return false
	}

	#passValue(): boolean {
		const first = this.#next()
		if (first === QUOTE) return this.#passString(LOOKED_AT)
		if (first === OBJECT || first === ARRAY) return this.#passNested()
		return this.#passLiteral(first)
	}

	#passLiteral(first: number): boolean {
		if (first === -1) return false
		if (first === NULL[0]) return this.#passWord(NULL)
		if (first === TRUE[0]) return this.#passWord(TRUE)
		if (first === FALSE[0]) return this.#passWord(FALSE)
		return this.#passNumber()
	}

	#passWord(word: Uint8Array): boolean {
		for (let place = 0; place < word.length; place += 1)
			if (this.#bytes[this.#at + place] !== word[place]) return false
		this.#at += word.length
		return this.#at <= this.#end
	}

	/** Of its characters only: what is read is parsed, too. */
	#passNumber(): boolean {
		const start = this.#at
		while (this.#at < this.#end && isInNumber(this.#bytes[this.#at] as number)) this.#at += 1
		return this.#at > start
	}

	/** From the bracket that opens an object or array to behind the one that closes it. */
	#passNested(): boolean {
		const bytes = this.#bytes
		const end = this.#end
		let depth = 0
		for (let at = this.#at; at < end; at += 1) {
			const byte = bytes[at] as number
			if (byte === QUOTE) {
				this.#at = at
				if (!this.#passString(LOOKED_AT)) return false
				at = this.#at - 1
			} else if (byte === OBJECT || byte === ARRAY) depth += 1
			else if (byte === OBJECT_END || byte === ARRAY_END) {
				depth -= 1
				if (depth > 0) continue
				this.#at = at + 1
				return true
			}
		}
		return false
	}

	#readValue(
		{ name, isShort }: Wanted,
		shortBytes: number,
		found: Record<string, unknown>,
	): boolean {
		const first = this.#next()
		const start = this.#at
		if (first === QUOTE) {
			if (!this.#passString(isShort ? shortBytes : undefined)) return false
			const isLeftOut = isShort && this.#at - start > shortBytes
			found[name] = isLeftOut ? undefined : this.#text(start)
			return found[name] !== null
		}
		const isNested = first === OBJECT || first === ARRAY
		if (isNested ? !this.#passNested() : !this.#passLiteral(first)) return false
		if (isNested) return this.#parse(name, start, found)
		if (first === NULL[0]) found[name] = null
		else if (first === TRUE[0] || first === FALSE[0]) found[name] = first === TRUE[0]
		else {
			const number = this.#wholeNumber(start)
			if (number < 0) return this.#parse(name, start, found)
			found[name] = number
		}
		return true
	}

	/** The string that was passed last; null where an escape is none. */
	#text(start: number): string | null {
		if (!this.#hasEscape)
			return this.#bytes.toString(this.#isAscii ? 'latin1' : 'utf8', start + 1, this.#at - 1)
		try {
			return JSON.parse(this.#bytes.toString('utf8', start, this.#at)) as string
		} catch {
			return null
		}
	}

	/** From its digits; -1 where it is written in another way. */
	#wholeNumber(start: number): number {
		const length = this.#at - start
		if (length > MAX_DIGITS || (length > 1 && this.#bytes[start] === ZERO)) return -1
		let number = 0
		for (let at = start; at < this.#at; at += 1) {
			const byte = this.#bytes[at] as number
			if (byte < ZERO || byte > NINE) return -1
			number = number * 10 + byte - ZERO
		}
		return number
	}

	#parse(name: string, start: number, found: Record<string, unknown>): boolean {
		try {
			found[name] = JSON.parse(this.#bytes.toString('utf8', start, this.#at)) as unknown
			return true
		} catch {
			return false
		}
	}
}

function isInNumber(byte: number): boolean {
	return (
		(byte >= ZERO && byte <= NINE) ||
		byte === MINUS ||
		byte === PLUS ||
		byte === POINT ||
		byte === LOWER_E ||
		byte === UPPER_E
	)
}
