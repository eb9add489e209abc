// The distances between the labels of each list in a table of evidence: how large they are depends on how many these are.
import { allocate } from '../../model/kernels/memory'
import { at, behind, bytesFor, fillNumbers, leave, refilled, safe, slotAt, stateIn } from './decoder'
import { bitLength, LENGTHS, lengthOfList } from './lists'
import { DONE, FAILED, MORE } from './steps'
import { setPlace, stop, to } from './table-file'
import { slotsOf, startTables, stepTables } from './tables'

const HEADS: usize = 256

let lists: u32 = 0
let labels: u32 = 0
let list: u32 = 0
/** Of the list in work: how many labels are not decoded, the last that is, and the slots of its table. */
let left: u32 = 0
let label: u32 = 0
let slots: usize = 0
/** Numbers by their heads. */
let numbers: usize = 0
let isPossible: bool = true

export function startDistances(listCount: u32, labelCount: u32): void {
	lists = listCount
	labels = labelCount
	numbers = allocate(HEADS * 8)
	fillNumbers(numbers)
	startTables(LENGTHS)
}

export function stepDistances(): i32 {
	const said = stepTables()
	if (said != DONE) return said
	decodeDistances()
	if (!isPossible || to > stop) return FAILED
	return list < lists || left > 0 ? MORE : DONE
}

// All that changes with each label is held in variables of the function, the state whose turn it is in the first: as globals they
// would be memory, which costs more than the rest.
function decodeDistances(): void {
	let arrived = at
	let first = stateIn(0)
	let second = stateIn(1)
	let third = stateIn(2)
	let fourth = stateIn(3)
	let place = to
	let myLeft = left
	let myLabel = label
	let mySlots = slots
	const mySafe = safe
	const myStop = stop
	const myLabels = labels
	const myNumbers = numbers
	while (arrived < mySafe && place < myStop) {
		if (myLeft == 0) {
			if (list == lists) break
			myLeft = lengthOfList(list++)
			mySlots = slotsOf(bitLength(myLeft))
			myLabel = -1
			place += putBytes(place, myLeft)
			continue
		}
		const slot = slotAt(mySlots, first)
		const next = behind(slot, first)
		const known = myNumbers + (<usize>(slot & 255) << 3)
		const bits = load<u32>(known, 4)
		const rest = second >> bits
		const distance = load<u32>(known) + (second & ((1 << bits) - 1))
		first = third
		second = fourth
		third = refilled(next, arrived)
		arrived += bytesFor(next)
		fourth = refilled(rest, arrived)
		arrived += bytesFor(rest)
		myLabel += distance + 1
		if (myLabel >= myLabels) {
			isPossible = false
			break
		}
		place += putBytes(place, distance)
		myLeft--
	}
	leave(arrived, first, second, third, fourth)
	setPlace(place)
	left = myLeft
	label = myLabel
	slots = mySlots
	if (place >= myStop && (myLeft > 0 || list < lists)) isPossible = false
}

/** LEB128 of at most 21 bits. @returns how many bytes it has: no branch, which a processor could only guess */
// @ts-ignore: a decorator of AssemblyScript
@inline
function putBytes(place: usize, value: u32): usize {
	const hasSecond = select<u32>(1, 0, value >= 1 << 7)
	const hasThird = select<u32>(1, 0, value >= 1 << 14)
	const low = (value & 127) | (hasSecond << 7)
	store<u32>(place, low | (((value >> 7) & 127) << 8) | (hasThird << 15) | ((value >> 14) << 16))
	return <usize>(1 + hasSecond + hasThird)
}
