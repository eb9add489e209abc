// The lists of a table of evidence: how long each is, and its weight.
import { allocate } from '../../model/kernels/memory'
import { canGoOn, number, symbol } from './decoder'
import { DONE, FAILED, MORE } from './steps'
import { roomLeft, skip, to } from './table-file'
import { slotsOf, startTables, stepTables } from './tables'

const KINDS: usize = 3
/** A list may have so many labels, in bits. */
export const LENGTHS: usize = 18
const WEIGHTS: usize = KINDS
const CONTEXTS: usize = WEIGHTS + KINDS * LENGTHS
const MOST_LABELS: u64 = 65536

/** Of each list its kind, where its weight stands, and its length. */
let kinds: usize = 0
let weights: usize = 0
let lengths: usize = 0
let lists: u32 = 0
let list: u32 = 0
/** Of all entries those that are in none of the lists before. */
let entriesLeft: u32 = 0

/** @returns whether the table has room for their weights */
export function startLists(at: usize, count: u32, entries: u32): bool {
	if (roomLeft() < <u64>count) return false
	kinds = at
	lists = count
	entriesLeft = entries
	weights = to
	skip(<usize>count)
	lengths = allocate(<u64>count * 4)
	startTables(CONTEXTS)
	return true
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function lengthOfList(list: u32): u32 {
	return load<u32>(lengths + (<usize>list << 2))
}

// @ts-ignore
@inline
export function bitLength(value: u32): usize {
	return <usize>(32 - clz<u32>(value))
}

export function stepLists(): i32 {
	const said = stepTables()
	if (said != DONE) return said
	for (; list < lists; list++) {
		if (!canGoOn()) return MORE
		const kind = <usize>load<u8>(kinds + <usize>list)
		const length = number(slotsOf(kind))
		if (length > <u64>entriesLeft || length > MOST_LABELS) return FAILED
		const weight = symbol(slotsOf(WEIGHTS + kind * LENGTHS + bitLength(<u32>length)))
		store<u8>(weights + <usize>list, <u8>weight)
		store<u32>(lengths + (<usize>list << 2), <u32>length)
		entriesLeft -= <u32>length
	}
	return entriesLeft == 0 ? DONE : FAILED
}
