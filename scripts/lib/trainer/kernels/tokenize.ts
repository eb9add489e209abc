// Bytes of fastText's text format → a stream of word numbers, and the table of the words that occur in it.
// Each worker has a range of lines and a table of its own; the tables are merged afterwards.
import { hashByte, hashStart, slotOf } from './hash'

const DONE: i32 = 0
const MORE: i32 = 1
const GROW: i32 = 2
const STEP_BYTES: usize = 1 << 18

/** The end of a line in the stream of word numbers. */
export const LINE_END: u32 = 0xffffffff

/** Mirrors WORD_TABLE in layout.ts. */
@unmanaged
export class WordTable {
	text: usize
	textEnd: usize
	/** Word number + 1 in each slot, 0 where empty. */
	slots: usize
	mask: u32
	words: usize
	wordCount: u32
	/** Numbers of the words in order of the text, LINE_END after each line; null for a merged table. */
	tokens: usize
	tokenCount: u32
	lineCount: u32
}

/** Mirrors WORD in layout.ts. */
@unmanaged
export class Word {
	text: u32
	length: u32
	hash: u32
	count: u32
}

// @ts-ignore
@inline
function isSpace(byte: u8): bool {
	return byte == 0x20 || (byte >= 9 && byte <= 13) || byte == 0
}

/** Counts tokens and lines of a range, as the upper bound of the stream's length. */
export function countTokens(table: WordTable): i32 {
	const end = min(table.text + (STEP_BYTES << 2), table.textEnd)
	let inside = table.mask != 0
	let tokens = table.tokenCount
	let position = table.text
	for (; position < end; position++) {
		const byte = load<u8>(position)
		const space = isSpace(byte)
		tokens += inside && space ? 1 : 0
		inside = !space
		table.lineCount += byte == 10 ? 1 : 0
	}
	table.text = position
	table.mask = inside ? 1 : 0
	if (position < table.textEnd) {
		table.tokenCount = tokens
		return MORE
	}
	table.tokenCount = tokens + (inside ? 1 : 0)
	return DONE
}

export function tokenize(table: WordTable): i32 {
	const stop = min(table.text + STEP_BYTES, table.textEnd)
	const end = table.textEnd
	let position = table.text
	let token = table.tokens + (<usize>table.tokenCount << 2)
	while (position < stop) {
		const byte = load<u8>(position)
		if (isSpace(byte)) {
			position++
			if (byte == 10) {
				store<u32>(token, LINE_END)
				token += 4
				table.lineCount++
			}
			continue
		}
		// Half full at most, and one word more must still fit.
		if (table.wordCount * 2 > table.mask) {
			table.text = position
			table.tokenCount = <u32>((token - table.tokens) >> 2)
			return GROW
		}
		const start = position
		let hash = hashStart()
		let next = byte
		while (!isSpace(next)) {
			hash = hashByte(hash, next)
			position++
			if (position == end) break
			next = load<u8>(position)
		}
		const word = findOrAdd(table, start, <u32>(position - start), hash)
		changetype<Word>(table.words + (<usize>word << 4)).count++
		store<u32>(token, word)
		token += 4
	}
	table.text = position
	if (position >= end && token > table.tokens && load<u32>(token - 4) != LINE_END) {
		store<u32>(token, LINE_END)
		token += 4
		table.lineCount++
	}
	table.tokenCount = <u32>((token - table.tokens) >> 2)
	return position < end ? MORE : DONE
}

function findOrAdd(table: WordTable, text: usize, length: u32, hash: u32): u32 {
	let slot = slotOf(hash, table.mask)
	while (true) {
		const entry = load<u32>(table.slots + (<usize>slot << 2))
		if (entry == 0) break
		const word = changetype<Word>(table.words + (<usize>(entry - 1) << 4))
		if (word.hash == hash && word.length == length && memory.compare(word.text, text, length) == 0)
			return entry - 1
		slot = (slot + 1) & table.mask
	}
	const number = table.wordCount++
	const added = changetype<Word>(table.words + (<usize>number << 4))
	added.text = <u32>text
	added.length = length
	added.hash = hash
	added.count = 0
	store<u32>(table.slots + (<usize>slot << 2), number + 1)
	return number
}

/** Fills a new, zeroed slot array after the table was given more room. */
export function rehashWords(table: WordTable): void {
	for (let number: u32 = 0; number < table.wordCount; number++) {
		const word = changetype<Word>(table.words + (<usize>number << 4))
		let slot = slotOf(word.hash, table.mask)
		while (load<u32>(table.slots + (<usize>slot << 2)) != 0) slot = (slot + 1) & table.mask
		store<u32>(table.slots + (<usize>slot << 2), number + 1)
	}
}

/** Adds the words [from, to) of `part` to `whole`, which has room for them; `numbers[i]` becomes their number there. */
export function mergeWords(whole: WordTable, part: WordTable, numbers: usize, from: u32, to: u32): void {
	for (let number = from; number < to; number++) {
		const word = changetype<Word>(part.words + (<usize>number << 4))
		const merged = findOrAdd(whole, word.text, word.length, word.hash)
		changetype<Word>(whole.words + (<usize>merged << 4)).count += word.count
		store<u32>(numbers + (<usize>number << 2), merged)
	}
}
