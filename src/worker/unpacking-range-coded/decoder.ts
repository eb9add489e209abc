// The range decoder: src/model/packed/range-coded/range-coder.ts says how, this computes the same.
import { INPUT } from './input'
import {
	Adaptive,
	boundsOf,
	learn,
	learnInPlace,
	newAdaptive,
	Specialist,
	STEP_BITS,
	startsOf,
	TOTAL,
	TOTAL_BITS,
} from './models'
import { DONE, MORE } from '../unpacking/steps'

export const LEAST_RANGE: u32 = 1 << 24
const TAIL_BITS: u32 = 16
const MOST_EVEN: u32 = 1 << 20
/** More than any few numbers or symbols take. */
const RESERVE: usize = 256

export let at: usize = INPUT
export let end: usize = INPUT
export let safe: usize = INPUT
export let code: u32 = 0
export let range: u32 = 0xffffffff
/** Whether more was asked for than there is: only where nothing more will come. */
export let isShort: bool = false

/** Bytes that have arrived stand from `INPUT` to `to`. @param isLast whether nothing more will come */
export function setInput(to: usize, isLast: bool): void {
	at = INPUT
	end = to
	safe = isLast ? <usize>-1 : max(INPUT + RESERVE, to) - RESERVE
}

/** Whether there is enough for a few numbers or symbols. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function canGoOn(): bool {
	return at < safe
}

export function leave(newAt: usize, newCode: u32, newRange: u32): void {
	at = newAt
	code = newCode
	range = newRange
}

/** Bytes that are not the coder's have been read. */
export function pass(bytes: usize): void {
	at += bytes
}

/** Reads what the coder begins with. */
export function begin(): i32 {
	if (!canGoOn()) return MORE
	range = 0xffffffff
	code = 0
	for (let byte = 0; byte < 4; byte++) code = (code << 8) | next()
	return DONE
}

function next(): u32 {
	return at < end ? <u32>load<u8>(at++) : runDry()
}

/** What is read behind the end. */
export function runDry(): u32 {
	isShort = true
	return 0
}

function narrow(unit: u32, from: u32, size: u32): void {
	code -= unit * from
	range = unit * size
	while (range < LEAST_RANGE) {
		range <<= 8
		code = (code << 8) | next()
	}
}

function find(model: Adaptive): u32 {
	const bounds = boundsOf(model)
	const unit = range >> TOTAL_BITS
	const share = min<u32>(TOTAL - 1, code / unit)
	let symbol: usize = load<u8>(startsOf(model) + (<usize>(share >> STEP_BITS)))
	while (<u32>load<u16>(bounds + (symbol << 1), 2) <= share) symbol++
	const from = <u32>load<u16>(bounds + (symbol << 1))
	narrow(unit, from, <u32>load<u16>(bounds + (symbol << 1), 2) - from)
	return <u32>symbol
}

export function decode(model: Adaptive): u32 {
	const symbol = find(model)
	learn(model, symbol)
	return symbol
}

export function decodeInPlace(specialist: Specialist): u32 {
	const symbol = find(specialist.active)
	learnInPlace(specialist, symbol)
	return symbol
}

/** @returns a number below `size`, or -1 where that is no size that can be */
export function decodeEven(size: u32): i32 {
	if (size < 1 || size > MOST_EVEN) return -1
	const unit = range / size
	const value = min(size - 1, code / unit)
	narrow(unit, value, 1)
	return <i32>value
}

const LENGTHS: usize = 54

/** The models of whole numbers: of their lengths, then those of the bits below the highest, by length. */
// @ts-ignore
@inline
export const NUMBER_BYTES: usize = (LENGTHS + 1) * sizeof<usize>()

/** @param models {@link NUMBER_BYTES} of zeros at first */
export function decodeNumber(models: usize): u64 {
	const length = decode(modelAt(models, 0, <u32>LENGTHS))
	if (length < 2) return <u64>length
	const headBits = min<u32>(2, length - 1)
	const tailBits = length - 1 - headBits
	const head = decode(modelAt(models, <usize>length, 1 << headBits))
	let whole: u64 = head + (1 << headBits)
	for (let left = <i32>tailBits; left > 0; left -= <i32>TAIL_BITS) {
		const width = min<u32>(TAIL_BITS, <u32>left)
		whole = (whole << <u64>width) + <u64>decodeEven(1 << width)
	}
	return whole
}

function modelAt(table: usize, index: usize, size: u32): Adaptive {
	const place = table + index * sizeof<usize>()
	const known = load<usize>(place)
	if (known != 0) return changetype<Adaptive>(known)
	const model = newAdaptive(size)
	store<usize>(place, changetype<usize>(model))
	return model
}
