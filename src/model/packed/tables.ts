// The tables that symbols are coded by: how many of 2^12 shares each has. They stand in the file, so contexts that are alike share
// one, and a part has no more of them than pay. Pure: browser and Node.
import { type AnsDecoder, type AnsEncoder, SHARE_BITS, SHARES, toShare, toSlot } from './ans.ts'
import { damaged } from './damage.ts'

export const SYMBOL_BITS = 8
export const SYMBOLS = 2 ** SYMBOL_BITS
/** All tables of a part together stay in a processor's cache. */
export const TABLE_COUNT_BITS = 5
/** Bits that say how long a count of shares is, where nothing is known of it. */
const LENGTH_BITS = 4
const LENGTHS = SHARE_BITS + 1

export interface Tables {
	/** Of each context the number of its table. */
	readonly places: Uint8Array
	/** Of each table the shares of the symbols. */
	readonly shares: readonly Uint16Array[]
}

/** How many tables there are; which one each context has; how long each count is, then its bits below the highest. */
export function writeTables(ans: AnsEncoder, { places, shares }: Tables): void {
	ans.raw(TABLE_COUNT_BITS, shares.length - 1)
	if (shares.length > 1) writeSymbols(ans, places, shares.length)
	const lengths = shares.map((counts) => Uint8Array.from(counts, bitLength))
	const symbols = writePlain(
		ans,
		lengths.flatMap((own) => [...own]),
		LENGTHS,
	)
	for (const [index, counts] of shares.entries())
		for (let symbol = 0; symbol < SYMBOLS; symbol += 1) {
			const length = lengths[index]?.[symbol] as number
			ans.step(symbols[length] as number)
			writeTail(ans, length, counts[symbol] as number)
		}
}

/** @throws AppError `damaged` */
export function readTables(ans: AnsDecoder, contexts: number): Tables {
	const count = ans.raw(TABLE_COUNT_BITS) + 1
	const places = new Uint8Array(contexts)
	if (count > 1) {
		const slots = readPlain(ans, count)
		for (let context = 0; context < contexts; context += 1) places[context] = ans.symbol(slots, 0)
	}
	const lengths = readPlain(ans, LENGTHS)
	const shares = Array.from({ length: count }, () => {
		const own = new Uint16Array(SYMBOLS)
		for (let symbol = 0; symbol < SYMBOLS; symbol += 1)
			own[symbol] = readTail(ans, ans.symbol(lengths, 0))
		return own
	})
	return { places, shares }
}

/** Each symbol of each table as an encoder wants it, 256 of them a table. */
export function toSteps(shares: readonly Uint16Array[]): Uint32Array {
	const steps = new Uint32Array(shares.length * SYMBOLS)
	for (const [index, counts] of shares.entries()) {
		let start = 0
		for (const [symbol, count] of counts.entries()) {
			steps[index * SYMBOLS + symbol] = toShare(start, count)
			start += count
		}
	}
	return steps
}

/** Each share of each table as a decoder wants it. @throws AppError `damaged` where it has not 2^12 of them */
export function toSlots(shares: readonly Uint16Array[]): Uint32Array {
	const slots = new Uint32Array(shares.length * SHARES)
	for (const [index, counts] of shares.entries()) {
		let at = index * SHARES
		for (const [symbol, count] of counts.entries()) {
			if (at + count > (index + 1) * SHARES) throw damaged('a table has too many shares')
			for (let place = 0; place < count; place += 1)
				slots[at + place] = toSlot(symbol, count, place)
			at += count
		}
		if (at !== (index + 1) * SHARES) throw damaged('a table has too few shares')
	}
	return slots
}

/** Symbols below `size`, behind a table of theirs alone. */
function writeSymbols(ans: AnsEncoder, symbols: Uint8Array, size: number): void {
	const steps = writePlain(ans, symbols, size)
	for (const symbol of symbols) ans.step(steps[symbol] as number)
}

/** A table for these symbols below `size`. @returns its steps */
function writePlain(ans: AnsEncoder, symbols: ArrayLike<number>, size: number): Uint32Array {
	const counts = new Uint32Array(SYMBOLS)
	for (let at = 0; at < symbols.length; at += 1) {
		const symbol = symbols[at] as number
		counts[symbol] = (counts[symbol] as number) + 1
	}
	const shares = share(counts)
	for (let symbol = 0; symbol < size; symbol += 1) {
		const count = shares[symbol] as number
		ans.raw(LENGTH_BITS, bitLength(count))
		writeTail(ans, bitLength(count), count)
	}
	return toSteps([shares])
}

function readPlain(ans: AnsDecoder, size: number): Uint32Array {
	const shares = new Uint16Array(SYMBOLS)
	for (let symbol = 0; symbol < size; symbol += 1) {
		const length = ans.raw(LENGTH_BITS)
		if (length > SHARE_BITS) throw damaged('a table has too many shares')
		shares[symbol] = readTail(ans, length)
	}
	return toSlots([shares])
}

function writeTail(ans: AnsEncoder, length: number, count: number): void {
	if (length > 1) ans.raw(length - 1, count - 2 ** (length - 1))
}

function readTail(ans: AnsDecoder, length: number): number {
	return length > 1 ? 2 ** (length - 1) + ans.raw(length - 1) : length
}

/**
 * Shares out 2^12 by the counts: each symbol that comes has at least one, and none has all, which its 12 bits could not say.
 *
 * @param counts of symbols, of which at least one comes
 */
export function share(counts: Uint32Array): Uint16Array {
	const total = counts.reduce((sum, count) => sum + count, 0)
	const shares = new Uint16Array(SYMBOLS)
	let left = SHARES
	for (const [symbol, count] of counts.entries()) {
		if (count === 0) continue
		const own = Math.min(SHARES - 1, Math.max(1, Math.round((count / total) * SHARES)))
		shares[symbol] = own
		left -= own
	}
	// A single symbol can't have all: its neighbour, which never comes, has the rest.
	const only = shares.indexOf(SHARES - 1)
	if (left === 1 && only >= 0) shares[only ^ 1] = (shares[only ^ 1] as number) + 1
	else for (; left !== 0; left -= Math.sign(left)) moveShare(shares, counts, Math.sign(left))
	return shares
}

/** Gives one share to the symbol that gains most by it, or takes one from that which loses least. */
function moveShare(shares: Uint16Array, counts: Uint32Array, change: number): void {
	let best = -1
	let bestCost = Infinity
	for (let symbol = 0; symbol < SYMBOLS; symbol += 1) {
		const own = shares[symbol] as number
		if (own + change < 1 || own === 0) continue
		const cost = (counts[symbol] as number) * Math.log(own / (own + change))
		if (cost < bestCost) {
			bestCost = cost
			best = symbol
		}
	}
	shares[best] = (shares[best] as number) + change
}

function bitLength(value: number): number {
	return 32 - Math.clz32(value)
}
