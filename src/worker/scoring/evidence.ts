// The table of evidence (src/model/evidence): its words and lists with places of their own, so that one word's are found at once.
import { int32, isAtEnd, isCut, limit, moveTo, position, setCursor, take, varint } from './cursor'
import { allocate } from '../../model/kernels/memory'
import { Words } from './words'

const MAGIC: i32 = 0x56455357
/** Of words alone, and of words and features. */
const OF_WORDS: i32 = 1
const OF_FEATURES: i32 = 2
const FEATURE_BITS: u32 = 28
const LEVELS: usize = 16
const MOST_LABELS: u32 = 65536
/** Both of two bytes have one behind them. */
const LONG: u32 = 0x8080

export const words = changetype<Words>(memory.data(8, 4))
export let labelCount: u32 = 0
export let entryCount: u32 = 0
/** Strength, the levels' values, and what a word adds to each label that it does not speak for: f32, one after the other. */
export let numbers: usize = 0
/** Numbers of pairs and beginnings of words (u32), ascending. In the lists below they follow the words. */
export let features: usize = 0
export let featureCount: u32 = 0
export let weights: usize = 0
/** Word or feature w speaks for labels (u16) from starts[w] up to starts[w + 1], each at one of the levels. */
export let starts: usize = 0
export let labels: usize = 0
export let levels: usize = 0

/** Whether it can be asked here. */
export function readEvidence(table: usize, length: usize): bool {
	setCursor(table, length)
	if (int32() != MAGIC) return false
	const version = int32()
	if (version != OF_WORDS && version != OF_FEATURES) return false
	labelCount = <u32>int32()
	words.count = <usize>int32()
	entryCount = <u32>int32()
	if (version == OF_FEATURES) featureCount = <u32>int32()
	const lists = <u64>words.count + <u64>featureCount
	if (labelCount > MOST_LABELS || lists * 3 + <u64>entryCount > <u64>length * 2) return false
	numbers = take((1 + LEVELS + <u64>labelCount) << 2)
	if (isCut || (words.count > 0 && !readWords())) return false
	if (!readFeatures()) return false
	weights = take(lists)
	return readLists(<usize>lists) && readLevels() && isAtEnd()
}

/** How many labels a word speaks for. */
export function labelsOf(word: usize): u32 {
	const start = starts + (word << 2)
	return load<u32>(start, 4) - load<u32>(start)
}

/** Each word shares its beginning with the one before it, and no more than stands there. */
function readWords(): bool {
	const bytes = measureWords()
	if (bytes == 0) return false
	words.list = allocate(<u64>words.count << 2)
	let word = allocate(bytes)
	let before = word
	let lengthBefore: usize = 0
	let at = position()
	for (let place: usize = 0; place < words.count; place++) {
		const shared = <usize>load<u8>(at)
		const length = shared + <usize>load<u8>(at, 1)
		at += 2
		if (shared > lengthBefore) return false
		for (let i: usize = 0; i < shared; i++) store<u8>(word + i, load<u8>(before + i))
		for (let i = shared; i < length; i++) {
			store<u8>(word + i, load<u8>(at))
			// A word ends with a zero here, and holds none.
			if (load<u8>(at) == 0) return false
			at++
		}
		if (place > 0 && load<u8>(word + shared) <= load<u8>(before + shared)) return false
		store<u32>(words.list + (place << 2), <u32>word)
		before = word
		lengthBefore = length
		word += length + 1
	}
	moveTo(at)
	return true
}

/** The bytes of all words, each with a zero behind it, and a zero more; 0 where the table breaks off before. */
function measureWords(): u64 {
	const stop = limit()
	let at = position()
	let bytes: u64 = 1
	for (let place: usize = 0; place < words.count; place++) {
		if (at + 2 > stop) return 0
		const own = <usize>load<u8>(at, 1)
		bytes += <u64>(<usize>load<u8>(at) + own + 1)
		at += 2 + own
	}
	return at > stop ? 0 : bytes
}

function readFeatures(): bool {
	features = allocate(<u64>featureCount << 2)
	let number: u32 = -1
	for (let place: usize = 0; place < <usize>featureCount; place++) {
		number += varint() + 1
		if (isCut || number >> FEATURE_BITS != 0) return false
		store<u32>(features + (place << 2), number)
	}
	return true
}

function readLists(lists: usize): bool {
	starts = allocate((<u64>lists + 1) << 2)
	labels = allocate(<u64>entryCount << 1)
	let at: u32 = 0
	for (let word: usize = 0; word < lists; word++) {
		const end = at + varint()
		if (isCut || end > entryCount || !readList(at, end)) return false
		store<u32>(starts + ((word + 1) << 2), end)
		at = end
	}
	return at == entryCount
}

/** Distances between labels, most of them in one byte or two: which, no processor can foresee, so that nothing depends on it there. */
function readList(from: u32, until: u32): bool {
	const stop = limit()
	let next = position()
	let label: u32 = -1
	for (let entry = from; entry < until; entry++) {
		const two = next + 2 <= stop ? <u32>load<u16>(next) : LONG
		let distance = two & 127
		if ((two & LONG) != LONG) {
			const isLong = (two >> 7) & 1
			distance |= ((two >> 1) & 0x3f80) & (0 - isLong)
			next += 1 + <usize>isLong
		} else {
			distance = 0
			for (let shift: u32 = 0; ; shift += 7) {
				if (next == stop || shift == 28) return false
				const part = <u32>load<u8>(next++)
				distance |= (part & 127) << shift
				if (part < 128) break
			}
		}
		label += distance + 1
		if (label >= labelCount) return false
		store<u16>(labels + (<usize>entry << 1), <u16>label)
	}
	moveTo(next)
	return true
}

function readLevels(): bool {
	const nibbles = take((<u64>entryCount + 1) >> 1)
	if (isCut) return false
	levels = allocate(entryCount)
	for (let at: usize = 0; at < <usize>entryCount; at++)
		store<u8>(levels + at, (load<u8>(nibbles + (at >> 1)) >> (<u8>(at & 1) << 2)) & 15)
	return true
}
