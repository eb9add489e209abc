// Takes bytes from a stream in the pieces that a format asks for.
import { damaged } from './bits.ts'

export class ByteReader {
	readonly #chunks: AsyncIterator<Uint8Array>
	#chunk: Uint8Array = new Uint8Array(0)
	#at = 0

	constructor(chunks: AsyncIterable<Uint8Array>) {
		this.#chunks = chunks[Symbol.asyncIterator]()
	}

	async isAtEnd(): Promise<boolean> {
		while (this.#at === this.#chunk.length) if (!(await this.#next())) return true
		return false
	}

	/**
	 * The next `count` bytes; good until the next call.
	 *
	 * @throws AppError `damaged` where fewer are left
	 */
	async read(count: number): Promise<Uint8Array> {
		const from = this.#at
		if (from + count <= this.#chunk.length) {
			this.#at += count
			return this.#chunk.subarray(from, this.#at)
		}
		const bytes = new Uint8Array(count)
		for (let filled = 0; filled < count; ) {
			if (await this.isAtEnd()) throw damaged('it is cut off')
			const piece = this.#chunk.subarray(this.#at, this.#at + count - filled)
			bytes.set(piece, filled)
			filled += piece.length
			this.#at += piece.length
		}
		return bytes
	}

	/** @throws AppError `damaged` where fewer are left */
	async skip(count: number): Promise<void> {
		for (let left = count; left > 0; ) {
			if (await this.isAtEnd()) throw damaged('it is cut off')
			const taken = Math.min(left, this.#chunk.length - this.#at)
			this.#at += taken
			left -= taken
		}
	}

	async #next(): Promise<boolean> {
		const { done, value } = await this.#chunks.next()
		if (done) return false
		this.#chunk = value
		this.#at = 0
		return true
	}
}
