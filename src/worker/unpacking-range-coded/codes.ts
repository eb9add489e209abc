// The codes of a matrix, nearly all of a model: what to expect of one depends on its place in the row, on the kind of row,
// and on how large the codes before it are.
import { at, code, end, LEAST_RANGE, leave, range, runDry, safe } from './decoder'
import {
	boundsOf,
	learnInPlace,
	newSpecialists,
	SPECIALIST_BYTES,
	STEP_BITS,
	Specialist,
	startsOf,
	TOTAL,
	TOTAL_BITS,
} from './models'
import { DONE, MORE } from '../unpacking/steps'

const SIZES: usize = 12
const LONGEST_CODE: usize = 8
const KINDS: usize = SIZES * 2

let place: usize = 0
let last: usize = 0
let subs: usize = 0
/** Where the rows of n-grams begin. */
let ngrams: usize = 0
let models: usize = 0
let sub: usize = 0
/** Of the codes before in this row: their bits. */
let lengths: usize = 0

export function startCodes(from: usize, rows: usize, subCount: usize, words: usize): void {
	place = from
	last = from + rows * subCount
	subs = subCount
	ngrams = words >= rows ? last : from + words * subCount
	sub = 0
	lengths = 0
	models = newSpecialists(subCount * KINDS, KINDS)
}

// All that changes with each code is held in variables of the function: as globals they would be memory, which costs a third.
export function stepCodes(): i32 {
	let arrived = at
	let myCode = code
	let myRange = range
	let mySub = sub
	let myLengths = lengths
	let to = place
	while (to < last && arrived < safe) {
		let model = mySub * KINDS + (to < ngrams ? <usize>0 : SIZES)
		if (mySub > 0) model += 1 + (myLengths * (SIZES - 1)) / (mySub * (LONGEST_CODE + 1))
		const specialist = changetype<Specialist>(models + model * SPECIALIST_BYTES)
		const bounds = boundsOf(specialist.active)
		const unit = myRange >> TOTAL_BITS
		const share = min<u32>(TOTAL - 1, myCode / unit)
		let symbol: usize = load<u8>(startsOf(specialist.active) + (<usize>(share >> STEP_BITS)))
		let upper = <u32>load<u16>(bounds + (symbol << 1), 2)
		while (upper <= share) {
			symbol++
			upper = <u32>load<u16>(bounds + (symbol << 1), 2)
		}
		const from = <u32>load<u16>(bounds + (symbol << 1))
		myCode -= unit * from
		myRange = unit * (upper - from)
		while (myRange < LEAST_RANGE) {
			myRange <<= 8
			myCode = (myCode << 8) | (arrived < end ? <u32>load<u8>(arrived) : runDry())
			arrived++
		}
		learnInPlace(specialist, <u32>symbol)
		store<u8>(to++, <u8>symbol)
		myLengths += 32 - clz<u32>(<u32>symbol)
		if (++mySub == subs) {
			mySub = 0
			myLengths = 0
		}
	}
	leave(min(arrived, end), myCode, myRange)
	sub = mySub
	lengths = myLengths
	place = to
	return to < last ? MORE : DONE
}
