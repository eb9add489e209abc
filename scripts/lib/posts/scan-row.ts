// Reads a few fields of lines of JSON and passes over the rest: a row of today has a hundred fields and 3 kB, of which a post
// needs a tenth. Whatever is out of the ordinary is left to JSON.parse.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compileAssemblyScript } from '../assemblyscript.ts'
import type { PackedPosts } from './packed-posts.ts'
import { SPACE_BYTES } from './post-file.ts'

const SCANNING = join(import.meta.dirname, 'scanning')
const LF = 10
const NAME_BYTES = 32
const FOUND_BYTES = 1 << 18
/** The scanner looks at up to 64 bytes at once. */
const SPARE_BYTES = 64
/** Room for a block: the memory never grows, because what lies in it would be lost. Lines of longer blocks are left to JSON.parse. */
const BLOCK_BYTES = SPACE_BYTES
/** No post takes twice as much packed as its row does, and the scanner wants room for any. */
const PACKED_BYTES = 2 * BLOCK_BYTES + 4096

/** How a value is told, as scanning/index.ts has it. */
const [ASCII, UTF8, JSON_TEXT, NULL, TRUE, FALSE, WHOLE_NUMBER] = [0, 1, 2, 3, 4, 5, 6]
const LEFT = 0xffffffff
const PACKED = 0xfffffffe
const PACKED_OVER_18 = 0xfffffffd

/** How a field is read. `short` is text that matters only where it is short: undefined where it is longer. */
export type ScannedFields = Readonly<Record<string, 'any' | 'short'>>

/** What a field decides of an ordinary post, as scanning/posts.ts has it; in its order, from 1. */
const ROLES = [
	...(['id', 'created', 'subreddit', 'title', 'score', 'over18', 'retrieved'] as const),
	...(['secondReading', 'retrievedAgain', 'sign', 'indexable', 'kind', 'body', 'spare'] as const),
]
export type FieldRole = (typeof ROLES)[number]

/** @param row is overwritten by the next one; null for a line that is left to JSON.parse: no object, broken, or written in another way */
export type TakeLine<Row> = (row: Row | null, start: number, end: number) => void

/** Posts that follow each other, one a line, all or none of them marked over 18. The bytes hold until the next block is scanned. */
export type TakePacked = (posts: PackedPosts, areOver18: boolean) => void

export interface ScanLines<Row = object> {
	/**
	 * @param block whole lines of UTF-8, without the LF of the last one
	 * @param takePacked ordinary posts are packed where it is given and the scanner knows what its fields decide
	 */
	(block: Uint8Array, take: TakeLine<Row>, takePacked?: TakePacked): void
	/** Blocks that lie here, with an LF behind them, are scanned without being copied. */
	readonly space: Uint8Array
}

interface ScannerOptions {
	/** The longest text of a `short` field, quotes included. */
	readonly shortBytes: number
	/** What fields decide of an ordinary post. */
	readonly roles?: Readonly<Record<string, FieldRole>>
}

/**
 * Makes a reader of the top level of objects, one a line. Of each field it gives what JSON.parse would; fields that are not
 * there are undefined. What it passes over it checks for matching quotes and brackets only.
 */
export async function createRowScanner<Fields extends ScannedFields>(
	fields: Fields,
	options: ScannerOptions,
): Promise<ScanLines<Record<keyof Fields, unknown>>> {
	const scanner = new Scanner(await instantiate(), Object.entries(fields), options)
	const scan = (block: Uint8Array, take: TakeLine<never>, takePacked?: TakePacked) =>
		scanner.scan(block, take as TakeLine<Fieldful>, takePacked ?? null)
	return Object.assign(scan, { space: scanner.space })
}

type Fieldful = Record<string, unknown>

interface Scanning {
	readonly memory: { readonly buffer: ArrayBuffer }
	names(): number
	firstNames(): number
	fieldNumbers(): number
	roles(): number
	packInto(from: number, end: number): void
	reserve(bytes: number): number
	scan(from: number, end: number, into: number, intoEnd: number, shortBytes: number): number
	itemCount(): number
}

async function instantiate(): Promise<Scanning> {
	// Without what it would call where memory ends: it traps there.
	const path = await compileAssemblyScript(SCANNING, ['--enable=simd', '--use=abort='])
	const { exports } = new WebAssembly.Instance(await WebAssembly.compile(await readFile(path)))
	return exports as unknown as Scanning
}

class Scanner {
	readonly #wasm: Scanning
	readonly #names: readonly string[]
	/** The same for every line: an object for each would be most of the garbage of a whole run. */
	readonly #row: Fieldful
	readonly #shortBytes: number
	readonly #into: number
	readonly #text: number
	readonly #packed: number
	readonly #bytes: Buffer
	readonly #found: Uint32Array
	readonly space: Uint8Array

	constructor(
		wasm: Scanning,
		fields: readonly (readonly [string, 'any' | 'short'])[],
		{ shortBytes, roles = {} }: ScannerOptions,
	) {
		this.#wasm = wasm
		this.#names = fields.map(([name]) => name)
		this.#row = Object.fromEntries(this.#names.map((name) => [name, undefined]))
		this.#shortBytes = shortBytes
		this.#into = wasm.reserve(FOUND_BYTES)
		this.#text = wasm.reserve(BLOCK_BYTES + SPARE_BYTES)
		this.#packed = wasm.reserve(PACKED_BYTES)
		const space = wasm.reserve(SPACE_BYTES + SPARE_BYTES)
		this.#bytes = Buffer.from(wasm.memory.buffer)
		this.#found = new Uint32Array(wasm.memory.buffer, this.#into, FOUND_BYTES / 4)
		this.space = new Uint8Array(wasm.memory.buffer, space, SPACE_BYTES)
		this.#writeNames(fields)
		for (const [field, name] of this.#names.entries()) {
			const role = roles[name]
			this.#bytes[wasm.roles() + field] = role === undefined ? 0 : ROLES.indexOf(role) + 1
		}
	}

	scan(block: Uint8Array, take: TakeLine<Fieldful>, takePacked: TakePacked | null): void {
		const text = this.#place(block)
		if (text === null) {
			leaveLines(block, take)
			return
		}
		const end = text + block.length
		this.#wasm.packInto(this.#packed, this.#packed + (takePacked ? PACKED_BYTES : 0))
		let packed = this.#packed
		for (let at = text; at <= end; ) {
			at = this.#wasm.scan(at, end, this.#into, this.#into + FOUND_BYTES, this.#shortBytes)
			packed = this.#readItems({ text, packed }, take, takePacked)
		}
	}

	/** @returns where the block is in memory; null where it has no room there */
	#place(block: Uint8Array): number | null {
		if (block.buffer === this.#bytes.buffer) return block.byteOffset
		if (block.length > BLOCK_BYTES) return null
		this.#bytes.set(block, this.#text)
		this.#bytes[this.#text + block.length] = LF
		return this.#text
	}

	#writeNames(fields: readonly (readonly [string, 'any' | 'short'])[]): void {
		const names = fields.map(([name, how], field) => ({
			bytes: Buffer.from(name),
			number: field * 2 + (how === 'short' ? 1 : 0),
		}))
		names.sort((a, b) => a.bytes.length - b.bytes.length)
		const first = this.#wasm.firstNames()
		for (let length = 0; length <= NAME_BYTES + 1; length += 1)
			this.#bytes[first + length] = names.filter(({ bytes }) => bytes.length < length).length
		for (const [place, { bytes, number }] of names.entries()) {
			this.#bytes.set(bytes, this.#wasm.names() + place * NAME_BYTES)
			this.#bytes[this.#wasm.fieldNumbers() + place] = number
		}
	}

	/**
	 * @param from where the text begins and where the next packed post does
	 * @returns where the next packed post begins
	 */
	#readItems(
		from: { readonly text: number; readonly packed: number },
		take: TakeLine<Fieldful>,
		takePacked: TakePacked | null,
	): number {
		const found = this.#found
		const count = this.#wasm.itemCount()
		const { text } = from
		let { packed } = from
		let place = 0
		for (let item = 0; item < count; item += 1) {
			const first = found[place] as number
			const end = found[place + 1] as number
			const fields = found[place + 2] as number
			place += 3
			if (fields === PACKED || fields === PACKED_OVER_18) {
				const posts = { count: first, bytes: this.#bytes.subarray(packed, end) }
				takePacked?.(posts, fields === PACKED_OVER_18)
				packed = end
			} else if (fields === LEFT) take(null, first - text, end - text)
			else {
				const row = this.#readRow(place, fields) ? this.#row : null
				take(row, first - text, end - text)
				this.#clearRow(place, fields)
				place += 4 * fields
			}
		}
		return packed
	}

	/** @returns false where a value is broken */
	#readRow(first: number, fields: number): boolean {
		for (let place = first; place < first + 4 * fields; place += 4) {
			const value = this.#readValue(place)
			if (value === BROKEN) return false
			this.#row[this.#nameAt(place)] = value
		}
		return true
	}

	#clearRow(first: number, fields: number): void {
		for (let place = first; place < first + 4 * fields; place += 4)
			this.#row[this.#nameAt(place)] = undefined
	}

	#nameAt(place: number): string {
		return this.#names[this.#found[place] as number] as string
	}

	#readValue(place: number): unknown {
		const kind = this.#found[place + 1]
		const start = this.#found[place + 2] as number
		const end = this.#found[place + 3] as number
		if (kind === ASCII) return this.#bytes.toString('latin1', start, end)
		if (kind === NULL) return null
		if (kind === WHOLE_NUMBER) return start
		if (kind === FALSE || kind === TRUE) return kind === TRUE
		if (kind === UTF8) return this.#bytes.toString('utf8', start, end)
		return kind === JSON_TEXT ? parse(this.#bytes.toString('utf8', start, end)) : undefined
	}
}

function leaveLines(block: Uint8Array, take: TakeLine<never>): void {
	for (let start = 0; start <= block.length; ) {
		const found = block.indexOf(LF, start)
		const end = found < 0 ? block.length : found
		take(null, start, end)
		start = end + 1
	}
}

const BROKEN = Symbol('broken')

function parse(text: string): unknown {
	try {
		return JSON.parse(text) as unknown
	} catch {
		return BROKEN
	}
}
