// Remembers the keys of one row. The rows of a file have nearly the same keys in the same order, so most keys are recognised by
// comparing them with the one that came next in that row.
import { findName } from './names'
import { hasEscape, passString, skipBlanks } from './values'

const COLON: u8 = 58
/** The most bytes of a key, with the quote and the colon behind it. Its length and its field follow. */
const KEY_BYTES: usize = 32
const ENTRY_BYTES: usize = 40
const MOST_KEYS: usize = 256
const KEYS = memory.data(10240)
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

/** @param key behind its quote @returns where its value begins; 0 where it is broken, or has an escape */
export function passKey(key: usize): usize {
	const end = min(next + LOOK_AHEAD * ENTRY_BYTES, known)
	for (let entry = next; entry < end; entry += ENTRY_BYTES) {
		const length = <usize>load<u32>(entry, KEY_BYTES)
		if (!isSame(key, entry, length)) continue
		next = entry + ENTRY_BYTES
		field = load<i32>(entry, KEY_BYTES + 4)
		return skipBlanks(key + length)
	}
	return passOtherKey(key)
}

function isSame(key: usize, entry: usize, length: usize): bool {
	const differs = ~<u32>i8x16.bitmask(i8x16.eq(v128.load(key), v128.load(entry)))
	if (length <= 16) return differs << (32 - <u32>length) == 0
	if ((differs & 0xffff) != 0) return false
	const rest = ~<u32>i8x16.bitmask(i8x16.eq(v128.load(key, 16), v128.load(entry, 16)))
	return rest << (48 - <u32>length) == 0
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
	v128.store(known, v128.load(key))
	v128.store(known, v128.load(key, 16), 16)
	store<u32>(known, <u32>length, KEY_BYTES)
	store<i32>(known, field, KEY_BYTES + 4)
	known += ENTRY_BYTES
	// The rest of this row is not compared with itself.
	next = known
}
