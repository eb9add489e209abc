// Words or labels. Most words are in the table of evidence, too: then they are the distance to the one there. Others say how much of the
// word before repeats, and their letters.
import { canGoOn, NO_NUMBER } from './decoder'
import { hasRoom, place, putByte, putBytes, putLong } from './file'
import { decodeLetter, decodePrefix, decodeStep, decodeWordCount, startWordTables } from './letters'
import { DONE, FAILED, MORE } from './steps'
import { hasWords, moveOn, startWordCursor, word, wordLength } from './table-words'
import { stepTables } from './tables'

/** What stands behind an entry's bytes: their end, the count, the type. */
const TAIL_BYTES: u64 = 10

const WORD: u32 = 0

let left: u32 = 0
let type: u32 = 0
let canStep: bool = false
/** Where the entry before begins, and its length. */
let before: usize = 0
let beforeLength: usize = 0
/** Where the entry in work begins, once something of it is known. */
let from: usize = 0

/** @param kind 0: words, 1: labels */
export function startEntries(count: u32, kind: u32): void {
	left = count
	type = kind
	canStep = kind == WORD && hasWords()
	if (canStep) startWordCursor()
	beforeLength = 0
	from = 0
	startWordTables()
}

export function stepEntries(): i32 {
	const said = stepTables()
	if (said != DONE) return said
	while (left > 0) {
		if (!canGoOn()) return MORE
		const said = stepEntry()
		if (said != DONE) return said
		left -= 1
	}
	return DONE
}

function stepEntry(): i32 {
	if (from == 0) {
		const step = canStep ? decodeStep() : 0
		if (step > 0) return take(step) ? DONE : FAILED
		if (!repeatPrefix()) return FAILED
	}
	return stepLetters()
}

function take(step: u64): bool {
	if (!moveOn(step) || !hasRoom(<u64>wordLength + TAIL_BYTES)) return false
	from = place
	putBytes(word, wordLength)
	return endEntry()
}

function repeatPrefix(): bool {
	const kept = min<usize>(decodePrefix(), beforeLength)
	if (!hasRoom(<u64>kept + TAIL_BYTES)) return false
	from = place
	putBytes(before, kept)
	return true
}

function stepLetters(): i32 {
	for (;;) {
		if (!canGoOn()) return MORE
		const letter = decodeLetter(from, place)
		if (letter == 0) break
		if (!hasRoom(1 + TAIL_BYTES)) return FAILED
		putByte(letter)
	}
	return endEntry() ? DONE : FAILED
}

function endEntry(): bool {
	before = from
	beforeLength = place - from
	from = 0
	const count = decodeWordCount()
	putByte(0)
	putLong(count)
	putByte(type)
	return count != NO_NUMBER
}
