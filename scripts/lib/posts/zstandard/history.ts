// What was decoded last: the window that later blocks copy from, as a ring in which each block stands in one piece.
import { AppError } from '../../../../src/shared/app-error.ts'
import { damaged } from './bits.ts'

/** The most that a block decodes to (RFC 8878, 3.1.1.2.4). */
export const MAX_BLOCK_BYTES = 128 << 10

const FIRST_BYTES = 1 << 20

// Below this length a loop is faster than a call.
const LONG_COPY = 48

export class History {
	#bytes = new Uint8Array(0)
	#window = 0
	/** Bytes before this block that may be copied, up to the window. */
	#known = 0
	/** Where the block under way begins, and where its next byte goes. */
	#start = 0
	#end = 0
	/** How far the ring was filled when its begin was written over. */
	#filled = 0

	/** Begins a frame. */
	reset(window: number): void {
		this.#window = window
		this.#known = 0
		this.#start = 0
		this.#end = 0
		this.#filled = 0
	}

	/** @throws AppError `out-of-memory` where a window of so many bytes can't be had */
	beginBlock(): void {
		if (this.#end + MAX_BLOCK_BYTES > this.#bytes.length && !this.#grow()) {
			this.#filled = this.#end
			this.#end = 0
		}
		this.#start = this.#end
	}

	// Frames of unknown length ask for large windows, and most are short: the whole ring comes with the second megabyte.
	#grow(): boolean {
		// One block is being written, and the room of one may be lost at the end of the ring.
		const whole = this.#window + 2 * MAX_BLOCK_BYTES
		if (this.#bytes.length >= whole || this.#filled > 0) return false
		const size = this.#bytes.length === 0 ? Math.min(whole, FIRST_BYTES) : whole
		try {
			const bytes = new Uint8Array(size)
			bytes.set(this.#bytes.subarray(0, this.#end))
			this.#bytes = bytes
		} catch (error) {
			throw new AppError('out-of-memory', `its window needs ${size} bytes of memory at once`, error)
		}
		return true
	}

	/** @returns the block's bytes; a copy, because the ring goes on */
	endBlock(): Uint8Array {
		const block = this.#bytes.slice(this.#start, this.#end)
		this.#known = Math.min(this.#window, this.#known + block.length)
		return block
	}

	/** Adds bytes [from, to) of `data`. */
	append(data: Uint8Array, from: number, to: number): void {
		const length = to - from
		this.#checkRoom(length)
		const bytes = this.#bytes
		const end = this.#end
		if (length > LONG_COPY) bytes.set(data.subarray(from, to), end)
		else
			for (let index = 0; index < length; index++) bytes[end + index] = data[from + index] as number
		this.#end = end + length
	}

	/** Adds one byte `count` times. */
	fill(byte: number, count: number): void {
		this.#checkRoom(count)
		this.#bytes.fill(byte, this.#end, this.#end + count)
		this.#end += count
	}

	/** Adds what stands `offset` bytes back; where it is longer than that, it repeats itself. */
	copy(offset: number, length: number): void {
		this.#checkRoom(length)
		const known = this.#known + this.#end - this.#start
		if (offset < 1 || offset > known || offset > this.#window)
			throw damaged('a copy reaches too far back')
		const from = this.#end - offset
		// It may begin in the round before this one, and go on at the begin of the ring.
		const wrapped = from < 0 ? Math.min(length, -from) : 0
		if (wrapped === 0) {
			this.#copyFrom(from, length)
			return
		}
		this.#copyFrom(from + this.#filled, wrapped)
		this.#copyFrom(0, length - wrapped)
	}

	#copyFrom(from: number, length: number): void {
		const bytes = this.#bytes
		const end = this.#end
		if (length > LONG_COPY && Math.abs(end - from) >= length)
			bytes.copyWithin(end, from, from + length)
		else
			for (let index = 0; index < length; index++)
				bytes[end + index] = bytes[from + index] as number
		this.#end = end + length
	}

	#checkRoom(length: number): void {
		if (this.#end + length > this.#start + MAX_BLOCK_BYTES) throw damaged('a block is too large')
	}
}
