// The names of the fields that are wanted, by their length. Written by the host before the first line.

/** So many bytes are there for a name, with zeros behind it. */
const NAME_BYTES: usize = 32

/** Of up to 128 names. */
const NAMES = memory.data(4096)
/** What `findName` returns for each of them. */
const NUMBERS = memory.data(128)
/** Of each length from 0 to 33, the first name that is as long or longer. */
const FIRST = memory.data(34)

export function names(): usize {
	return NAMES
}

export function fieldNumbers(): usize {
	return NUMBERS
}

export function firstNames(): usize {
	return FIRST
}

/** @returns the field, as the host has numbered it; -1 for a name that is not wanted */
export function findName(key: usize, length: usize): i32 {
	if (length > NAME_BYTES) return -1
	const last = load<u8>(FIRST + length, 1)
	let place = load<u8>(FIRST + length)
	if (place == last) return -1
	const head = v128.load(key)
	const wanted = length < 16 ? (1 << <i32>length) - 1 : 0xffff
	for (; place < last; place += 1) {
		const name = NAMES + <usize>place * NAME_BYTES
		if ((i8x16.bitmask(i8x16.eq(head, v128.load(name))) & wanted) != wanted) continue
		if (length <= 16 || hasTail(key, name, length)) return load<u8>(NUMBERS + place)
	}
	return -1
}

function hasTail(key: usize, name: usize, length: usize): bool {
	for (let at: usize = 16; at < length; at += 1)
		if (load<u8>(key + at) != load<u8>(name + at)) return false
	return true
}
