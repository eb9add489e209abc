// The tables of a part, which come before it: src/model/packed/tables.ts says how.
import { allocate } from '../../model/kernels/memory'
import { canGoOn, raw, SHARE_BITS, SHARES, symbol } from './decoder'
import { DONE, FAILED, MORE } from './steps'

const SYMBOLS: u32 = 256
const TABLE_COUNT_BITS: u32 = 5
const MOST_TABLES: usize = 1 << TABLE_COUNT_BITS
const LENGTH_BITS: u32 = 4
const LENGTHS: u32 = SHARE_BITS + 1
/** Bytes of a table's slots. */
const TABLE_BYTES: usize = (<usize>SHARES) << 2
/** Those of letters; no part has more. */
const MOST_CONTEXTS: usize = 3 + 256 * 256

// What is read of a part's tables, in its order.
const COUNT: i32 = 0
const PLACES: i32 = 1
const LENGTHS_TABLE: i32 = 2
const TABLES: i32 = 3
const ALL: i32 = 4

let step: i32 = ALL
let contexts: usize = 0
let count: usize = 0
let done: usize = 0
/** Slots of all tables, then those of a table of places or lengths. */
let slots: usize = 0
let plainSlots: usize = 0
/** Of each context where its table's slots stand. */
let places: usize = 0

/** The next part has so many contexts. */
export function startTables(contextCount: usize): void {
	if (slots == 0) {
		slots = allocate(<u64>(TABLE_BYTES * (MOST_TABLES + 1)))
		plainSlots = slots + TABLE_BYTES * MOST_TABLES
		places = allocate(<u64>(MOST_CONTEXTS * sizeof<usize>()))
	}
	contexts = contextCount
	step = COUNT
}

/** Where the slots of a context's table stand. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function slotsOf(context: usize): usize {
	return load<usize>(placeOf(context))
}

/** Where it is said where the slots of a context's table stand. */
// @ts-ignore
@inline
export function placeOf(context: usize): usize {
	return places + context * sizeof<usize>()
}

/** Reads the tables of the part that was started, if they are not read yet. */
export function stepTables(): i32 {
	while (step != ALL) {
		const said = stepOne()
		if (said != DONE) return said
	}
	return DONE
}

function stepOne(): i32 {
	if (step == PLACES) return stepPlaces()
	if (step == TABLES) return stepShares()
	if (!canGoOn()) return MORE
	if (step == COUNT) return readCount() ? DONE : FAILED
	step = TABLES
	done = 0
	return readPlain(LENGTHS) ? DONE : FAILED
}

function readCount(): bool {
	count = <usize>raw(TABLE_COUNT_BITS) + 1
	done = 0
	step = PLACES
	return count == 1 || readPlain(<u32>count)
}

function stepPlaces(): i32 {
	for (; done < contexts; done++) {
		if (!canGoOn()) return MORE
		const table = count == 1 ? <usize>0 : <usize>symbol(plainSlots)
		store<usize>(placeOf(done), slots + table * TABLE_BYTES)
	}
	step = LENGTHS_TABLE
	return DONE
}

function stepShares(): i32 {
	for (; done < count; done++) {
		if (!canGoOn()) return MORE
		const from = slots + done * TABLE_BYTES
		let left = SHARES
		for (let value: u32 = 0; value < SYMBOLS; value++) {
			const own = readTail(symbol(plainSlots))
			if (own > left) return FAILED
			fill(from, SHARES - left, value, own)
			left -= own
		}
		if (left > 0) return FAILED
	}
	step = ALL
	return DONE
}

/** A table of symbols below `size`. */
function readPlain(size: u32): bool {
	let left = SHARES
	for (let value: u32 = 0; value < size; value++) {
		const own = readTail(raw(LENGTH_BITS))
		if (own > left) return false
		fill(plainSlots, SHARES - left, value, own)
		left -= own
	}
	return left == 0
}

/** @param length above 12 there are too many shares, whatever follows */
function readTail(length: u32): u32 {
	if (length > SHARE_BITS) return SHARES + 1
	return length > 1 ? (1 << (length - 1)) + raw(length - 1) : length
}

function fill(from: usize, first: u32, value: u32, count: u32): void {
	const at = from + (<usize>first << 2)
	for (let place: u32 = 0; place < count; place++)
		store<u32>(at + (<usize>place << 2), value | (count << 8) | (place << 20))
}
