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
			i8x16.le_u(bytes, i8x16.splat(SPACE - 1)),
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

/** How many brackets are open. */
let depth = 0

/** From the bracket that opens an object or array to behind the one that closes it. */
export function passNested(from: usize): usize {
	if ((load<u8>(from, 1) | CASE) == CLOSED) return from + 2
	let at = from + 1
	let isWithin: u64 = 0
	depth = 1
	while (true) {
		// One bit for each of 64 bytes.
		let quotes: u64 = 0
		let opened: u64 = 0
		let closed: u64 = 0
		let odd = i8x16.splat(0)
		for (let part: usize = 0; part < 64; part += 16) {
			const bytes = v128.load(at + part)
			const folded = v128.or(bytes, i8x16.splat(CASE))
			quotes |= bitsOf(i8x16.eq(bytes, i8x16.splat(QUOTE))) << part
			opened |= bitsOf(i8x16.eq(folded, i8x16.splat(OPENED))) << part
			closed |= bitsOf(i8x16.eq(folded, i8x16.splat(CLOSED))) << part
			const isControl = i8x16.le_u(bytes, i8x16.splat(SPACE - 1))
			odd = v128.or(odd, v128.or(isControl, i8x16.eq(bytes, i8x16.splat(BACKSLASH))))
		}
		if (v128.any_true(odd)) {
			at = walkNested(at, at + 64, isWithin != 0)
			if (at == 0 || depth == 0) return at
			isWithin = 0
			continue
		}
		const within = parity(quotes) ^ isWithin
		opened &= ~within
		closed &= ~within
		if (popcnt(closed) >= <u64>depth) {
			const end = findClosing(opened, closed)
			if (end != 0) return at + end
		} else depth += <i32>(popcnt(opened) - popcnt(closed))
		isWithin = <u64>(<i64>within >> 63)
		at += 64
	}
}

function bitsOf(found: v128): u64 {
	return <u64>i8x16.bitmask(found)
}

/** For each bit, whether the number of bits up to it is odd: of quotes, this marks what is within strings. */
function parity(bits: u64): u64 {
	let odd = bits ^ (bits << 1)
	odd ^= odd << 2
	odd ^= odd << 4
	odd ^= odd << 8
	odd ^= odd << 16
	return odd ^ (odd << 32)
}

/** @returns behind the bit of the bracket that closes the last open one; 0 where there is none */
function findClosing(opened: u64, closed: u64): usize {
	for (let brackets = opened | closed; brackets != 0; brackets &= brackets - 1) {
		const place = ctz(brackets)
		if ((opened >> place) & 1) depth += 1
		else {
			depth -= 1
			if (depth == 0) return <usize>place + 1
		}
	}
	return 0
}

/** Passes bracket by bracket and string by string, until `until` or until none is open: for text with backslashes or line ends. */
function walkNested(from: usize, until: usize, isWithin: bool): usize {
	let at = isWithin ? passString(from) : from
	while (at != 0 && at < until) {
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
		at += 1
		if (byte == QUOTE) at = passString(at)
		else if ((byte | CASE) == OPENED) depth += 1
		else {
			depth -= 1
			if (depth == 0) return at
		}
	}
	return at
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
