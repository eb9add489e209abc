// The levels of a table of evidence, two in a byte, with which it is whole: one is like those before it in its list.
import { allocate } from '../../model/kernels/memory'
import { at, behind, bytesFor, leave, refilled, safe, slotAt, stateIn } from './decoder'
import { bitLength, LENGTHS, lengthOfList } from './lists'
import { DONE, FAILED, MORE } from './steps'
import { roomLeft, skip, to } from './table-file'
import { placeOf, startTables, stepTables } from './tables'

const LEVELS: u32 = 16
const MEAN_STEPS: u32 = 4
const MEANS: usize = <usize>(LEVELS * MEAN_STEPS)
const NO_MEAN: usize = MEANS
const FRACTION_BITS: u32 = 16

/** Where the levels begin, and how many there are in all, and by now. */
let first: usize = 0
let count: u32 = 0
let done: u32 = 0
/** The next list; how long the one in work is, how much of it is done, and the sum of that. */
let list: u32 = 0
let length: u32 = 0
let ownDone: u32 = 0
let sum: u32 = 0
/** The contexts of the list in work, and the level before. */
let contexts: usize = 0
let before: u32 = 0
let isPossible: bool = true
/** For each number of levels, what their sum is multiplied by for their mean. */
let scales: usize = 0

/** @returns whether they fill the table */
export function startLevels(entries: u32, labels: u32): bool {
	const bytes = (<u64>entries + 1) >> 1
	if (roomLeft() != bytes) return false
	first = to
	count = entries
	skip(<usize>bytes)
	scales = allocate((<u64>labels + 1) * 4)
	for (let own: u32 = 1; own <= labels; own++)
		store<u32>(scales + (<usize>own << 2), (MEAN_STEPS << FRACTION_BITS) / own)
	startTables(LENGTHS * (MEANS + 1))
	return true
}

export function stepLevels(): i32 {
	const said = stepTables()
	if (said != DONE) return said
	decodeLevels()
	if (!isPossible) return FAILED
	return done < count ? MORE : DONE
}

// As in ./distances.ts: what changes with each level is held in variables of the function.
function decodeLevels(): void {
	let arrived = at
	let state = stateIn(0)
	let second = stateIn(1)
	let third = stateIn(2)
	let fourth = stateIn(3)
	let mySum = sum
	let entry = done
	let own = ownDone
	let myLength = length
	let myContexts = contexts
	let low = before
	let all: u32 = 0
	const mySafe = safe
	const myScales = scales
	while (entry < count && arrived < mySafe) {
		if (own == myLength) {
			myLength = lengthOfList(list++)
			myContexts = placeOf(bitLength(myLength) * (MEANS + 1))
			own = 0
			mySum = 0
			continue
		}
		const scale = load<u32>(myScales + (<usize>own << 2))
		const mean = own == 0 ? NO_MEAN : <usize>((mySum * scale) >> FRACTION_BITS)
		const slots = load<usize>(myContexts + mean * sizeof<usize>())
		const slot = slotAt(slots, state)
		const next = behind(slot, state)
		state = second
		second = third
		third = fourth
		fourth = refilled(next, arrived)
		arrived += bytesFor(next)
		const level = slot & 255
		// Two are in a byte: the first one is written again with the second.
		const isSecond = (entry & 1) == 1
		store<u8>(first + <usize>(entry >> 1), select<u32>(low | (level << 4), level, isSecond))
		low = level
		all |= level
		mySum += level
		entry++
		own++
	}
	leave(arrived, state, second, third, fourth)
	sum = mySum
	done = entry
	ownDone = own
	length = myLength
	contexts = myContexts
	before = low
	// What follows a level that can't be is garbage, but of some context: no mean of bytes leads out of where contexts stand.
	if (all >= LEVELS) isPossible = false
}
