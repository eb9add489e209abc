// Lists of words: addresses of UTF-8 bytes that end with a zero, in the order of these bytes.

@unmanaged
export class Words {
	/** Of the addresses. */
	list: usize
	count: usize
}

// @ts-ignore
@inline
export function wordAt(words: Words, place: usize): usize {
	return load<u32>(words.list + (place << 2))
}

/** 32-bit FNV-1a of signed bytes, as fastText has it. */
export function hashText(text: usize, length: usize): u32 {
	let hash: u32 = 2166136261
	for (let i: usize = 0; i < length; i++) hash = (hash ^ <u32>(<i32>load<i8>(text + i))) * 16777619
	return hash
}

export function lengthOf(word: usize): usize {
	let end = word
	while (load<u8>(end) != 0) end++
	return end - word
}

/** Below 0 where one is before the other. */
export function compareWords(one: usize, other: usize): i32 {
	let i: usize = 0
	while (load<u8>(one + i) != 0 && load<u8>(one + i) == load<u8>(other + i)) i++
	return <i32>load<u8>(one + i) - <i32>load<u8>(other + i)
}

/** Below 0 where a word is before a text, 0 where it begins with it. */
function compareStart(word: usize, text: usize, length: usize): i32 {
	for (let i: usize = 0; i < length; i++) {
		const letter = <i32>load<u8>(word + i)
		const difference = letter - <i32>load<u8>(text + i)
		if (difference != 0) return difference
		if (letter == 0) return -1
	}
	return 0
}

/** The first place whose word is not before a text, or that is behind all words which begin with it. */
export function search(words: Words, text: usize, length: usize, behind: bool): usize {
	let from: usize = 0
	let until = words.count
	while (from < until) {
		const middle = (from + until) >> 1
		const order = compareStart(wordAt(words, middle), text, length)
		if (order < 0 || (behind && order == 0)) from = middle + 1
		else until = middle
	}
	return from
}

/** The place of a word; -1 where it is not among them. */
export function find(words: Words, text: usize, length: usize): i32 {
	const place = search(words, text, length, false)
	if (place == words.count) return -1
	const word = wordAt(words, place)
	return compareStart(word, text, length) == 0 && load<u8>(word + length) == 0 ? <i32>place : -1
}
