// Has the worker load what a release has beside its model: what it says of its subreddits, and the index of those that it has
// not learnt, whose names are kept here.
import type { WorkerConnection } from './worker-connection.ts'

/** For a small download: its own time limits end it sooner. */
const SILENCE_MS = 60_000
/** An index that could not be loaded is tried again after this. */
const RETRY_MS = 60_000

export class UnseenLoader {
	/** None before they are loaded, or where the release has no index. */
	names: readonly string[] = []
	readonly #onLoaded: () => void
	#connection: WorkerConnection | null = null
	#retryAt = 0

	/** @param onLoaded called where answers have more now */
	constructor(onLoaded: () => void) {
		this.#onLoaded = onLoaded
	}

	/**
	 * To be called after each answer, which nothing shall hold up: loads once for each worker. What fails is tried again at an
	 * answer after a while, and said nowhere: all that is missing was never promised.
	 */
	async load(connection: WorkerConnection): Promise<void> {
		if (this.#connection === connection && performance.now() < this.#retryAt) return
		this.#connection = connection
		this.#retryAt = performance.now() + RETRY_MS
		this.names = []
		// Asked for first, as they stand beside the five suggestions.
		const call = { silenceMs: SILENCE_MS }
		const hasFacts = await connection.call('facts', null, call).catch(() => null)
		if (this.#connection !== connection) return
		if (hasFacts) this.#onLoaded()
		try {
			const names = await connection.call('unseen', null, call)
			if (this.#connection !== connection) return
			if (hasFacts !== null) this.#retryAt = Number.POSITIVE_INFINITY
			this.names = names
			if (names.length > 0) this.#onLoaded()
		} catch {}
	}
}
