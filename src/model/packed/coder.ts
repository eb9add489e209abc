// A coder of either direction: an encoder writes the numbers that it is given, a decoder ignores these and returns what was
// written. What walks through a model's parts with one is the format's writer and its reader in one. Pure: browser and Node.
import { AnsDecoder, AnsEncoder, isRaw, MOST_RAW_BITS, SHARE_BITS, Steps, toRaw } from './ans.ts'
import { chooseTables, type SeenContext } from './choose-tables.ts'
import { damaged } from './damage.ts'
import { readTables, SYMBOL_BITS, SYMBOLS, toSlots, toSteps, writeTables } from './tables.ts'

/** Numbers below it are symbols of their own. */
const SMALL = 16
const SMALL_BITS = 4
/** Of a larger one the symbol says how many bits it has, and the two below the highest. */
const HEAD_BITS = 2
const HEADS = 2 ** HEAD_BITS
const MOST_BITS = 53
/** Of a number of which nothing is known: how many bits it has. */
const LENGTH_BITS = 6

/** What a walk through one part codes with. Contexts are numbered from 0; those that are alike have one table. */
export interface PartCoder {
	/** @param value below 256 */
	symbol(context: number, value: number): number
	/** @param value below 2^53 */
	number(context: number, value: number): number
	/** A number below `size`, each about as likely as any other. @param size 1 to 2^31 */
	even(size: number, value: number): number
}

export interface Coder {
	/** A number below 2^53 of which nothing is known. */
	plain(value: number): number
	/** A part with tables of its own, which come before it. @param contexts how many it has */
	part<T>(contexts: number, walk: (part: PartCoder) => T): T
}

/** Bits that are as likely 0 as 1. */
type CodeRaw = (count: number, value: number) => number

export class Encoder implements Coder {
	readonly #ans = new AnsEncoder()

	plain(value: number): number {
		return codePlain((count, bits) => {
			this.#ans.raw(count, bits)
			return bits
		}, value)
	}

	part<T>(contexts: number, walk: (part: PartCoder) => T): T {
		const kept = new KeptPart(contexts)
		const result = walk(kept)
		kept.write(this.#ans)
		return result
	}

	/** All that was written. Nothing can be written after it. */
	finish(): Uint8Array {
		return this.#ans.finish()
	}
}

/** Keeps what a part says until its tables are known. */
class KeptPart implements PartCoder {
	/** Contexts and symbols, 8 bits, or raw bits. */
	readonly #steps = new Steps()
	readonly #counts: (Uint32Array | undefined)[]
	readonly #seen: SeenContext[] = []

	constructor(contexts: number) {
		this.#counts = new Array(contexts)
	}

	symbol(context: number, value: number): number {
		const counts = this.#counts[context] ?? this.#see(context)
		counts[value] = (counts[value] as number) + 1
		this.#steps.push(context * SYMBOLS + value)
		return value
	}

	number(context: number, value: number): number {
		this.symbol(context, headOf(value))
		return codeTail(this.#raw, headOf(value), value)
	}

	even(size: number, value: number): number {
		return codeEven(this.#raw, size, value)
	}

	write(ans: AnsEncoder): void {
		const tables = chooseTables(this.#counts.length, this.#seen)
		writeTables(ans, tables)
		const steps = toSteps(tables.shares)
		const own = this.#steps.all()
		for (let index = 0; index < own.length; index += 1) {
			const step = own[index] as number
			if (isRaw(step)) continue
			const place = tables.places[step >>> SYMBOL_BITS] as number
			own[index] = steps[(place << SYMBOL_BITS) | (step & (SYMBOLS - 1))] as number
		}
		ans.append(own)
	}

	#see(context: number): Uint32Array {
		const counts = new Uint32Array(SYMBOLS)
		this.#counts[context] = counts
		this.#seen.push({ context, counts })
		return counts
	}

	readonly #raw = (count: number, value: number): number => {
		this.#steps.push(toRaw(count, value))
		return value
	}
}

export class Decoder implements Coder {
	readonly #ans: AnsDecoder

	constructor(bytes: Uint8Array) {
		this.#ans = new AnsDecoder(bytes)
	}

	plain(): number {
		return codePlain((count) => this.#ans.raw(count), 0)
	}

	part<T>(contexts: number, walk: (part: PartCoder) => T): T {
		const { places, shares } = readTables(this.#ans, contexts)
		return walk(new DecodedPart(this.#ans, places, toSlots(shares)))
	}

	/** @throws AppError `damaged` where something is left that nothing was decoded from */
	finish(): void {
		this.#ans.finish()
	}
}

class DecodedPart implements PartCoder {
	readonly #ans: AnsDecoder
	readonly #places: Uint8Array
	readonly #slots: Uint32Array

	constructor(ans: AnsDecoder, places: Uint8Array, slots: Uint32Array) {
		this.#ans = ans
		this.#places = places
		this.#slots = slots
	}

	symbol(context: number): number {
		return this.#ans.symbol(this.#slots, (this.#places[context] as number) << SHARE_BITS)
	}

	number(context: number): number {
		return codeTail(this.#raw, this.symbol(context), 0)
	}

	even(size: number): number {
		return codeEven(this.#raw, size, 0)
	}

	readonly #raw = (count: number): number => this.#ans.raw(count)
}

/** What of a number is a symbol. */
function headOf(value: number): number {
	if (value < SMALL) return value
	const length = bitLength(value)
	const head = upper(value, length - 1 - HEAD_BITS) % HEADS
	return SMALL + (length - 1 - SMALL_BITS) * HEADS + head
}

/** The rest of a number, behind its head. Where there is none, no bits are coded all the same: so a decoder has nothing to ask. */
function codeTail(code: CodeRaw, head: number, value: number): number {
	if (head < SMALL) return head + code(0, 0)
	const tailBits = SMALL_BITS - HEAD_BITS + ((head - SMALL) >> HEAD_BITS)
	if (tailBits + HEAD_BITS >= MOST_BITS) throw damaged('a number has too many bits')
	const known = HEADS + (head % HEADS)
	return codeBits(code, { known, bits: tailBits }, value)
}

function codePlain(code: CodeRaw, value: number): number {
	const length = code(LENGTH_BITS, bitLength(value))
	if (length > MOST_BITS) throw damaged('a number has too many bits')
	return length < 2 ? length : codeBits(code, { known: 1, bits: length - 1 }, value)
}

/** The lowest bits of a number, the highest of them first. */
function codeBits(
	code: CodeRaw,
	{ known, bits }: { readonly known: number; readonly bits: number },
	value: number,
): number {
	let whole = known
	for (let left = bits; left > 0; left -= MOST_RAW_BITS) {
		const width = Math.min(MOST_RAW_BITS, left)
		const part = upper(value, left - width) % (1 << width)
		whole = whole * (1 << width) + code(width, part)
	}
	return whole
}

/** Small numbers take a bit less than large ones, where `size` is no power of two. */
function codeEven(code: CodeRaw, size: number, value: number): number {
	const bits = bitLength(size) - 1
	const short = 2 ** (bits + 1) - size
	const isShort = value < short
	const first = codeBits(
		code,
		{ known: 0, bits },
		isShort ? value : Math.floor((value + short) / 2),
	)
	return first < short ? first : first * 2 - short + code(1, (value + short) % 2)
}

/** What is left of a number without its lowest bits. */
function upper(value: number, bits: number): number {
	return value < 2 ** 31 && bits < 31 ? value >> bits : Math.floor(value / 2 ** bits)
}

function bitLength(value: number): number {
	if (value < 2 ** 31) return 32 - Math.clz32(value)
	return value < 2 ** 32 ? 32 : 64 - Math.clz32(Math.floor(value / 2 ** 32))
}
