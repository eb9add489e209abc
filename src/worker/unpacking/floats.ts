// Numbers of four bytes, the highest first: of rounded ones the lower bytes are zeros.
import { canGoOn, symbol } from './decoder'
import { DONE, MORE } from './steps'
import { slotsOf, startTables, stepTables } from './tables'

const SECOND: usize = 1
const THIRD: usize = SECOND + 256
const FOURTH: usize = THIRD + 1
const CONTEXTS: usize = FOURTH + 1

let place: usize = 0
let left: u64 = 0

export function startFloats(at: usize, count: u64): void {
	place = at
	left = count
	startTables(CONTEXTS)
}

export function stepFloats(): i32 {
	const said = stepTables()
	if (said != DONE) return said
	for (; left > 0; left--) {
		if (!canGoOn()) return MORE
		const first = symbol(slotsOf(0))
		store<u8>(place, <u8>first, 3)
		store<u8>(place, <u8>symbol(slotsOf(SECOND + <usize>first)), 2)
		store<u8>(place, <u8>symbol(slotsOf(THIRD)), 1)
		store<u8>(place, <u8>symbol(slotsOf(FOURTH)))
		place += 4
	}
	return DONE
}
