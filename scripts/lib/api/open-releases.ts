// Releases whose models are loaded: the two that were asked last.

import type { ReleasesPlace } from '../release-files/elsewhere.ts'
import { BatchSuggester } from '../suggestions/batch-suggester.ts'

/** Production's and one more: each holds a model in memory. */
const KEPT = 2

interface ReleaseKey {
	readonly version: string
	readonly manifestSha256: string
}

export class OpenReleases {
	readonly #place: ReleasesPlace
	/** The one that was asked last comes last. */
	readonly #kept = new Map<string, BatchSuggester>()

	constructor(place: ReleasesPlace) {
		this.#place = place
	}

	/** One call at a time, and what it returns may be used until the next. @throws what opening it throws; the next tries again */
	async open({ version, manifestSha256 }: ReleaseKey): Promise<BatchSuggester> {
		const key = `${version} ${manifestSha256}`
		const opened = this.#kept.get(key) ?? (await BatchSuggester.open(this.#place, version))
		this.#kept.delete(key)
		this.#kept.set(key, opened)
		for (const [oldest, suggester] of this.#kept) {
			if (this.#kept.size <= KEPT) break
			this.#kept.delete(oldest)
			suggester.dispose()
		}
		return opened
	}
}
