// The table of evidence, part by part as src/model/packed/walk-evidence.ts has them. It writes the table's file:
// src/model/evidence/evidence-file.ts says how.
import { allocate } from '../../model/kernels/memory'
import { canGoOn, number, plain } from './decoder'
import { startFloats, stepFloats } from './floats'
import { decodeLetter, decodePrefix, startWordTables } from './letters'
import { startDistances, stepDistances } from './distances'
import { startLevels, stepLevels } from './levels'
import { startLists, stepLists } from './lists'
import { DONE, FAILED, MORE } from './steps'
import { putFooter, putInt, putNumber, roomLeft, skip, to } from './table-file'
import { setTableWords } from './table-words'
import { slotsOf, startTables, stepTables } from './tables'

const MAGIC: u32 = 0x56455357
const OF_WORDS: u32 = 1
const OF_FEATURES: u32 = 2
const LEVEL_COUNT: u32 = 16
const MOST_LABELS: u64 = 65536
const FEATURE_BITS: u64 = 28
const LONGEST_WORD: usize = 255

// The parts of a table, in their order.
const COUNTS: i32 = 0
const FLOATS: i32 = 1
const WORDS: i32 = 2
const FEATURES: i32 = 3
const LISTS: i32 = 4
const DISTANCES: i32 = 5
const LEVELS: i32 = 6
const END: i32 = 7

let part: i32 = COUNTS

let labelCount: u32 = 0
let wordCount: u32 = 0
let featureCount: u32 = 0
let entryCount: u32 = 0
/** Of each list its kind: of a word, a beginning, a pair. */
let kinds: usize = 0

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
	if (part == LISTS) return stepLists()
	if (part == DISTANCES) return stepDistances()
	if (part == LEVELS) return stepLevels()
	const said = stepTables()
	if (said != DONE) return said
	return part == WORDS ? stepWords() : stepFeatures()
}

function startPart(): bool {
	if (part == FLOATS) return startNumbers()
	if (part == WORDS) startWords()
	if (part == FEATURES) startFeatures()
	if (part == LISTS) return startLists(kinds, wordCount + featureCount, entryCount)
	if (part == DISTANCES) startDistances(wordCount + featureCount, labelCount)
	if (part == LEVELS) return startLevels(entryCount, labelCount)
	if (part == END) putFooter()
	return true
}

function stepCounts(): i32 {
	if (!canGoOn()) return MORE
	const limit = roomLeft() * 2
	const labels = plain()
	const words = plain()
	const features = plain()
	const entries = plain()
	if (labels > MOST_LABELS || max(labels, max(words, max(features, entries))) > limit) return FAILED
	labelCount = <u32>labels
	wordCount = <u32>words
	featureCount = <u32>features
	entryCount = <u32>entries
	if (roomLeft() < 24) return FAILED
	putInt(MAGIC)
	putInt(featureCount == 0 ? OF_WORDS : OF_FEATURES)
	putInt(labelCount)
	putInt(wordCount)
	putInt(entryCount)
	if (featureCount > 0) putInt(featureCount)
	return DONE
}

function startNumbers(): bool {
	const count = 1 + <u64>LEVEL_COUNT + <u64>labelCount
	if (roomLeft() < count << 2) return false
	startFloats(to, count)
	skip(<usize>count << 2)
	return true
}

/** The word in work, which begins as the one before it; how much of it is known, and how much of that it shares. */
let word: usize = 0
let length: usize = 0
let shared: usize = 0
let isInWord: bool = false
let wordsLeft: u32 = 0

function startWords(): void {
	word = allocate(<u64>LONGEST_WORD + 1)
	wordsLeft = wordCount
	setTableWords(to, wordCount)
	startWordTables()
}

function stepWords(): i32 {
	for (; wordsLeft > 0; wordsLeft--) {
		if (!isInWord) {
			if (!canGoOn()) return MORE
			shared = min<usize>(decodePrefix(), length)
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
		const letter = decodeLetter(word, word + length)
		if (letter == 0) break
		if (length == LONGEST_WORD) return FAILED
		store<u8>(word + length, <u8>letter)
		length += 1
	}
	const own = length - shared
	if (roomLeft() < 2 + <u64>own) return FAILED
	store<u8>(to, <u8>shared)
	store<u8>(to, <u8>own, 1)
	memory.copy(to + 2, word + shared, own)
	skip(2 + own)
	return DONE
}

let feature: i64 = -1
let featuresDone: u32 = 0

function startFeatures(): void {
	kinds = allocate(<u64>wordCount + <u64>featureCount)
	startTables(1)
}

function stepFeatures(): i32 {
	for (; featuresDone < featureCount; featuresDone++) {
		if (!canGoOn()) return MORE
		const distance = number(slotsOf(0))
		if (distance >> FEATURE_BITS != 0) return FAILED
		feature += 1 + <i64>distance
		if (feature >> FEATURE_BITS != 0) return FAILED
		store<u8>(kinds + <usize>wordCount + <usize>featuresDone, <u8>(1 + (feature & 1)))
		if (!putNumber(<u32>distance)) return FAILED
	}
	return DONE
}
