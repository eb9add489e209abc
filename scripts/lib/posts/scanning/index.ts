// Finds a few fields in lines of JSON and passes over the rest, up to 64 bytes at a time. AssemblyScript; scan-row.ts reads what it
// writes. Each line ends in LF, the last one too, so no line is read beyond it; up to 63 bytes behind it are loaded and not looked at.
import { ASCII, FALSE, FIELD_BYTES, JSON_TEXT, LONG, NULL, TRUE, UTF8, WHOLE_NUMBER } from './kinds'
import { beginRow, field, passKey } from './keys'
import { isOver18, MOST_PACKED, packPost } from './posts'
import {
	hasEscape,
	isAscii,
	passNested,
	passNumber,
	passString,
	passWord,
	skipBlanks,
	wholeNumber,
} from './values'

export { fieldNumbers, firstNames, names } from './names'
export { roles } from './posts'

const LINE_FEED: u8 = 10
const QUOTE: u8 = 34
const COMMA: u8 = 44
const ARRAY: u8 = 91
const OBJECT: u8 = 123
const OBJECT_END: u8 = 125

/** In place of the number of fields: a line that is left to JSON.parse. */
const LEFT: u32 = 0xffffffff
/** The same, of packed posts: how many they are, and where the last one ends. */
const PACKED: u32 = 0xfffffffe
/** The same, of posts that are marked over 18. */
const PACKED_OVER_18: u32 = 0xfffffffd
const HEADER_BYTES: usize = 12
/** What is written of one line. */
const MOST_BYTES: usize = 4096

let items: u32 = 0
let to: usize = 0
let limit: usize = 0
let longest: usize = 0
let packedTo: usize = 0
let packedLimit: usize = 0
/** The item of posts that were packed last; 0 where another line follows them. */
let packed: usize = 0

/** How many lines, and posts packed in a row, the last call of `scan` told of. */
export function itemCount(): u32 {
	return items
}

export function reserve(bytes: usize): usize {
	return heap.alloc(bytes)
}

/** Where the posts of the next calls of `scan` are packed; where there is no room, none are. */
export function packInto(from: usize, end: usize): void {
	packedTo = from
	packedLimit = end
}

/**
 * Writes of each line where it begins and ends and how many fields were found, and of each field its number, kind, beginning and
 * end. Of ordinary posts it writes how many follow each other and where they are packed.
 *
 * @param end where the last LF is
 * @param shortBytes the longest text of a short field, quotes included
 * @returns where to go on: behind `end`, or earlier where there is no more room
 */
export function scan(from: usize, end: usize, into: usize, intoEnd: usize, shortBytes: usize): usize {
	let at = from
	to = into
	items = 0
	packed = 0
	longest = shortBytes
	while (at <= end && intoEnd - to >= MOST_BYTES) {
		const header = to
		limit = header + MOST_BYTES
		to = header + HEADER_BYTES
		let lineEnd = readObject(at)
		let fields = <u32>((to - header - HEADER_BYTES) / FIELD_BYTES)
		if (lineEnd == 0) {
			lineEnd = findLineEnd(at)
			fields = LEFT
			to = header + HEADER_BYTES
		}
		if (fields == LEFT || !pack(header)) tellLine(header, at, lineEnd, fields)
		at = lineEnd + 1
	}
	return at
}

function tellLine(header: usize, at: usize, lineEnd: usize, fields: u32): void {
	store<u32>(header, <u32>at)
	store<u32>(header, <u32>lineEnd, 4)
	store<u32>(header, fields, 8)
	items += 1
	packed = 0
}

/** @param header behind it the fields of a row are told @returns whether its post is packed, and is told in their place */
function pack(header: usize): bool {
	if (packedLimit < packedTo + MOST_PACKED) return false
	const end = packPost(header + HEADER_BYTES, to, packedTo)
	if (end == 0) return false
	const kind = isOver18 ? PACKED_OVER_18 : PACKED
	if (packed == 0 || load<u32>(packed, 8) != kind) {
		packed = header
		to = header + HEADER_BYTES
		store<u32>(packed, 0)
		store<u32>(packed, kind, 8)
		items += 1
	} else to = header
	store<u32>(packed, load<u32>(packed) + 1)
	store<u32>(packed, <u32>end, 4)
	packedTo = end
	return true
}

function findLineEnd(from: usize): usize {
	let at = from
	while (load<u8>(at) != LINE_FEED) at += 1
	return at
}

/** @returns where the line ends; 0 where it is to be left to JSON.parse */
function readObject(from: usize): usize {
	let at = skipBlanks(from)
	if (load<u8>(at) != OBJECT) return 0
	at = skipBlanks(at + 1)
	beginRow()
	while (true) {
		if (load<u8>(at) != QUOTE) return 0
		at = passKey(at + 1)
		if (at == 0) return 0
		at = field < 0 ? passValue(at) : readValue(at, field)
		if (at == 0) return 0
		at = skipBlanks(at)
		const after = load<u8>(at)
		at = skipBlanks(at + 1)
		if (after == OBJECT_END) return load<u8>(at) == LINE_FEED ? at : 0
		if (after != COMMA) return 0
	}
}

function passValue(at: usize): usize {
	const first = load<u8>(at)
	if (first == QUOTE) return passString(at + 1)
	if (first == OBJECT || first == ARRAY) return passNested(at)
	const word = passWord(at)
	return word != 0 ? word : passNumber(at)
}

function readValue(at: usize, field: i32): usize {
	const first = load<u8>(at)
	const end = passValue(at)
	if (end == 0) return 0
	if (first == QUOTE) return tellText(field, at, end)
	if (first == 0x6e) return tell(field, NULL, at, end)
	if (first == 0x74) return tell(field, TRUE, at, end)
	if (first == 0x66) return tell(field, FALSE, at, end)
	const number = wholeNumber(at, end)
	return number < 0 ? tell(field, JSON_TEXT, at, end) : tell(field, WHOLE_NUMBER, <usize>number, end)
}

function tellText(field: i32, at: usize, end: usize): usize {
	if (field & 1 && end - at > longest) return tell(field, LONG, at, end)
	if (hasEscape) return tell(field, JSON_TEXT, at, end)
	return tell(field, isAscii ? ASCII : UTF8, at + 1, end - 1) == 0 ? 0 : end
}

/** @param field its number, twice, and one more where it is short */
function tell(field: i32, kind: u32, from: usize, end: usize): usize {
	if (to + FIELD_BYTES > limit) return 0
	store<u32>(to, <u32>(field >> 1))
	store<u32>(to, kind, 4)
	store<u32>(to, <u32>from, 8)
	store<u32>(to, <u32>end, 12)
	to += FIELD_BYTES
	return end
}
