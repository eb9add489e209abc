// Passes over values. Each function returns where the value ends, or 0 where it is broken.

const TAB: u8 = 9
const LINE_FEED: u8 = 10
const CARRIAGE_RETURN: u8 = 13
const SPACE: u8 = 32
const QUOTE: u8 = 34
const BACKSLASH: u8 = 92
/** What brackets and braces become with the bit that parts upper case from lower case. */
const CASE: u8 = 32
const OPENED: u8 = 123
const CLOSED: u8 = 125

/** Of the string that was passed last. */
export let hasEscape: bool = false
export let isAscii: bool = true

export function skipBlanks(from: usize): usize {
	let at = from
	while (true) {
		const byte = load<u8>(at)
		if (byte > SPACE) return at
		if (byte != SPACE && byte != TAB && byte != CARRIAGE_RETURN) return at
		at += 1
	}
}

/** @param from behind the quote @returns where the string's last quote is behind */
export function passString(from: usize): usize {
	let at = from
	let high = 0
	hasEscape = false
	while (true) {
		const bytes = v128.load(at)
		const special = v128.or(
			v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH))),
			i8x16.lt_u(bytes, i8x16.splat(SPACE)),
		)
		const found = i8x16.bitmask(special)
		const beyondAscii = i8x16.bitmask(bytes)
		if (found == 0) {
			high |= beyondAscii
			at += 16
			continue
		}
		const place = ctz(found)
		high |= beyondAscii & ((1 << place) - 1)
		at += place
		const byte = load<u8>(at)
		if (byte == QUOTE) {
			isAscii = high == 0
			return at + 1
		}
		if (byte != BACKSLASH || load<u8>(at, 1) < SPACE) return 0
		hasEscape = true
		at += 2
	}
}

/** From the bracket that opens an object or array to behind the one that closes it. */
export function passNested(from: usize): usize {
	let at = from
	let depth = 0
	while (true) {
		const bytes = v128.load(at)
		const folded = v128.or(bytes, i8x16.splat(CASE))
		const brackets = v128.or(
			i8x16.eq(folded, i8x16.splat(OPENED)),
			i8x16.eq(folded, i8x16.splat(CLOSED)),
		)
		const ends = v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(LINE_FEED)))
		const found = i8x16.bitmask(v128.or(brackets, ends))
		if (found == 0) {
			at += 16
			continue
		}
		at += ctz(found)
		const byte = load<u8>(at)
		if (byte == LINE_FEED) return 0
		if (byte == QUOTE) {
			at = passString(at + 1)
			if (at == 0) return 0
			continue
		}
		at += 1
		if ((byte | CASE) == OPENED) depth += 1
		else {
			depth -= 1
			if (depth == 0) return at
		}
	}
}

/** `null`, `true` or `false`. */
export function passWord(at: usize): usize {
	const word = load<u32>(at)
	if (word == 0x6c6c756e || word == 0x65757274) return at + 4
	return word == 0x736c6166 && load<u8>(at, 4) == 0x65 ? at + 5 : 0
}

/** Of its characters only: what is read is parsed, too. */
export function passNumber(from: usize): usize {
	let at = from
	while (isInNumber(load<u8>(at))) at += 1
	return at == from ? 0 : at
}

function isInNumber(byte: u8): bool {
	// Digits; and - + . e E
	return byte - 48 < 10 || byte == 45 || byte == 43 || byte == 46 || (byte | CASE) == 101
}

/** From its digits; -1 where it has more than 32 bits or is written in another way. */
export function wholeNumber(from: usize, end: usize): i64 {
	if (end - from > 10 || (end - from > 1 && load<u8>(from) == 48)) return -1
	let number: i64 = 0
	for (let at = from; at < end; at += 1) {
		const digit = load<u8>(at) - 48
		if (digit > 9) return -1
		number = number * 10 + digit
	}
	return number > 0xffffffff ? -1 : number
}
