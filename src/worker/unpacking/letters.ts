// Contexts of words, and of their letters: these depend on the two before.
import { number, symbol } from './decoder'
import { slotsOf, startTables } from './tables'

const BYTES: usize = 256
const STEP: usize = 0
const PREFIX: usize = 1
const COUNT: usize = 2
const LETTERS: usize = 3

export function startWordTables(): void {
	startTables(LETTERS + BYTES * BYTES)
}

/** How far behind the last word that a list had too the next one stands in it; 0 where the list has it not. */
export function decodeStep(): u64 {
	return number(slotsOf(STEP))
}

/** How much of the word before the next one repeats. */
export function decodePrefix(): usize {
	return <usize>symbol(slotsOf(PREFIX))
}

export function decodeWordCount(): u64 {
	return number(slotsOf(COUNT))
}

/** The letter behind those that stand from `from` to `to`; 0: the word is at its end. */
export function decodeLetter(from: usize, to: usize): u32 {
	const last: usize = to > from ? <usize>load<u8>(to - 1) : 0
	const second: usize = to > from + 1 ? <usize>load<u8>(to - 2) : 0
	return symbol(slotsOf(LETTERS + second * BYTES + last))
}
