// The decoder: src/model/packed/ans.ts and coder.ts say how, this computes the same. Behind the end of what has arrived it decodes
// garbage, which is thrown away: who calls it asks before whether it can go on.
import { INPUT, RESERVE } from './input'
import { DONE, MORE } from './steps'

export const SHARE_BITS: u32 = 12
export const SHARES: u32 = 1 << SHARE_BITS
const LEAST: u32 = 1 << 16
const STATES: usize = 4
const STATES_BYTES: usize = STATES * 4
const MOST_RAW_BITS: u32 = 16
const SMALL: u32 = 16
const SMALL_BITS: u32 = 4
const HEAD_BITS: u32 = 2
const MOST_BITS: u32 = 53
const LENGTH_BITS: u32 = 6
/** What no number is. */
export const NO_NUMBER: u64 = <u64>-1

const states: usize = memory.data(<i32>STATES_BYTES, 16)
/** Bytes from the first state to the one whose turn it is. */
let turn: usize = 0

export let at: usize = INPUT
export let end: usize = INPUT
/** From here on there may not be enough. */
export let safe: usize = INPUT

/** Bytes that have arrived stand from `INPUT` to `to`. @param isLast whether nothing more will come */
export function setInput(to: usize, isLast: bool): void {
	at = INPUT
	end = to
	safe = isLast ? to + 1 : max(INPUT + RESERVE, to) - RESERVE
}

/** Whether there is enough for a few numbers or symbols, or one table. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function canGoOn(): bool {
	return at < safe
}

/** Bytes that are not the decoder's have been read. */
export function pass(bytes: usize): void {
	at += bytes
}

/** Reads the states. */
export function begin(): i32 {
	if (!canGoOn()) return MORE
	memory.copy(states, at, STATES_BYTES)
	at += STATES_BYTES
	return DONE
}

/** Whether all that was encoded has been decoded. */
export function isAtEnd(): bool {
	for (let state: usize = 0; state < STATES_BYTES; state += 4)
		if (load<u32>(states + state) != LEAST) return false
	return true
}

/** The state whose turn is in so many turns: a loop of many symbols has all four in variables of its own. */
export function stateIn(turns: usize): u32 {
	return load<u32>(states + ((turn + turns * 4) & (STATES_BYTES - 1)))
}

/** Gives back the four states, the one whose turn it is first. */
export function leave(newAt: usize, first: u32, second: u32, third: u32, fourth: u32): void {
	at = newAt
	turn = 0
	store<u32>(states, first)
	store<u32>(states, second, 4)
	store<u32>(states, third, 8)
	store<u32>(states, fourth, 12)
}

/** What a state says: a symbol of the table of these slots, in the lowest 8 bits, and how to go on. */
// @ts-ignore
@inline
export function slotAt(slots: usize, state: u32): u32 {
	return load<u32>(slots + (<usize>(state & (SHARES - 1)) << 2))
}

/** The state behind a symbol. */
// @ts-ignore
@inline
export function behind(slot: u32, state: u32): u32 {
	return ((slot >> 8) & (SHARES - 1)) * (state >> SHARE_BITS) + (slot >> 20)
}

/** A state with two bytes more, where it is low: without a branch, which a processor could only guess. */
// @ts-ignore
@inline
export function refilled(state: u32, from: usize): u32 {
	return select<u32>((state << 16) | <u32>load<u16>(from), state, state < LEAST)
}

/** How many bytes that takes. */
// @ts-ignore
@inline
export function bytesFor(state: u32): usize {
	return select<usize>(2, 0, state < LEAST)
}

// @ts-ignore
@inline
function advance(state: u32): void {
	store<u32>(states + turn, refilled(state, at))
	at += bytesFor(state)
	turn = (turn + 4) & (STATES_BYTES - 1)
}

/** @param slots of a table */
export function symbol(slots: usize): u32 {
	const state = load<u32>(states + turn)
	const slot = slotAt(slots, state)
	advance(behind(slot, state))
	return slot & 255
}

/** @param count at most 16 */
export function raw(count: u32): u32 {
	const state = load<u32>(states + turn)
	advance(state >> count)
	return state & ((1 << count) - 1)
}

/** @returns `NO_NUMBER` where it has too many bits */
export function number(slots: usize): u64 {
	const head = symbol(slots)
	if (head < SMALL) return <u64>(head + raw(0))
	const tailBits = SMALL_BITS - HEAD_BITS + ((head - SMALL) >> HEAD_BITS)
	if (tailBits + HEAD_BITS >= MOST_BITS) return NO_NUMBER
	return rawBelow(<u64>((1 << HEAD_BITS) + (head & ((1 << HEAD_BITS) - 1))), tailBits)
}

/** A number of which nothing is known. @returns `NO_NUMBER` where it has too many bits */
export function plain(): u64 {
	const length = raw(LENGTH_BITS)
	if (length > MOST_BITS) return NO_NUMBER
	return length < 2 ? <u64>length : rawBelow(1, length - 1)
}

/**
 * For each head two numbers of 32 bits: the least number that begins so, and how many bits follow. Heads of numbers of more than
 * 19 bits, which distances between labels do not need, have 2^31 and 0.
 */
export function fillNumbers(table: usize): void {
	for (let head: u32 = 0; head < 256; head++) {
		const at = table + (<usize>head << 3)
		const bits: u32 = head < SMALL ? 0 : SMALL_BITS - HEAD_BITS + ((head - SMALL) >> HEAD_BITS)
		const known = head < SMALL ? head : (1 << HEAD_BITS) + (head & ((1 << HEAD_BITS) - 1))
		const isLarge = bits > MOST_RAW_BITS
		store<u32>(at, isLarge ? <u32>1 << 31 : known << bits)
		store<u32>(at, isLarge ? 0 : bits, 4)
	}
}

function rawBelow(known: u64, bits: u32): u64 {
	let whole = known
	for (let left = <i32>bits; left > 0; left -= <i32>MOST_RAW_BITS) {
		const width = min<u32>(MOST_RAW_BITS, <u32>left)
		whole = (whole << <u64>width) + <u64>raw(width)
	}
	return whole
}

/** @param size at least 1 @returns a number below it */
export function even(size: u32): u32 {
	const bits = 31 - clz<u32>(size)
	const short = ((<u64>2) << <u64>bits) - <u64>size
	const first = rawBelow(0, bits)
	return <u32>(first < short ? first : first * 2 - short + <u64>raw(1))
}
