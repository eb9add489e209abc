// Room in the memory that the trainer's workers share: first fit, neighbours joined again when freed.
import { totalmem } from 'node:os'
import { AppError } from '../../../src/shared/app-error.ts'
import { formatBytes } from '../progress.ts'

const PAGE = 65_536
const ALIGNMENT = 64
/** What a WebAssembly memory with 32-bit addresses can hold. */
const MAX_MEMORY_BYTES = 65_535 * PAGE

interface Span {
	start: number
	bytes: number
}

/** Hands out pieces of a shared WebAssembly memory, which grows as needed. */
export class Arena {
	readonly memory: WebAssembly.Memory
	/** Free pieces, in order of their addresses. */
	#free: Span[] = []
	readonly #taken = new Map<number, number>()
	/** Nothing from here on was ever handed out. */
	#used: number

	/** @param reserved bytes at the start that the module itself uses */
	constructor(memory: WebAssembly.Memory, reserved: number) {
		this.memory = memory
		this.#used = reserved
		const bytes = memory.buffer.byteLength - reserved
		if (bytes > 0) this.#free.push({ start: reserved, bytes })
	}

	/** Bytes that the memory has grown to. */
	get size(): number {
		return this.memory.buffer.byteLength
	}

	/**
	 * @param what names the purpose where memory runs out
	 * @returns the address of `bytes` zeroed bytes
	 * @throws AppError `out-of-memory`
	 */
	take(bytes: number, what: string): number {
		const wanted = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT)
		const span = this.#free.find((piece) => piece.bytes >= wanted) ?? this.#grow(wanted, what)
		const { start } = span
		span.start += wanted
		span.bytes -= wanted
		if (span.bytes === 0) this.#free = this.#free.filter((piece) => piece !== span)
		this.#taken.set(start, wanted)
		// Memory that nobody had before is zeroed, and its pages come when they are first written: by the workers, side by side.
		const used = Math.min(start + wanted, this.#used)
		if (used > start) new Uint8Array(this.memory.buffer, start, used - start).fill(0)
		this.#used = Math.max(this.#used, start + wanted)
		return start
	}

	/** Gives back what is behind the first `bytes` of a piece. */
	shrink(start: number, bytes: number): void {
		const taken = this.#taken.get(start) ?? 0
		const kept = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT)
		if (kept >= taken) return
		this.#taken.set(start, kept)
		this.#release({ start: start + kept, bytes: taken - kept })
	}

	free(...starts: readonly number[]): void {
		for (const start of starts) {
			const bytes = this.#taken.get(start)
			if (bytes === undefined) continue
			this.#taken.delete(start)
			this.#release({ start, bytes })
		}
	}

	#release(span: Span): void {
		const spans = [...this.#free, span].sort((a, b) => a.start - b.start)
		this.#free = []
		for (const piece of spans) {
			const last = this.#free.at(-1)
			if (last && last.start + last.bytes === piece.start) last.bytes += piece.bytes
			else this.#free.push({ ...piece })
		}
	}

	#grow(wanted: number, what: string): Span {
		const last = this.#free.at(-1)
		const end = this.size
		const tail = last && last.start + last.bytes === end ? last.bytes : 0
		const pages = Math.ceil((wanted - tail) / PAGE)
		if (end + pages * PAGE > availableBytes()) throw outOfMemory(what, end + pages * PAGE)
		try {
			this.memory.grow(pages)
		} catch (cause) {
			throw outOfMemory(what, end + pages * PAGE, cause)
		}
		this.#release({ start: end, bytes: this.size - end })
		const span = this.#free.at(-1)
		if (!span) throw new Error('a grown memory has no free end')
		return span
	}
}

/** A machine that swaps trains so slowly that it is better not to start. */
function availableBytes(): number {
	const constrained = process.constrainedMemory?.() ?? 0
	// Without a limit it is 0, or more than any machine has.
	const machine = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
	return Math.min(MAX_MEMORY_BYTES, machine)
}

function outOfMemory(what: string, bytes: number, cause?: unknown): AppError {
	return new AppError(
		'out-of-memory',
		`${what}: training would need ${formatBytes(bytes)} of memory and can have ${formatBytes(availableBytes())} at most; lower --dim, raise --min-count, or make a snapshot of fewer posts (snapshot --max-posts, of each subreddit)`,
		cause,
	)
}
