// Words of a table of evidence, as its file has them: what each shares with the one before, how many other bytes it has, and these.
// The words of the model are found among them, from the first to the last.
import { allocate } from '../../model/kernels/memory'

const LONGEST_WORD: u64 = 255

let first: usize = 0
let count: u64 = 0
let passed: u64 = 0
let next: usize = 0
/** The word that was moved to. */
export let word: usize = 0
export let wordLength: usize = 0

/** @param at where they stand */
export function setTableWords(at: usize, words: u32): void {
	first = at
	count = <u64>words
}

export function hasWords(): bool {
	return count > 0
}

export function startWordCursor(): void {
	word = allocate(LONGEST_WORD + 1)
	next = first
	passed = 0
}

/** @param step 1: to the next one @returns whether there is one */
export function moveOn(step: u64): bool {
	if (step > count - passed) return false
	passed += step
	for (let left = step; left > 0; left--) {
		const shared = <usize>load<u8>(next)
		const own = <usize>load<u8>(next, 1)
		memory.copy(word + shared, next + 2, own)
		next += 2 + own
		wordLength = shared + own
	}
	return true
}
