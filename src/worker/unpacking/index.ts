// Entry of the WebAssembly module (AssemblyScript): unpacks a model of src/model/packed as its bytes arrive. Its parts come
// in the order of src/model/packed/walk.ts, which this follows step by step.
import { at, begin, canGoOn, end, isShort, setInput } from './decoder'
import { startEntries, stepEntries } from './entries'
import { isFull, startFile } from './file'
import { labels, pairs, startHeader, stepHeader, words } from './header'
import { startMatrix, stepMatrix } from './matrix'
import { INPUT, INPUT_BYTES, OUTPUT } from './memory'
import { startPairs, stepPairs } from './pairs'
import { DONE, FAILED, MORE } from './steps'

export { INPUT, INPUT_BYTES, OUTPUT }

// What `unpack` answers; unpacker.ts has the same numbers.
const WANTS_MORE: i32 = 0
const IS_WHOLE: i32 = 1
const ENDS_EARLY: i32 = 2
const HAS_MORE: i32 = 3
const IS_SHORTER: i32 = 4
const IS_IMPOSSIBLE: i32 = 5

// The parts of a model, in their order.
const BEGIN: i32 = 0
const HEADER: i32 = 1
const WORDS: i32 = 2
const LABELS: i32 = 3
const PAIRS: i32 = 4
const INPUT_MATRIX: i32 = 5
const OUTPUT_MATRIX: i32 = 6
const END: i32 = 7

let part: i32 = BEGIN

/** To be called first, once. @param length bytes of the unpacked file, which stands at `OUTPUT` */
export function start(length: usize): void {
	startFile(length)
	startHeader(length)
}

/** How many bytes at the front of the input are left over: what arrives next belongs behind them. */
export let kept: usize = 0

/** @param length bytes of the input, those kept before included @param isLast whether nothing more will come */
export function unpack(length: usize, isLast: bool): i32 {
	setInput(INPUT + length, isLast)
	let said = MORE
	while (part != END) {
		said = stepPart()
		if (said != DONE) break
		part += 1
		if (!startPart()) return IS_IMPOSSIBLE
	}
	if (isShort) return ENDS_EARLY
	if (said == FAILED) return IS_IMPOSSIBLE
	kept = end - at
	memory.copy(INPUT, at, kept)
	if (part != END || !isLast) return part == END && kept > 0 ? HAS_MORE : WANTS_MORE
	if (kept > 0) return HAS_MORE
	return isFull() ? IS_WHOLE : IS_SHORTER
}

function stepPart(): i32 {
	if (part == BEGIN) return canGoOn() ? begin() : MORE
	if (part == HEADER) return stepHeader()
	if (part == WORDS || part == LABELS) return stepEntries()
	if (part == PAIRS) return pairs > 0 ? stepPairs() : DONE
	return stepMatrix()
}

function startPart(): bool {
	if (part == WORDS) startEntries(words, 0)
	if (part == LABELS) startEntries(labels, 1)
	if (part == PAIRS) return pairs == 0 || startPairs(pairs - 1)
	if (part == INPUT_MATRIX) startMatrix(words)
	if (part == OUTPUT_MATRIX) startMatrix(0)
	return true
}
