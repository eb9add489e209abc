// Huffman trees and streams of literals (RFC 8878, 4.2).
import { damaged, highestBit, peekBits, startPosition } from './bits.ts'
import { baseOf, bitsOf, readFseTable, symbolOf } from './fse.ts'

const MAX_BITS = 11
const MAX_WEIGHTS = 255
const WEIGHT_LIMITS = { accuracyLog: 6, symbols: 12 }

/** For each possible next `bits` bits: the symbol (8 bits) and how many of them it takes (8). */
export interface HuffmanTable {
	readonly bits: number
	readonly codes: Uint16Array
}

/** @returns the table of the tree that is described from byte `start`, and the byte after its description */
export function readHuffmanTable(
	data: Uint8Array,
	start: number,
	end: number,
): { table: HuffmanTable; end: number } {
	const header = data[start] as number
	const first = start + 1
	// Below 128 it is the length of compressed weights, else 127 more than the number of plain ones, two in a byte.
	const after = first + (header < 128 ? header : (header - 126) >>> 1)
	if (after > end) throw damaged('a Huffman tree is cut off')
	const weights =
		header < 128 ? readWeights(data, first, after) : readPlainWeights(data, first, header - 127)
	return { table: buildTable(completeWeights(weights)), end: after }
}

function readPlainWeights(data: Uint8Array, first: number, count: number): number[] {
	return Array.from({ length: count }, (_, index) => {
		const pair = data[first + (index >>> 1)] as number
		return index % 2 === 0 ? pair >>> 4 : pair & 15
	})
}

/** Two states take turns; the stream ends where the next state would need more bits than are left. */
function readWeights(data: Uint8Array, start: number, end: number): number[] {
	const { table, end: first } = readFseTable(data, start, end, WEIGHT_LIMITS)
	const begin = first * 8
	let position = startPosition(data, first, end) - table.accuracyLog * 2
	if (position < begin) throw damaged('Huffman weights are cut off')
	const initial = peekBits(data, position, table.accuracyLog * 2)
	const states = [initial >>> table.accuracyLog, initial & ((1 << table.accuracyLog) - 1)]
	const weights: number[] = []
	for (let turn = 0; ; turn ^= 1) {
		const state = table.states[states[turn] as number] as number
		weights.push(symbolOf(state))
		if (weights.length > MAX_WEIGHTS) throw damaged('too many Huffman weights')
		position -= bitsOf(state)
		if (position < begin) {
			weights.push(symbolOf(table.states[states[turn ^ 1] as number] as number))
			return weights
		}
		states[turn] = baseOf(state) + peekBits(data, position, bitsOf(state))
	}
}

/** The last symbol's weight is not written: it fills the tree. */
function completeWeights(weights: readonly number[]): number[] {
	const sum = weights.reduce((total, weight) => total + (weight > 0 ? 1 << (weight - 1) : 0), 0)
	if (sum === 0 || sum >= 1 << MAX_BITS) throw damaged('a Huffman tree does not add up')
	const rest = (1 << (highestBit(sum) + 1)) - sum
	if ((rest & (rest - 1)) !== 0) throw damaged('a Huffman tree does not add up')
	return [...weights, highestBit(rest) + 1]
}

function buildTable(weights: readonly number[]): HuffmanTable {
	const size = weights.reduce((total, weight) => total + (weight > 0 ? 1 << (weight - 1) : 0), 0)
	const bits = highestBit(size)
	const codes = new Uint16Array(size)
	let at = 0
	for (let weight = 1; weight <= bits; weight++)
		weights.forEach((other, symbol) => {
			if (other !== weight) return
			const places = 1 << (weight - 1)
			codes.fill(symbol | ((bits + 1 - weight) << 8), at, at + places)
			at += places
		})
	return { bits, codes }
}

/**
 * Decodes the backward stream in bytes [start, end) of `data` into [from, to) of `literals`, which it must fill to the
 * last bit.
 */
export function readHuffmanStream(
	table: HuffmanTable,
	source: { readonly data: Uint8Array; readonly start: number; readonly end: number },
	target: { readonly literals: Uint8Array; readonly from: number; readonly to: number },
): void {
	const { bits, codes } = table
	const { data, start, end } = source
	const { literals, to } = target
	const begin = start * 8
	const shift = 32 - bits
	let position = startPosition(data, start, end)
	let at = target.from
	// Two codes, at most 22 bits, from one load of 25 or more.
	while (at + 1 < to && position >= begin) {
		const low = position - 25
		const word = peekWord(data, low) << 7
		const first = codes[word >>> shift] as number
		const second = codes[(word << (first >>> 8)) >>> shift] as number
		literals[at] = first
		literals[at + 1] = second
		at += 2
		position -= (first >>> 8) + (second >>> 8)
	}
	if (at < to) {
		const code = codes[(peekWord(data, position - 25) << 7) >>> shift] as number
		literals[at] = code
		position -= code >>> 8
	}
	if (position !== begin) throw damaged('a stream of literals does not end where it should')
}

/** The 25 bits from a position on; what is above them is not to be trusted. */
function peekWord(data: Uint8Array, position: number): number {
	const at = position >>> 3
	const word =
		(data[at] as number) |
		((data[at + 1] as number) << 8) |
		((data[at + 2] as number) << 16) |
		((data[at + 3] as number) << 24)
	return word >>> (position & 7)
}
