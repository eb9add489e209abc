// Reads bits backwards, as Zstandard writes them (RFC 8878, 4.1). Data has PADDING bytes before and after it, so that a
// reader may load four bytes anywhere, and may run past the begin of damaged data before it is checked.
import { AppError } from '../../../../src/shared/app-error.ts'

export const PADDING = 32

/** @param why for the message, after "is damaged" */
export function damaged(why: string): AppError {
	return new AppError('damaged', why)
}

/** `count` bits, at most 25, from a position in bits; positions count up from the first byte's lowest bit. */
export function peekBits(data: Uint8Array, position: number, count: number): number {
	const at = position >>> 3
	const word =
		(data[at] as number) |
		((data[at + 1] as number) << 8) |
		((data[at + 2] as number) << 16) |
		((data[at + 3] as number) << 24)
	return (word >>> (position & 7)) & ((1 << count) - 1)
}

/** The position above the first bit of a backward stream in [start, end): its last byte's highest 1 marks the end. */
export function startPosition(data: Uint8Array, start: number, end: number): number {
	const last = end > start ? (data[end - 1] as number) : 0
	if (last === 0) throw damaged('a bit stream has no end mark')
	return (end - 1) * 8 + highestBit(last)
}

/** The index of the highest 1 of a number above 0. */
export function highestBit(value: number): number {
	return 31 - Math.clz32(value)
}
