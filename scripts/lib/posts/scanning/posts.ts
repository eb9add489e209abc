// Packs posts of ordinary rows, in the columns of packed-posts.ts: four of five rows of a dump need nothing else. Whatever may
// be out of the ordinary is left to parse-row.ts: a post that is gone or an advert, an odd time, a name to be read in a special way.
import { ASCII, FALSE, FIELD_BYTES, JSON_TEXT, LONG, NULL, TRUE, UTF8, WHOLE_NUMBER } from './kinds'
import { findName } from './names'
import { hasEscape, passString, passWord, skipBlanks, wholeNumber } from './values'

/** What each field decides, by its number. Written by the host. */
const ROLES = memory.data(128)

// As scan-row.ts has them.
const ID: u32 = 1
const CREATED: u32 = 2
const SUBREDDIT: u32 = 3
const TITLE: u32 = 4
const SCORE: u32 = 5
const OVER_18: u32 = 6
const RETRIEVED: u32 = 7
const SECOND_READING: u32 = 8
const RETRIEVED_AGAIN: u32 = 9
const SIGN: u32 = 10
const INDEXABLE: u32 = 11
const KIND: u32 = 12
const BODY: u32 = 13
/** It matters only where a field that each ordinary row has is missing. */
const SPARE: u32 = 14
/** Fields up to this one are found once in an ordinary row. */
const LAST_SINGLE: u32 = SECOND_READING
const NEEDED: u32 = (1 << ID) | (1 << CREATED) | (1 << SUBREDDIT) | (1 << TITLE) | (1 << OVER_18)

// Where the columns of a packed post end.
const ID_END: usize = 13
const SUBREDDIT_END: usize = 63
const CREATED_END: usize = 73
const SCORE_END: usize = 90
const OVER_18_END: usize = 91
const RETRIEVED_END: usize = 101
const SIZE_END: usize = 106

const SPACE: u8 = 32
const QUOTE: u8 = 34
const ZERO: u8 = 48
const BACKSLASH: u8 = 92

/** As post-keys.ts has it. */
const LONGEST_ID: usize = 10
const LONGEST_TITLE: usize = 2000
/** The most that a packed post takes. */
export const MOST_PACKED: usize = SIZE_END + LONGEST_TITLE

// Times at which there can be a post, as times.ts has them.
const FIRST_POST: i64 = 1117584000
const YEAR_2100: i64 = 4102444800

export function roles(): usize {
	return ROLES
}

let to: usize = 0
let seen: u32 = 0
/** Whether the post that was packed last is marked over 18: the host decides whether it is taken. */
export let isOver18: bool = false
let retrieved: i64 = 0
let titleBytes: usize = 0

/**
 * @param from where the first field is told
 * @returns where the packed post ends; 0 where the row is out of the ordinary
 */
export function packPost(from: usize, end: usize, into: usize): usize {
	to = into
	seen = 0
	isOver18 = false
	retrieved = 0
	memory.fill(to, SPACE, SIZE_END)
	writeNumber(0, SCORE_END)
	for (let at = from; at < end; at += FIELD_BYTES) {
		const role = <u32>load<u8>(ROLES + load<u32>(at))
		if (!takeField(role, load<u32>(at, 4), load<u32>(at, 8), load<u32>(at, 12))) return 0
	}
	if ((seen & NEEDED) != NEEDED) return 0
	if (retrieved != 0) writeNumber(retrieved, RETRIEVED_END)
	else store<u16>(to + RETRIEVED_END - 2, 0x312d)
	writeNumber(isOver18 ? 1 : 0, OVER_18_END)
	writeNumber(titleBytes, SIZE_END)
	return to + SIZE_END + titleBytes
}

/** @returns whether its value is an ordinary one */
function takeField(role: u32, kind: u32, from: usize, end: usize): bool {
	if (role <= LAST_SINGLE) {
		if (seen & (1 << role)) return false
		seen |= 1 << role
	}
	if (role == SPARE) return true
	if (role == SIGN || role == RETRIEVED_AGAIN) return kind == NULL || kind == FALSE
	if (role == OVER_18) {
		isOver18 = kind == TRUE
		return isOver18 || kind == FALSE
	}
	if (kind == NULL) return (NEEDED & (1 << role)) == 0
	if (role == TITLE) return takeTitle(kind, from, end)
	if (role == BODY) return kind == LONG || isNoNotice(kind, from, end)
	if (role == ID) return kind == ASCII && takeId(from, end)
	if (role == SUBREDDIT) return kind == ASCII && takeSubreddit(from, end)
	if (role == KIND) return kind == ASCII && end - from > 4
	if (role == INDEXABLE) return kind == TRUE
	if (role == SECOND_READING) return kind == JSON_TEXT && takeSecondReading(from)
	const number = kind == WHOLE_NUMBER ? <i64>from : kind == ASCII && from < end ? wholeNumber(from, end) : -1
	return number >= 0 && takeNumber(role, number)
}

function takeNumber(role: u32, number: i64): bool {
	if (role == SCORE) writeNumber(number, SCORE_END)
	else {
		if (number < FIRST_POST || number > YEAR_2100) return false
		if (role == CREATED) writeNumber(number, CREATED_END)
		else if (role == RETRIEVED) retrieved = max(retrieved, number)
		else return false
	}
	return true
}

function takeId(from: usize, end: usize): bool {
	if (from == end || end - from > LONGEST_ID) return false
	for (let at = from; at < end; at += 1) {
		const byte = load<u8>(at)
		if (byte - ZERO > 9 && byte - 97 > 25) return false
	}
	memory.copy(to, from, end - from)
	return true
}

/** Of letters, digits and underlines, and no profile: u_name. */
function takeSubreddit(from: usize, end: usize): bool {
	if (end - from < 2 || end - from > SUBREDDIT_END - ID_END) return false
	if ((load<u8>(from) | 32) == 117 && load<u8>(from, 1) == 95) return false
	for (let at = from; at < end; at += 1) {
		const byte = load<u8>(at)
		if (byte - ZERO > 9 && (byte | 32) - 97 > 25 && byte != 95) return false
	}
	memory.copy(to + ID_END, from, end - from)
	return true
}

function takeTitle(kind: u32, from: usize, end: usize): bool {
	if (end - from > LONGEST_TITLE || !isNoNotice(kind, from, end)) return false
	if (kind == JSON_TEXT) return unescapeTitle(from + 1, end - 1)
	titleBytes = end - from
	memory.copy(to + SIZE_END, from, titleBytes)
	return titleBytes > 0
}

/** What a backslash stands for where it is a quote, a backslash or a slash. */
function unescapeTitle(from: usize, end: usize): bool {
	let into = to + SIZE_END
	for (let at = from; at < end; at += 1) {
		let byte = load<u8>(at)
		if (byte == BACKSLASH) {
			at += 1
			byte = load<u8>(at)
			if (byte != QUOTE && byte != BACKSLASH && byte != 47) return false
		}
		store<u8>(into, byte)
		into += 1
	}
	titleBytes = into - to - SIZE_END
	return titleBytes > 0
}

/**
 * Whether a text can be seen by its first characters to be no notice such as `[ removed by Reddit ]`, which blanks may precede.
 * A title of nothing but blanks is none that can be kept: it has no first character that is looked at here.
 */
function isNoNotice(kind: u32, from: usize, end: usize): bool {
	let at = from
	if (kind == JSON_TEXT) {
		if (load<u8>(at) != QUOTE) return false
		at += 1
	} else if (kind != ASCII && kind != UTF8) return false
	else if (at == end) return true
	while (at < end && load<u8>(at) == SPACE) at += 1
	if (at == end) return false
	const first = load<u8>(at)
	if (first == 91) {
		const next = load<u8>(at, 1)
		return isPrinted(next) && (next | 32) != 100 && (next | 32) != 114
	}
	return isPrinted(first)
}

/** A character that is seen to be no blank and no backslash by its first byte. */
function isPrinted(byte: u8): bool {
	if (byte < 128) return byte > SPACE && byte < 127 && byte != BACKSLASH
	// Blanks of Unicode begin with these.
	return byte != 0xc2 && byte != 0xef && byte - 0xe1 > 2
}

/** What Arctic Shift found when it read the row again: an object of which only the time decides anything here. */
function takeSecondReading(from: usize): bool {
	if (load<u8>(from) != 123) return false
	let at = skipBlanks(from + 1)
	while (true) {
		if (load<u8>(at) != QUOTE) return false
		const key = at + 1
		at = passString(key)
		if (at == 0 || hasEscape) return false
		const field = findName(key, at - 1 - key)
		at = skipBlanks(at)
		if (load<u8>(at) != 58) return false
		at = skipBlanks(at + 1)
		const value = at
		const isWord = load<u8>(at) > 96
		at = isWord ? passWord(at) : passDigits(at)
		if (at == 0) return false
		if (field >= 0 && !takeSecondField(<u32>load<u8>(ROLES + (field >> 1)), isWord, value, at)) return false
		at = skipBlanks(at)
		const after = load<u8>(at)
		at = skipBlanks(at + 1)
		if (after != 44) return after == 125
	}
}

function takeSecondField(role: u32, isWord: bool, from: usize, end: usize): bool {
	const isNothing = isWord && load<u8>(from) != 116
	if (role == SIGN) return isNothing
	if (role != RETRIEVED_AGAIN) return false
	if (isNothing) return true
	return !isWord && takeNumber(RETRIEVED, wholeNumber(from, end))
}

function passDigits(from: usize): usize {
	let at = from
	while (load<u8>(at) - ZERO < 10) at += 1
	return at == from ? 0 : at
}

/** @param end behind the last digit, in a packed post */
function writeNumber(number: i64, end: usize): void {
	let rest = number
	let at = to + end
	do {
		at -= 1
		store<u8>(at, ZERO + <u8>(rest % 10))
		rest /= 10
	} while (rest > 0)
}
