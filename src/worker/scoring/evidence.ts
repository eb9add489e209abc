// The table of evidence (src/model/evidence): its words and lists with places of their own, so that one word's are found at once.
import { byte, int32, isAtEnd, isCut, setCursor, take, varint } from './cursor'
import { allocate } from './memory'
import { compareWords, Words } from './words'

const MAGIC: i32 = 0x56455357
const VERSION: i32 = 1
const LEVELS: usize = 16
const MOST_LABELS: u32 = 65536

export const words = changetype<Words>(memory.data(8, 4))
export let labelCount: u32 = 0
export let entryCount: u32 = 0
/** Strength, the levels' values, and what a word adds to each label that it does not speak for: f32, one after the other. */
export let numbers: usize = 0
export let weights: usize = 0
/** Word w speaks for labels (u16) from starts[w] up to starts[w + 1], each at one of the levels. */
export let starts: usize = 0
export let labels: usize = 0
export let levels: usize = 0

/** Whether it can be asked here. */
export function readEvidence(table: usize, length: usize): bool {
	setCursor(table, length)
	if (int32() != MAGIC || int32() != VERSION) return false
	labelCount = <u32>int32()
	words.count = <usize>int32()
	entryCount = <u32>int32()
	if (labelCount > MOST_LABELS || <u64>words.count * 3 + <u64>entryCount > <u64>length * 2) return false
	numbers = take((1 + LEVELS + <u64>labelCount) << 2)
	if (!readWords(table + length)) return false
	weights = take(words.count)
	return readLists() && readLevels() && isAtEnd()
}

/** Each word shares its beginning with the one before it. */
function readWords(end: usize): bool {
	const from = take(0)
	const text = allocate(measureWords())
	if (isCut) return false
	setCursor(from, end - from)
	words.list = allocate(<u64>words.count << 2)
	let word: usize = text
	let before: usize = 0
	let lengthBefore: usize = 0
	for (let place: usize = 0; place < words.count; place++) {
		const shared = <usize>byte()
		const own = <usize>byte()
		const bytes = take(own)
		if (isCut || shared > lengthBefore) return false
		memory.copy(word, before, shared)
		for (let i: usize = 0; i < own; i++) {
			const letter = load<u8>(bytes + i)
			if (letter == 0) return false
			store<u8>(word + shared + i, letter)
		}
		store<u32>(words.list + (place << 2), <u32>word)
		if (place > 0 && compareWords(before, word) >= 0) return false
		before = word
		lengthBefore = shared + own
		word += lengthBefore + 1
	}
	return true
}

/** The bytes of all words, each with a zero behind it. */
function measureWords(): u64 {
	let bytes: u64 = 0
	for (let place: usize = 0; place < words.count && !isCut; place++) {
		const shared = byte()
		const own = byte()
		take(own)
		bytes += <u64>(shared + own + 1)
	}
	return bytes
}

function readLists(): bool {
	starts = allocate((<u64>words.count + 1) << 2)
	labels = allocate(<u64>entryCount << 1)
	let at: u32 = 0
	for (let word: usize = 0; word < words.count; word++) {
		const end = at + varint()
		if (isCut || end > entryCount) return false
		let label: u32 = -1
		for (; at < end; at++) {
			label += varint() + 1
			if (isCut || label >= labelCount) return false
			store<u16>(labels + (<usize>at << 1), <u16>label)
		}
		store<u32>(starts + ((word + 1) << 2), at)
	}
	return at == entryCount
}

function readLevels(): bool {
	const nibbles = take((<u64>entryCount + 1) >> 1)
	if (isCut) return false
	levels = allocate(entryCount)
	for (let at: usize = 0; at < <usize>entryCount; at++)
		store<u8>(levels + at, (load<u8>(nibbles + (at >> 1)) >> (<u8>(at & 1) << 2)) & 15)
	return true
}
