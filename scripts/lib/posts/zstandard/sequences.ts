// The sequences of a compressed block: copies of literals and of what was decoded before (RFC 8878, 3.1.1.3.2).
import { damaged, peekBits, startPosition } from './bits.ts'
import {
	baseOf,
	bitsOf,
	buildFseTable,
	type FseTable,
	readFseTable,
	singleSymbolTable,
	symbolOf,
} from './fse.ts'
import type { History } from './history.ts'
import type { Literals } from './literals.ts'

/** What a block takes over from the block before it. */
export interface SequenceState {
	literalLengths: FseTable | null
	offsets: FseTable | null
	matchLengths: FseTable | null
	/** The last three offsets. */
	readonly recent: [number, number, number]
}

export function createSequenceState(): SequenceState {
	return { literalLengths: null, offsets: null, matchLengths: null, recent: [1, 4, 8] }
}

// biome-ignore format: a table
const LITERAL_LENGTH_BITS = Uint8Array.of(
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
)
// biome-ignore format: a table
const MATCH_LENGTH_BITS = Uint8Array.of(
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
)
const LITERAL_LENGTHS = sumUp(LITERAL_LENGTH_BITS, 0)
const MATCH_LENGTHS = sumUp(MATCH_LENGTH_BITS, 3)
const MAX_OFFSET_CODE = 31

interface Kind {
	readonly name: 'literalLengths' | 'offsets' | 'matchLengths'
	/** Where its mode stands in the byte of modes. */
	readonly shift: number
	readonly limits: { readonly accuracyLog: number; readonly symbols: number }
	readonly usual: FseTable
}

// biome-ignore format: tables
const KINDS: readonly Kind[] = [
	{
		name: 'literalLengths', shift: 6, limits: { accuracyLog: 9, symbols: 36 },
		usual: buildFseTable([
			4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
		], 6),
	},
	{
		name: 'offsets', shift: 4, limits: { accuracyLog: 8, symbols: MAX_OFFSET_CODE + 1 },
		usual: buildFseTable([
			1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
		], 5),
	},
	{
		name: 'matchLengths', shift: 2, limits: { accuracyLog: 9, symbols: 53 },
		usual: buildFseTable([
			1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
			1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
		], 6),
	},
]

function sumUp(bits: Uint8Array, first: number): Uint32Array {
	const bases = new Uint32Array(bits.length)
	let base = first
	bits.forEach((count, code) => {
		bases[code] = base
		base += 2 ** count
	})
	return bases
}

/** Decodes the block's bytes from its literals and the sequences that begin at `literals.next`. */
export function readSequences(
	data: Uint8Array,
	end: number,
	literals: Literals,
	state: SequenceState,
	history: History,
): void {
	const { count, next } = readCount(data, literals.next, end)
	if (count === 0) {
		if (next !== end) throw damaged('a block is longer than its literals')
		history.append(literals.data, literals.from, literals.to)
		return
	}
	const start = readTables(data, next, end, state)
	const tables = state as Tables
	runSequences({ data, start, end, count }, tables, literals, history)
}

type Tables = SequenceState & Record<Kind['name'], FseTable>

function readCount(data: Uint8Array, at: number, end: number): { count: number; next: number } {
	const byte = (index: number) => data[at + index] as number
	const first = at < end ? byte(0) : 0
	const bytes = first < 128 ? 1 : first < 255 ? 2 : 3
	if (at + bytes > end) throw damaged('a block is cut off')
	if (bytes === 1) return { count: first, next: at + 1 }
	if (bytes === 2) return { count: ((first - 128) << 8) | byte(1), next: at + 2 }
	return { count: (byte(1) | (byte(2) << 8)) + 0x7f00, next: at + 3 }
}

function readTables(data: Uint8Array, at: number, end: number, state: SequenceState): number {
	const modes = data[at] as number
	if (at >= end || (modes & 3) !== 0) throw damaged('sequences have an unknown mode')
	let next = at + 1
	for (const { name, shift, limits, usual } of KINDS) {
		const mode = (modes >>> shift) & 3
		if (mode === 0) state[name] = usual
		else if (mode === 1) {
			const symbol = data[next] as number
			if (symbol >= limits.symbols) throw damaged('sequences have an unknown code')
			state[name] = singleSymbolTable(symbol)
			next += 1
		} else if (mode === 2) {
			const read = readFseTable(data, next, end, limits)
			state[name] = read.table
			next = read.end
		} else if (!state[name]) throw damaged('sequences use a table of a block that has none')
	}
	return next
}

interface Stream {
	readonly data: Uint8Array
	readonly start: number
	readonly end: number
	readonly count: number
}

/**
 * The hot loop: one function with plain variables, because a closure over `position` or a call with several results
 * costs more than the work. Each `position -= …` steps down over bits that the next `peekBits` reads.
 */
function runSequences(
	{ data, start, end, count }: Stream,
	{ literalLengths, offsets, matchLengths, recent }: Tables,
	literals: Literals,
	history: History,
): void {
	const begin = start * 8
	let position = startPosition(data, start, end) - literalLengths.accuracyLog
	let literalState = literalLengths.states[
		peekBits(data, position, literalLengths.accuracyLog)
	] as number
	position -= offsets.accuracyLog
	let offsetState = offsets.states[peekBits(data, position, offsets.accuracyLog)] as number
	position -= matchLengths.accuracyLog
	let matchState = matchLengths.states[peekBits(data, position, matchLengths.accuracyLog)] as number
	let from = literals.from
	for (let left = count; ; ) {
		const offsetBits = symbolOf(offsetState)
		position -= offsetBits
		const value = peekOffset(data, position, offsetBits)
		const matchCode = symbolOf(matchState)
		const matchBits = MATCH_LENGTH_BITS[matchCode] as number
		position -= matchBits
		const matchLength = (MATCH_LENGTHS[matchCode] as number) + peekBits(data, position, matchBits)
		const literalCode = symbolOf(literalState)
		const literalBits = LITERAL_LENGTH_BITS[literalCode] as number
		position -= literalBits
		const to =
			from + (LITERAL_LENGTHS[literalCode] as number) + peekBits(data, position, literalBits)
		if (position < begin || to > literals.to) throw damaged('a sequence takes more than there is')
		const offset =
			value > 3 ? pushOffset(recent, value - 3) : repeatOffset(recent, value, to === from)
		history.append(literals.data, from, to)
		history.copy(offset, matchLength)
		from = to
		left -= 1
		if (left === 0) break
		position -= bitsOf(literalState)
		literalState = nextState(literalLengths, literalState, data, position)
		position -= bitsOf(matchState)
		matchState = nextState(matchLengths, matchState, data, position)
		position -= bitsOf(offsetState)
		offsetState = nextState(offsets, offsetState, data, position)
	}
	if (position !== begin) throw damaged('sequences do not end where they should')
	history.append(literals.data, from, literals.to)
}

function nextState(table: FseTable, state: number, data: Uint8Array, position: number): number {
	return table.states[baseOf(state) + peekBits(data, position, bitsOf(state))] as number
}

/** An offset has up to 31 bits below its highest, and one load is good for 25. */
function peekOffset(data: Uint8Array, position: number, bits: number): number {
	if (bits <= 25) return (1 << bits) + peekBits(data, position, bits)
	return (
		2 ** bits + peekBits(data, position + 16, bits - 16) * 65_536 + peekBits(data, position, 16)
	)
}

function pushOffset(recent: SequenceState['recent'], offset: number): number {
	recent[2] = recent[1]
	recent[1] = recent[0]
	recent[0] = offset
	return offset
}

/** Values 1 to 3 name a recent offset; without literals before it, each means the one after, and 3 the first less 1. */
function repeatOffset(
	recent: SequenceState['recent'],
	value: number,
	isWithoutLiterals: boolean,
): number {
	const index = value - (isWithoutLiterals ? 0 : 1)
	if (index === 0) return recent[0]
	const offset = index === 3 ? recent[0] - 1 : (recent[index] as number)
	if (index > 1) recent[2] = recent[1]
	recent[1] = recent[0]
	recent[0] = offset
	return offset
}
