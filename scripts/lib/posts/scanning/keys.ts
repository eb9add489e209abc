// Remembers the keys of one row. The rows of a file have nearly the same keys in the same order, so most keys are recognised by
// comparing them with the one that came next in that row; and, where it is not wanted, its value with them, which is null or
// false in half of the fields.
import { findName } from './names'
import { hasEscape, passString, passWord, skipBlanks } from './values'

const COLON: u8 = 58
/** `[]`, `{}`, and what parts a value from the next key. */
const EMPTY_ARRAY: u16 = 0x5d5b
const EMPTY_OBJECT: u16 = 0x7d7b
const NEXT_KEY: u16 = 0x222c
/** The most bytes of a key, with the quote and the colon behind it. */
const KEY_BYTES: usize = 32
/** Of an entry: the key, and perhaps its value up to the quote of the next key. How long either is and the field follow. */
const KEY_LENGTH: usize = 48
const WHOLE_LENGTH: usize = 52
const FIELD: usize = 56
const ENTRY_BYTES: usize = 64
const MOST_KEYS: usize = 256
const KEYS = memory.data(16384)
/** How many entries are compared: a row may lack keys of the remembered one. */
const LOOK_AHEAD: usize = 3
/** Behind a row with more keys that were not recognised, the next row is remembered in place of the old one. */
const MOST_OTHERS: u32 = 4

/** Where the remembered keys end. */
let known: usize = KEYS
/** The one that should come next. */
let next: usize = KEYS
let others: u32 = MOST_OTHERS + 1
let isLearning: bool = false

/** Of the key that was passed last: as the host has numbered it; -1 where it is not wanted. */
export let field: i32 = -1

export function beginRow(): void {
	isLearning = others > MOST_OTHERS
	if (isLearning) known = KEYS
	next = KEYS
	others = 0
}

/** @param from behind the quote of a key @returns where the value of that key or of a later one begins; 0 where it is broken, or has an escape */
export function passKey(from: usize): usize {
	let key = from
	let entry = next
	let end = min(next + LOOK_AHEAD * ENTRY_BYTES, known)
	while (entry < end) {
		const whole = <usize>load<u32>(entry, WHOLE_LENGTH)
		const isWhole = whole != 0 && isSame(key, entry, whole)
		const length = <usize>load<u32>(entry, KEY_LENGTH)
		if (!isWhole && !isSame(key, entry, length)) {
			entry += ENTRY_BYTES
			continue
		}
		next = entry + ENTRY_BYTES
		if (!isWhole) {
			field = load<i32>(entry, FIELD)
			return skipBlanks(key + length)
		}
		key += whole
		entry = next
		end = min(next + LOOK_AHEAD * ENTRY_BYTES, known)
	}
	return passOtherKey(key)
}

/** @param length 48 at most */
function isSame(key: usize, entry: usize, length: usize): bool {
	const first = differing(key, entry)
	if (length <= 16) return first << (32 - <u32>length) == 0
	if ((first & 0xffff) != 0) return false
	const second = differing(key + 16, entry + 16)
	if (length <= 32) return second << (48 - <u32>length) == 0
	if ((second & 0xffff) != 0) return false
	return differing(key + 32, entry + 32) << (64 - <u32>length) == 0
}

/** One bit for each of 16 bytes that differs; the others are set. */
function differing(a: usize, b: usize): u32 {
	return ~<u32>i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b)))
}

function passOtherKey(key: usize): usize {
	const at = passString(key)
	if (at == 0 || hasEscape) return 0
	field = findName(key, at - 1 - key)
	if (!isLearning) others += 1
	const colon = skipBlanks(at)
	if (load<u8>(colon) != COLON) return 0
	if (isLearning && colon == at) learn(key, at + 1 - key)
	return skipBlanks(colon + 1)
}

function learn(key: usize, length: usize): void {
	if (length > KEY_BYTES || known == KEYS + MOST_KEYS * ENTRY_BYTES) return
	for (let at: usize = 0; at < KEY_LENGTH; at += 16) v128.store(known + at, v128.load(key + at))
	const end = field < 0 ? passConstant(key + length) : 0
	store<u32>(known, <u32>length, KEY_LENGTH)
	store<u32>(known, end == 0 ? 0 : <u32>(end - key), WHOLE_LENGTH)
	store<i32>(known, field, FIELD)
	known += ENTRY_BYTES
	// The rest of this row is not compared with itself.
	next = known
}

/** @returns behind the quote of the next key; 0 where the value is none that many rows have, or no key follows at once */
function passConstant(at: usize): usize {
	const two = load<u16>(at)
	const end = two == EMPTY_ARRAY || two == EMPTY_OBJECT ? at + 2 : passWord(at)
	return end != 0 && load<u16>(end) == NEXT_KEY ? end + 2 : 0
}
