// Writes the file of a table of evidence, never behind its end.

/** The place of the next byte, and where the table ends. */
export let to: usize = 0
let start: usize = 0
export let stop: usize = 0
/** Behind the table stand its length and its magic number: so a number of four bytes may be written where one has room. */
const FOOTER_MAGIC: u32 = 0x56455357
export const FOOTER_BYTES: u64 = 8

export function startTableFile(at: usize, length: usize): void {
	start = at
	to = at
	stop = at + length
}

/** Bytes for which there is room. */
export function roomLeft(): u64 {
	return <u64>(stop - to)
}

export function skip(bytes: usize): void {
	to += bytes
}

export function putInt(value: u32): void {
	store<u32>(to, value)
	to += 4
}

/** LEB128. @returns whether there is room for it */
export function putNumber(value: u32): bool {
	let rest = value
	for (; rest >= 128 && to < stop; rest >>= 7) store<u8>(to++, <u8>(rest | 128))
	if (to >= stop) return false
	store<u8>(to++, <u8>rest)
	return true
}

export function setPlace(at: usize): void {
	to = at
}

/** Writes what stands behind the table, once this is whole. */
export function putFooter(): void {
	store<u32>(stop, <u32>(stop - start))
	store<u32>(stop, FOOTER_MAGIC, 4)
}
