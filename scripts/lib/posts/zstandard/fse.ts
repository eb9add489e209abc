// Finite State Entropy tables (RFC 8878, 4.1.1).
import { damaged, highestBit, peekBits } from './bits.ts'

/** Entry of a state: its symbol (8 bits), how many bits the next state takes (8), and what is added to them (16). */
export interface FseTable {
	readonly accuracyLog: number
	readonly states: Uint32Array
}

export const symbolOf = (state: number): number => state & 255
export const bitsOf = (state: number): number => (state >>> 8) & 255
export const baseOf = (state: number): number => state >>> 16

/** The table of a single symbol, which takes no bits. */
export function singleSymbolTable(symbol: number): FseTable {
	return { accuracyLog: 0, states: Uint32Array.of(symbol) }
}

/**
 * Reads the description of a table that begins at byte `start`.
 *
 * @returns the table, and the byte after its description
 */
export function readFseTable(
	data: Uint8Array,
	start: number,
	end: number,
	limits: { readonly accuracyLog: number; readonly symbols: number },
): { table: FseTable; end: number } {
	const accuracyLog = peekBits(data, start * 8, 4) + 5
	if (accuracyLog > limits.accuracyLog) throw damaged('an FSE table is too accurate')
	let position = start * 8 + 4
	let remaining = 1 << accuracyLog
	const counts: number[] = []
	while (remaining > 0) {
		if (counts.length >= limits.symbols || position > end * 8)
			throw damaged('an FSE table has no end')
		// Values up to `remaining + 1`: the small ones of the range take one bit less.
		const bits = highestBit(remaining + 1)
		const raw = peekBits(data, position, bits + 1)
		const shortValues = 2 * (1 << bits) - 1 - (remaining + 1)
		const low = raw & ((1 << bits) - 1)
		const isShort = low < shortValues
		position += isShort ? bits : bits + 1
		const value = isShort ? low : raw >= 1 << bits ? raw - shortValues : raw
		// A count of -1 is "less than one": it takes one place too.
		const count = value - 1
		counts.push(count)
		remaining -= Math.abs(count)
		if (count === 0) position = readZeros(data, position, counts, limits.symbols)
	}
	const after = (position + 7) >>> 3
	if (remaining < 0 || after > end || counts.length > limits.symbols)
		throw damaged('an FSE table does not add up')
	return { table: buildFseTable(counts, accuracyLog), end: after }
}

/** After a count of 0, two bits at a time tell how many more follow; 3 says that another two bits come. */
function readZeros(data: Uint8Array, from: number, counts: number[], limit: number): number {
	let position = from
	for (;;) {
		const repeat = peekBits(data, position, 2)
		position += 2
		for (let index = 0; index < repeat; index++) counts.push(0)
		if (repeat < 3 || counts.length > limit) return position
	}
}

/** @param counts of each symbol, which add up to the table's size; -1 counts as 1 */
export function buildFseTable(counts: readonly number[], accuracyLog: number): FseTable {
	const size = 1 << accuracyLog
	const symbols = spreadSymbols(counts, size)
	const next = counts.map((count) => Math.abs(count))
	const states = new Uint32Array(size)
	for (let index = 0; index < size; index++) {
		const symbol = symbols[index] as number
		const state = next[symbol] as number
		next[symbol] = state + 1
		const bits = accuracyLog - highestBit(state)
		states[index] = symbol | (bits << 8) | (((state << bits) - size) << 16)
	}
	return { accuracyLog, states }
}

function spreadSymbols(counts: readonly number[], size: number): Uint8Array {
	const symbols = new Uint8Array(size)
	let high = size
	counts.forEach((count, symbol) => {
		if (count === -1) symbols[--high] = symbol
	})
	const step = (size >>> 1) + (size >>> 3) + 3
	let at = 0
	counts.forEach((count, symbol) => {
		for (let index = 0; index < count; index++) {
			symbols[at] = symbol
			do at = (at + step) & (size - 1)
			while (at >= high)
		}
	})
	return symbols
}
