// Releases whose models are loaded: the two that were asked last, and those that are being asked.
import type { Suggester } from '../../../src/model/suggest.ts'
import { openSuggester } from '../models/suggester.ts'

/** Production's and one more: each holds a model in memory. */
const KEPT = 2

type Opened = Awaited<ReturnType<typeof openSuggester>>

interface Held {
	readonly opened: Promise<Opened>
	users: number
}

interface ReleaseKey {
	readonly version: string
	readonly manifestSha256: string
}

export class OpenReleases {
	readonly #modelsDir: string
	/** The one that was asked last comes last. */
	readonly #held = new Map<string, Held>()

	constructor(modelsDir: string) {
		this.#modelsDir = modelsDir
	}

	/** The release stays open until `work` is done. @throws what opening it throws; the next use tries again */
	async use<Result>(
		{ version, manifestSha256 }: ReleaseKey,
		work: (suggester: Suggester) => Promise<Result>,
	): Promise<Result> {
		const key = `${version} ${manifestSha256}`
		const held = this.#held.get(key) ?? {
			opened: openSuggester(this.#modelsDir, version),
			users: 0,
		}
		this.#held.delete(key)
		this.#held.set(key, held)
		held.users += 1
		try {
			const { suggester } = await held.opened.catch((error: unknown) => {
				if (this.#held.get(key) === held) this.#held.delete(key)
				throw error
			})
			return await work(suggester)
		} finally {
			held.users -= 1
			await this.#closeIdle()
		}
	}

	async #closeIdle(): Promise<void> {
		const idle = [...this.#held].filter(([, { users }]) => users === 0)
		const closing = idle.slice(0, Math.max(0, this.#held.size - KEPT))
		for (const [key] of closing) this.#held.delete(key)
		for (const [, { opened }] of closing) (await opened).engine.dispose()
	}
}
