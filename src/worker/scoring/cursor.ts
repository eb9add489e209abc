// Reads bytes forwards. A read past the end gives zeros and is remembered, so that who reads looks once, at the end of a part.

let at: usize = 0
let end: usize = 0
export let isCut: bool = false

export function setCursor(from: usize, length: usize): void {
	at = from
	end = from + length
	isCut = false
}

export function isAtEnd(): bool {
	return at == end && !isCut
}

export function has(bytes: u64): bool {
	return !isCut && bytes <= <u64>(end - at)
}

/** Where so many bytes begin; 0 where they are not there. */
export function take(bytes: u64): usize {
	if (!has(bytes)) {
		isCut = true
		return 0
	}
	at += <usize>bytes
	return at - <usize>bytes
}

// Below 1,024 lie no data of the module that these could give away: a cut file is refused whatever they say.
export function byte(): u32 {
	return load<u8>(take(1))
}

export function int32(): i32 {
	return load<i32>(take(4))
}

export function int64(): i64 {
	return load<i64>(take(8))
}

/** For loops over a hundred thousand things, which keep in a local where they are. */
export function position(): usize {
	return at
}

export function limit(): usize {
	return end
}

/** @param to not behind {@link limit} */
export function moveTo(to: usize): void {
	at = to
}

/** LEB128 of at most 28 bits. */
export function varint(): u32 {
	let value: u32 = 0
	for (let shift: u32 = 0; shift < 28; shift += 7) {
		const next = byte()
		value |= (next & 127) << shift
		if (next < 128) return value
	}
	isCut = true
	return value
}
