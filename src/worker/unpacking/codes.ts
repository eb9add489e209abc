// The codes of a matrix, most of a model: what to expect of one depends on the kind of row, and on how large the codes before it are.
// Four rows come side by side, code by code: none of the four waits for another.
import { allocate } from '../../model/kernels/memory'
import { at, behind, bytesFor, canGoOn, leave, refilled, safe, slotAt, stateIn, symbol } from './decoder'
import { DONE, MORE } from './steps'
import { slotsOf, startTables, stepTables } from './tables'

const ROWS_AT_ONCE: usize = 4
const SIZES: usize = 32
const LONGEST_CODE: usize = 8
const FRACTION_BITS: u32 = 16

/** The first of the rows that are in work, and where all are at their end. */
let rows: usize = 0
let last: usize = 0
let subs: usize = 0
/** Where the rows of n-grams begin. */
let ngrams: usize = 0
let sub: usize = 0
/** For each place in a row, what the sum of the lengths of the codes before is multiplied by. */
let scales: usize = 0
/** Of the rows in work: those sums. */
const sums: usize = memory.data(<i32>(ROWS_AT_ONCE * 4), 16)

export function startCodes(from: usize, rowCount: usize, subCount: usize, words: usize): void {
	rows = from
	last = from + rowCount * subCount
	subs = subCount
	ngrams = words >= rowCount ? last : from + words * subCount
	sub = 0
	memory.fill(sums, 0, ROWS_AT_ONCE * 4)
	scales = allocate(<u64>subCount * 4)
	for (let index: usize = 1; index < subCount; index++) {
		const scale = ((SIZES << FRACTION_BITS) - 1) / (index * LONGEST_CODE)
		store<u32>(scales + (index << 2), <u32>scale)
	}
	startTables(SIZES * 2)
}

export function stepCodes(): i32 {
	const said = stepTables()
	if (said != DONE) return said
	while (rows < last) {
		if ((last - rows) / subs >= ROWS_AT_ONCE) stepFour()
		else stepFew()
		if (sub < subs) return MORE
		rows += subs * ROWS_AT_ONCE
		sub = 0
		memory.fill(sums, 0, ROWS_AT_ONCE * 4)
	}
	return DONE
}

/** The last rows, where they are less than four. */
function stepFew(): void {
	for (; sub < subs && canGoOn(); sub++) {
		const scale = load<u32>(scales + (sub << 2))
		let sum = sums
		for (let to = rows + sub; to < last; to += subs) {
			const size = <usize>((load<u32>(sum) * scale) >> FRACTION_BITS)
			const code = symbol(slotsOf(kindOf(to) + size))
			store<u8>(to, <u8>code)
			store<u32>(sum, load<u32>(sum) + 32 - clz<u32>(code))
			sum += 4
		}
	}
}

// All that changes with each code is held in variables of the function: as globals they would be memory, which costs a third.
function stepFour(): void {
	let arrived = at
	let state0 = stateIn(0)
	let state1 = stateIn(1)
	let state2 = stateIn(2)
	let state3 = stateIn(3)
	let sum0 = load<u32>(sums)
	let sum1 = load<u32>(sums, 4)
	let sum2 = load<u32>(sums, 8)
	let sum3 = load<u32>(sums, 12)
	const width = subs
	const mySafe = safe
	const kind0 = kindOf(rows)
	const kind1 = kindOf(rows + width)
	const kind2 = kindOf(rows + width * 2)
	const kind3 = kindOf(rows + width * 3)
	const end = rows + width
	const myScales = scales - (rows << 2)
	let to = rows + sub
	while (to < end && arrived < mySafe) {
		const scale = load<u32>(myScales + (to << 2))
		const to0 = to
		const to1 = to0 + width
		const to2 = to1 + width
		const to3 = to2 + width
		const slots0 = slotsOf(kind0 + <usize>((sum0 * scale) >> FRACTION_BITS))
		const slot0 = slotAt(slots0, state0)
		const next0 = behind(slot0, state0)
		state0 = refilled(next0, arrived)
		arrived += bytesFor(next0)
		store<u8>(to0, <u8>slot0)
		sum0 += 32 - clz<u32>(slot0 & 255)
		const slots1 = slotsOf(kind1 + <usize>((sum1 * scale) >> FRACTION_BITS))
		const slot1 = slotAt(slots1, state1)
		const next1 = behind(slot1, state1)
		state1 = refilled(next1, arrived)
		arrived += bytesFor(next1)
		store<u8>(to1, <u8>slot1)
		sum1 += 32 - clz<u32>(slot1 & 255)
		const slots2 = slotsOf(kind2 + <usize>((sum2 * scale) >> FRACTION_BITS))
		const slot2 = slotAt(slots2, state2)
		const next2 = behind(slot2, state2)
		state2 = refilled(next2, arrived)
		arrived += bytesFor(next2)
		store<u8>(to2, <u8>slot2)
		sum2 += 32 - clz<u32>(slot2 & 255)
		const slots3 = slotsOf(kind3 + <usize>((sum3 * scale) >> FRACTION_BITS))
		const slot3 = slotAt(slots3, state3)
		const next3 = behind(slot3, state3)
		state3 = refilled(next3, arrived)
		arrived += bytesFor(next3)
		store<u8>(to3, <u8>slot3)
		sum3 += 32 - clz<u32>(slot3 & 255)
		to++
	}
	sub = to - rows
	store<u32>(sums, sum0)
	store<u32>(sums, sum1, 4)
	store<u32>(sums, sum2, 8)
	store<u32>(sums, sum3, 12)
	leave(arrived, state0, state1, state2, state3)
}

function kindOf(row: usize): usize {
	return row < ngrams ? <usize>0 : SIZES
}
