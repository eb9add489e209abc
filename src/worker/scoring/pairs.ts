// Runs of neighbouring words that have a row, by the hash of the run: the prune map of the file with open addressing.
import { allocate } from './memory'

/** An id, and behind it a row. */
const ENTRY_SHIFT: usize = 3

/** Of entries; 0: free. */
let slots: usize = 0
let mask: u32 = 0

/** @returns false where a row is not among so many */
export function indexPairs(entries: usize, count: usize, rows: usize): bool {
	let size: u32 = 2
	while (size < 2 * <u32>count) size <<= 1
	mask = size - 1
	slots = allocate(<u64>size << 2)
	const end = entries + (count << ENTRY_SHIFT)
	for (let entry = entries; entry < end; entry += 1 << ENTRY_SHIFT) {
		if (load<u32>(entry, 4) >= <u32>rows) return false
		store<u32>(slotOf(load<i32>(entry)), <u32>entry)
	}
	return true
}

/** -1 where it has none. */
export function pairRow(id: i32): i32 {
	if (slots == 0) return -1
	const entry = <usize>load<u32>(slotOf(id))
	return entry == 0 ? -1 : load<i32>(entry, 4)
}

/** Where an id is, or the free slot where it would be. */
function slotOf(id: i32): usize {
	let slot = (<u32>id * 0x9e3779b1) >> 8
	while (!isOf(placeOf(slot), id)) slot++
	return placeOf(slot)
}

// @ts-ignore
@inline
function placeOf(slot: u32): usize {
	return slots + (<usize>(slot & mask) << 2)
}

/** Whether a slot is free or has this id. */
// @ts-ignore
@inline
function isOf(place: usize, id: i32): bool {
	const entry = <usize>load<u32>(place)
	return entry == 0 || load<i32>(entry) == id
}
