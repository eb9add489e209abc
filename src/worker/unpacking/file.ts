// Writes the unpacked file, part by part, and never behind its end.
import { allocate } from '../../model/kernels/memory'

let length: usize = 0
let start: usize = 0
/** The place of the next byte. */
export let place: usize = 0

export function startFile(bytes: usize): usize {
	length = bytes
	start = allocate(<u64>bytes)
	place = start
	return start
}

/** Keeps the last bytes for what stands there. @returns their place, or 0 where there are not so many */
export function keepBehind(bytes: u64): usize {
	if (bytes > <u64>length) return 0
	length -= <usize>bytes
	return start + length
}

/** Bytes of the file, without those that are kept. */
export function fileLength(): usize {
	return length
}

/** Whether the file has room for so many bytes more. */
export function hasRoom(bytes: u64): bool {
	return <u64>(place - start) + bytes <= <u64>length
}

export function isFull(): bool {
	return place == start + length
}

export function skip(bytes: usize): void {
	place += bytes
}

export function putByte(value: u32): void {
	store<u8>(place, <u8>value)
	place += 1
}

export function putInt(value: u32): void {
	store<u32>(place, value)
	place += 4
}

export function putLong(value: u64): void {
	store<u64>(place, value)
	place += 8
}

export function putBytes(from: usize, count: usize): void {
	memory.copy(place, from, count)
	place += count
}
