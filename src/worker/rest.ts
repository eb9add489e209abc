// When nobody types: work that no title can interrupt waits for it. Worker.
import { wait } from './wait.ts'

/** Longer than between two keys of a word. */
const REST_MS = 300
/** Whoever types on and on gets it nevertheless. */
const MOST_MS = 5_000

export class Rest {
	#askedAt = Number.NEGATIVE_INFINITY

	/** To be called whenever a title is asked about. */
	end(): void {
		this.#askedAt = performance.now()
	}

	/** Once no title was asked about for a while; after a longer while in any case. */
	async begins(): Promise<void> {
		const latest = performance.now() + MOST_MS
		for (;;) {
			const left = Math.min(latest, this.#askedAt + REST_MS) - performance.now()
			if (left <= 0) return
			await wait(left)
		}
	}
}
