// A coded table of evidence, part by part as src/model/packed/range-coded/walk-evidence.ts has them. It writes the table's file:
// src/model/evidence/evidence-file.ts says how.
import { allocate } from '../../model/kernels/memory'
import { canGoOn, decode, decodeEven, decodeInPlace, decodeNumber, NUMBER_BYTES } from './decoder'
import { startFloats, stepFloats } from './floats'
import { letterAfter, startLetters } from './letters'
import { Adaptive, newAdaptive } from './models'
import { DONE, FAILED, MORE } from '../unpacking/steps'

const MAGIC: u32 = 0x56455357
const OF_WORDS: u32 = 1
const OF_FEATURES: u32 = 2
const LEVELS: u32 = 16
const MOST_LABELS: u64 = 65536
const FEATURE_BITS: u64 = 28
const BYTES: u32 = 256
const LONGEST_WORD: usize = 255
/** Words, beginnings, pairs. */
const KINDS: usize = 3

// The parts of a table, in their order.
const COUNTS: i32 = 0
const FLOATS: i32 = 1
const WORDS: i32 = 2
const FEATURES: i32 = 3
const LISTS: i32 = 4
const END: i32 = 5

let part: i32 = COUNTS
/** The place of the next byte, and where the table ends. */
let to: usize = 0
let stop: usize = 0

let labelCount: u32 = 0
let wordCount: u32 = 0
let featureCount: u32 = 0
let entryCount: u32 = 0

/** Where a table of so many bytes will stand. */
export function setTable(at: usize, length: usize): void {
	to = at
	stop = at + length
}

export function stepTable(): i32 {
	while (part != END) {
		const said = stepPart()
		if (said != DONE) return said
		part += 1
		if (!startPart()) return FAILED
	}
	return DONE
}

function stepPart(): i32 {
	if (part == COUNTS) return stepCounts()
	if (part == FLOATS) return stepFloats()
	if (part == WORDS) return stepWords()
	if (part == FEATURES) return stepFeatures()
	return stepLists()
}

function startPart(): bool {
	if (part == FLOATS) return startNumbers()
	if (part == WORDS) startWords()
	if (part == FEATURES) startFeatures()
	if (part == LISTS) return startLists()
	return true
}

function hasRoom(bytes: u64): bool {
	return bytes <= <u64>(stop - to)
}

function putInt(value: u32): void {
	store<u32>(to, value)
	to += 4
}

/** LEB128. @returns whether there is room for it */
function putNumber(value: u32): bool {
	let rest = value
	for (; rest >= 128 && to < stop; rest >>= 7) store<u8>(to++, <u8>(rest | 128))
	if (to >= stop) return false
	store<u8>(to++, <u8>rest)
	return true
}

function stepCounts(): i32 {
	if (!canGoOn()) return MORE
	const numbers = allocate(<u64>NUMBER_BYTES)
	const limit = <u64>(stop - to) * 2
	const labels = decodeNumber(numbers)
	const words = decodeNumber(numbers)
	const features = decodeNumber(numbers)
	const entries = decodeNumber(numbers)
	if (labels > MOST_LABELS || max(labels, max(words, max(features, entries))) > limit) return FAILED
	labelCount = <u32>labels
	wordCount = <u32>words
	featureCount = <u32>features
	entryCount = <u32>entries
	if (!hasRoom(24)) return FAILED
	putInt(MAGIC)
	putInt(featureCount == 0 ? OF_WORDS : OF_FEATURES)
	putInt(labelCount)
	putInt(wordCount)
	putInt(entryCount)
	if (featureCount > 0) putInt(featureCount)
	return DONE
}

function startNumbers(): bool {
	const count = 1 + <u64>LEVELS + <u64>labelCount
	if (!hasRoom(count << 2)) return false
	startFloats(to, count)
	to += <usize>count << 2
	return true
}

let prefixes: Adaptive = changetype<Adaptive>(0)
/** The word in work, which begins as the one before it; how much of it is known, and how much of that it shares. */
let word: usize = 0
let length: usize = 0
let shared: usize = 0
let isInWord: bool = false
let wordsLeft: u32 = 0

function startWords(): void {
	prefixes = newAdaptive(BYTES)
	startLetters()
	word = allocate(<u64>BYTES)
	wordsLeft = wordCount
}

function stepWords(): i32 {
	for (; wordsLeft > 0; wordsLeft--) {
		if (!isInWord) {
			if (!canGoOn()) return MORE
			shared = min<usize>(decode(prefixes), length)
			length = shared
			isInWord = true
		}
		const said = stepLetters()
		if (said != DONE) return said
		isInWord = false
	}
	return DONE
}

function stepLetters(): i32 {
	for (;;) {
		if (!canGoOn()) return MORE
		const last: usize = length > 0 ? <usize>load<u8>(word + length - 1) : 0
		const second: usize = length > 1 ? <usize>load<u8>(word + length - 2) : 0
		const letter = decodeInPlace(letterAfter(second, last))
		if (letter == 0) break
		if (length == LONGEST_WORD) return FAILED
		store<u8>(word + length, <u8>letter)
		length += 1
	}
	const own = length - shared
	if (!hasRoom(2 + <u64>own)) return FAILED
	store<u8>(to, <u8>shared)
	store<u8>(to, <u8>own, 1)
	memory.copy(to + 2, word + shared, own)
	to += 2 + own
	return DONE
}

let gaps: usize = 0
let feature: i64 = -1
/** Of each list its kind: zeros for those of words. */
let kinds: usize = 0
let featuresDone: u32 = 0

function startFeatures(): void {
	gaps = allocate(<u64>NUMBER_BYTES)
	kinds = allocate(<u64>wordCount + <u64>featureCount)
}

function stepFeatures(): i32 {
	for (; featuresDone < featureCount; featuresDone++) {
		if (!canGoOn()) return MORE
		const gap = decodeNumber(gaps)
		if (gap >> FEATURE_BITS != 0) return FAILED
		feature += 1 + <i64>gap
		if (feature >> FEATURE_BITS != 0) return FAILED
		store<u8>(kinds + <usize>wordCount + <usize>featuresDone, <u8>(1 + (feature & 1)))
		if (!putNumber(<u32>gap)) return FAILED
	}
	return DONE
}

let weightModels: usize = 0
let lengthModels: usize = 0
let gapModels: usize = 0
let weights: usize = 0
let levels: usize = 0
/** The list in work, and how much of it is left; all entries before it. */
let list: u32 = 0
let entriesLeft: u32 = 0
let entry: u32 = 0
let label: u32 = -1
let model: GapModel = changetype<GapModel>(0)

/** What gaps between the labels of a list are like, by how many these are. */
@unmanaged
class GapModel {
	heads: Adaptive
	levels: Adaptive
	rest: usize
	bits: u32
}

const GAP_MODELS: usize = 32
/** The lowest bits of a gap are as likely 0 as 1: two less than a usual gap has. */
const TAIL_LESS: u32 = 2
/** Stands for a number of at least so much, whose rest follows. */
const MUCH: u32 = 255

function startLists(): bool {
	const lists = <u64>wordCount + <u64>featureCount
	if (!hasRoom(lists)) return false
	weights = to
	to += <usize>lists
	weightModels = allocate(KINDS * sizeof<usize>())
	for (let kind: usize = 0; kind < KINDS; kind++)
		store<usize>(weightModels + kind * sizeof<usize>(), changetype<usize>(newAdaptive(BYTES)))
	lengthModels = allocate(KINDS * <u64>NUMBER_BYTES)
	gapModels = allocate(GAP_MODELS * sizeof<usize>())
	levels = allocate(<u64>entryCount)
	return true
}

function stepLists(): i32 {
	const lists = wordCount + featureCount
	while (list < lists || entriesLeft > 0) {
		if (!canGoOn()) return MORE
		if (entriesLeft == 0) {
			if (!startList()) return FAILED
			if (entriesLeft == 0) continue
		}
		if (!stepEntry()) return FAILED
	}
	return entry == entryCount && putLevels() ? DONE : FAILED
}

function startList(): bool {
	const kind = <usize>load<u8>(kinds + <usize>list)
	const weight = decode(changetype<Adaptive>(load<usize>(weightModels + kind * sizeof<usize>())))
	store<u8>(weights + <usize>list, <u8>weight)
	const count = decodeNumber(lengthModels + kind * NUMBER_BYTES)
	if (count > <u64>(entryCount - entry) || !putNumber(<u32>count)) return false
	entriesLeft = <u32>count
	model = gapModel(entriesLeft)
	label = -1
	list += 1
	return true
}

function gapModel(count: u32): GapModel {
	const usual = 32 - clz<u32>(labelCount / max<u32>(1, count))
	const bits = max<u32>(usual, TAIL_LESS) - TAIL_LESS
	const at = gapModels + <usize>bits * sizeof<usize>()
	const known = load<usize>(at)
	if (known != 0) return changetype<GapModel>(known)
	const made = changetype<GapModel>(allocate(<u64>offsetof<GapModel>()))
	made.heads = newAdaptive(BYTES)
	made.levels = newAdaptive(LEVELS)
	made.rest = allocate(<u64>NUMBER_BYTES)
	made.bits = bits
	store<usize>(at, changetype<usize>(made))
	return made
}

function stepEntry(): bool {
	let head = <u64>decode(model.heads)
	if (head == <u64>MUCH) head += decodeNumber(model.rest)
	if (head > <u64>labelCount) return false
	const gap = (head << <u64>model.bits) + <u64>decodeEven(1 << model.bits)
	if (<u64>(label + 1) + gap >= <u64>labelCount || !putNumber(<u32>gap)) return false
	label += <u32>gap + 1
	store<u8>(levels + <usize>entry, <u8>decode(model.levels))
	entry += 1
	entriesLeft -= 1
	return true
}

/** Two in a byte; with them the table is whole. */
function putLevels(): bool {
	const bytes = (<usize>entryCount + 1) >> 1
	if (<usize>(stop - to) != bytes) return false
	for (let at: usize = 0; at < <usize>entryCount; at++) {
		const place = to + (at >> 1)
		const level = load<u8>(levels + at)
		store<u8>(place, (at & 1) == 0 ? level : load<u8>(place) | (level << 4))
	}
	to += bytes
	return true
}
