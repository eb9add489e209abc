// A stream of bytes that can be read by count, by chunk, looked at beforehand, and put back.

export class ByteSource {
	readonly #chunks: AsyncIterator<Uint8Array>
	#held: Uint8Array = new Uint8Array(0)
	/** Met while looking ahead: it comes behind what is held. */
	#failure: { readonly error: unknown } | null = null

	constructor(chunks: AsyncIterable<Uint8Array>) {
		this.#chunks = chunks[Symbol.asyncIterator]()
	}

	/** The next bytes, however many there are; null at the end. */
	async readChunk(): Promise<Uint8Array | null> {
		while (this.#held.length === 0) {
			if (this.#failure) throw this.#failure.error
			const next = await this.#chunks.next()
			if (next.done) return null
			this.#held = next.value
		}
		const chunk = this.#held
		this.#held = new Uint8Array(0)
		return chunk
	}

	/** @returns what comes next: to the end of a shorter stream, or to where it fails */
	async peek(isEnough: (head: Uint8Array) => boolean): Promise<Uint8Array> {
		let head: Uint8Array = new Uint8Array(0)
		try {
			while (!isEnough(head)) {
				const chunk = await this.readChunk()
				if (chunk === null) break
				// A copy, as the next chunk may come in the same bytes.
				head = Buffer.concat([head, chunk])
			}
		} catch (error) {
			this.#failure = { error }
		}
		this.putBack(head)
		return head
	}

	/** So many bytes, or fewer at the end. */
	async read(count: number): Promise<Uint8Array> {
		let bytes: Uint8Array = new Uint8Array(0)
		while (bytes.length < count) {
			const chunk = await this.readChunk()
			if (chunk === null) break
			const taken = chunk.subarray(0, count - bytes.length)
			// A copy, as the next chunk may come in the same bytes.
			bytes = Buffer.concat([bytes, taken])
			this.putBack(chunk.subarray(taken.length))
		}
		return bytes
	}

	/** Gives back bytes that were read last: they are read next. */
	putBack(bytes: Uint8Array): void {
		this.#held = this.#held.length === 0 ? bytes : Buffer.concat([bytes, this.#held])
	}

	/** The rest of the stream. */
	async *rest(): AsyncGenerator<Uint8Array> {
		try {
			for (;;) {
				const chunk = await this.readChunk()
				if (chunk === null) return
				yield chunk
			}
		} finally {
			await this.close()
		}
	}

	/** Closes the stream. */
	async close(): Promise<void> {
		await this.#chunks.return?.()
	}
}
