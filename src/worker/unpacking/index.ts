// Entry of the WebAssembly module (AssemblyScript): unpacks a model of src/model/packed as its bytes arrive. Its parts come
// in the order of src/model/packed/walk.ts, which this follows step by step.
import { ENDS_EARLY, HAS_MORE, IS_IMPOSSIBLE, IS_SHORTER, IS_WHOLE, WANTS_MORE } from './answers'
import { at, begin, end, isAtEnd, setInput } from './decoder'
import { startEntries, stepEntries } from './entries'
import { hasTable, stepHead } from './evidence'
import { fileLength, isFull, startFile } from './file'
import { labels, pairs, startHeader, stepHeader, words } from './header'
import { INPUT, INPUT_BYTES } from './input'
import { startMatrix, stepMatrix } from './matrix'
import { startPairs, stepPairs } from './pairs'
import { DONE, FAILED, MORE } from './steps'
import { stepTable } from './table'

export { INPUT, INPUT_BYTES }

// The parts of a model, in their order.
const HEAD: i32 = 0
const STATES: i32 = 1
const TABLE: i32 = 2
const HEADER: i32 = 3
const WORDS: i32 = 4
const LABELS: i32 = 5
const PAIRS: i32 = 6
const INPUT_MATRIX: i32 = 7
const OUTPUT_MATRIX: i32 = 8
const END: i32 = 9

let part: i32 = HEAD

/** To be called first, once. @param length bytes of the unpacked file @returns where it will stand */
export function start(length: usize): usize {
	return startFile(length)
}

/** How many bytes at the front of the input are left over: what arrives next belongs behind them. */
export let kept: usize = 0

/** @param length bytes of the input, those kept before included @param isLast whether nothing more will come */
export function unpack(length: usize, isLast: bool): i32 {
	setInput(INPUT + length, isLast)
	let said = DONE
	while (part != END) {
		said = stepPart()
		if (said != DONE) break
		part += 1
		if (!startPart()) return IS_IMPOSSIBLE
	}
	if (at > end || (isLast && said == MORE)) return ENDS_EARLY
	if (said == FAILED) return IS_IMPOSSIBLE
	kept = end - at
	memory.copy(INPUT, at, kept)
	if (part != END) return WANTS_MORE
	if (kept > 0) return HAS_MORE
	if (!isLast) return WANTS_MORE
	if (!isAtEnd()) return IS_IMPOSSIBLE
	return isFull() ? IS_WHOLE : IS_SHORTER
}

function stepPart(): i32 {
	if (part == HEAD) return stepHead()
	if (part == STATES) return begin()
	if (part == TABLE) return hasTable ? stepTable() : DONE
	if (part == HEADER) return stepHeader()
	if (part == WORDS || part == LABELS) return stepEntries()
	if (part == PAIRS) return pairs > 0 ? stepPairs() : DONE
	return stepMatrix()
}

function startPart(): bool {
	if (part == HEADER) startHeader(fileLength())
	if (part == WORDS) startEntries(words, 0)
	if (part == LABELS) startEntries(labels, 1)
	if (part == PAIRS) return pairs == 0 || startPairs(pairs - 1)
	if (part == INPUT_MATRIX) startMatrix(words)
	if (part == OUTPUT_MATRIX) startMatrix(0)
	return true
}
