// Runs of neighbouring words that have a row, by the hash of the run: the prune map of the file, whose ids ascend, with a directory of
// where those begin whose first bits are the same.
import { allocate } from '../../model/kernels/memory'

/** An id, and behind it a row. */
const ENTRY_SHIFT: usize = 3
const GROUPS: u32 = 1 << 16

let entries: usize = 0
/** For each group the place of its first entry, and for one group more where all end. */
let directory: usize = 0
let shift: u32 = 0

/** @returns false where ids do not ascend, or a row is not among so many */
export function indexPairs(from: usize, count: usize, rows: usize): bool {
	entries = from
	directory = allocate((<u64>GROUPS + 1) << 2)
	const last = load<u32>(from + ((count - 1) << ENTRY_SHIFT))
	while (last >> shift >= GROUPS) shift++
	let group: u32 = 0
	let before: i32 = -1
	for (let place: usize = 0; place < count; place++) {
		const entry = from + (place << ENTRY_SHIFT)
		const id = load<i32>(entry)
		if (id <= before || <u32>id > last || load<u32>(entry, 4) >= <u32>rows) return false
		before = id
		for (; group <= <u32>id >> shift; group++) store<u32>(directory + (<usize>group << 2), <u32>place)
	}
	for (; group <= GROUPS; group++) store<u32>(directory + (<usize>group << 2), <u32>count)
	return true
}

/** -1 where it has none. */
export function pairRow(id: i32): i32 {
	const group = <usize>(<u32>id >> shift)
	if (directory == 0 || group >= <usize>GROUPS) return -1
	const until = load<u32>(directory + (group << 2), 4)
	for (let place = load<u32>(directory + (group << 2)); place < until; place++) {
		const entry = entries + (<usize>place << ENTRY_SHIFT)
		if (load<i32>(entry) == id) return load<i32>(entry, 4)
	}
	return -1
}
