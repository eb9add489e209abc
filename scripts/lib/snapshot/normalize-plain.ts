// The normalised text of plain titles from their bytes: what normalizeTitle makes of nine of ten English titles, without a string and
// a list of tokens for each of millions. Whatever needs more than letters, digits and marks of ASCII is left to it. Pure.
import { MAX_TITLE_CHARACTERS } from '../../../src/model/normalize.ts'

const [SPACE, APOSTROPHE, LOWER_R, SLASH] = [32, 39, 114, 47]

/** What a byte is folded to: in lower case, and a backtick as an apostrophe. 0 for one that no plain title has. */
const FOLDED = new Uint8Array(256)
const [MARK, DIGIT, LETTER] = [1, 2, 3]
/** By the folded byte; 0 for a space. */
const KINDS = new Uint8Array(256)
for (let byte = SPACE; byte <= 126; byte += 1) {
	const character = String.fromCharCode(byte)
	// What may begin an entity is not plain.
	if (character === '&') continue
	FOLDED[byte] = character === '`' ? APOSTROPHE : character.toLowerCase().charCodeAt(0)
	if (/[a-z]/.test(character)) KINDS[byte] = LETTER
	else if (/\d/.test(character)) KINDS[byte] = DIGIT
	else if (character !== ' ') KINDS[byte] = MARK
}

/** The longest text: each mark is a token of its own, with a space behind it. */
export const PLAIN_TEXT_BYTES = MAX_TITLE_CHARACTERS * 2

/**
 * @param start where a title begins @param end behind it
 * @param into the text comes here
 * @returns how many bytes the text has; -1 for a title that is not plain
 */
export function normalizePlain(
	title: Uint8Array,
	start: number,
	end: number,
	into: Uint8Array,
): number {
	if (!isPlain(title, start, end)) return -1
	let size = 0
	for (let at = start; at < end; ) {
		const byte = FOLDED[title[at] as number] as number
		const kind = KINDS[byte] as number
		if (kind === 0) {
			at += 1
			continue
		}
		if (size > 0) into[size++] = SPACE
		if (kind === MARK) {
			into[size++] = byte
			at = endOfRun(title, at, end)
		} else
			for (const next = endOfWord(title, at, end); at < next; at += 1)
				into[size++] = FOLDED[title[at] as number] as number
	}
	return size
}

/** Without what names a subreddit. */
function isPlain(title: Uint8Array, start: number, end: number): boolean {
	if (end - start > MAX_TITLE_CHARACTERS) return false
	let before = 0
	for (let at = start; at < end; at += 1) {
		const byte = FOLDED[title[at] as number] as number
		if (byte === 0 || (byte === SLASH && before === LOWER_R)) return false
		before = byte
	}
	return true
}

function endOfWord(title: Uint8Array, start: number, end: number): number {
	let at = start
	while (at < end && kindAt(title, at) >= DIGIT) at += 1
	// Apostrophes within a word, each with letters behind it.
	while (at + 1 < end && FOLDED[title[at] as number] === APOSTROPHE) {
		if (kindAt(title, at + 1) !== LETTER) break
		at += 2
		while (at < end && kindAt(title, at) === LETTER) at += 1
	}
	return at
}

function kindAt(title: Uint8Array, at: number): number {
	return KINDS[FOLDED[title[at] as number] as number] as number
}

/** A run of one mark is one token, of one character. */
function endOfRun(title: Uint8Array, start: number, end: number): number {
	const mark = FOLDED[title[start] as number]
	let at = start + 1
	while (at < end && FOLDED[title[at] as number] === mark) at += 1
	return at
}
