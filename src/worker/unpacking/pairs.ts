// Pairs of words: ids ascend, and a row is new, or one of those before, each as likely.
import { canGoOn, even, number, symbol } from './decoder'
import { hasRoom, putInt } from './file'
import { DONE, FAILED, MORE } from './steps'
import { slotsOf, startTables, stepTables } from './tables'

const DISTANCE: usize = 0
const IS_NEW: usize = 1
const CONTEXTS: usize = 2
const LAST_ID: i64 = 0x7fffffff

let left: u32 = 0
let id: i64 = -1
let seen: u32 = 0

/** @returns whether the file has room for so many */
export function startPairs(count: u32): bool {
	left = count
	startTables(CONTEXTS)
	return hasRoom(<u64>count * 8)
}

export function stepPairs(): i32 {
	const said = stepTables()
	if (said != DONE) return said
	for (; left > 0; left--) {
		if (!canGoOn()) return MORE
		const distance = number(slotsOf(DISTANCE))
		if (distance > <u64>LAST_ID) return FAILED
		id += 1 + <i64>distance
		if (id > LAST_ID) return FAILED
		putInt(<u32>id)
		const isNew = seen == 0 || symbol(slotsOf(IS_NEW)) == 1
		putInt(isNew ? seen : even(seen))
		if (isNew) seen += 1
	}
	return DONE
}
