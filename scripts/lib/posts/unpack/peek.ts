// Looks at the beginning of a stream without taking it away.

export interface Peeked {
	/** What was looked at: to the end of a shorter stream, or to where it failed. */
	readonly head: Uint8Array
	/** The whole stream. An error comes where it was met, behind the bytes before it. */
	readonly bytes: AsyncGenerator<Uint8Array, void, void>
}

export async function peek(
	chunks: AsyncIterable<Uint8Array>,
	isEnough: (head: Uint8Array) => boolean,
): Promise<Peeked> {
	const iterator = chunks[Symbol.asyncIterator]()
	let head: Uint8Array = new Uint8Array(0)
	let end: { readonly error: unknown } | 'done' | null = null
	while (end === null && !isEnough(head)) {
		try {
			const next = await iterator.next()
			if (next.done) end = 'done'
			// A copy, as the next chunk may come in the same bytes.
			else head = Buffer.concat([head, next.value])
		} catch (error) {
			end = { error }
		}
	}
	async function* replay(): AsyncGenerator<Uint8Array, void, void> {
		try {
			yield new Uint8Array(0)
			if (head.length > 0) yield head
			if (end !== null && end !== 'done') throw end.error
			while (end === null) {
				const next = await iterator.next()
				if (next.done) return
				yield next.value
			}
		} finally {
			await iterator.return?.()
		}
	}
	const bytes = replay()
	// Begun, so that it closes the stream where it is closed itself before anybody reads it.
	await bytes.next()
	return { head, bytes }
}
