// The share of words that a model does not know. Pure.
import type { Knowledge } from '../../../src/model/engine.ts'
import type { Estimate } from '../../../src/shared/report-parts.ts'
import { wilson, Z95 } from '../../../src/shared/statistics.ts'

export interface Words {
	readonly known: number
	readonly unknown: number
	/** Unknown ones of all. */
	readonly unknownShare: Estimate
}

/**
 * Adds up the words of titles.
 *
 * Words come in titles: one in a foreign language has many that are unknown, and each title is one draw. So the interval is
 * that of a ratio of two sums over titles (Cochran 1977, "Sampling Techniques", 6.4), and never narrower than that of as many
 * words drawn one by one.
 */
export class WordTally {
	#titles = 0
	#words = 0
	#unknown = 0
	#wordsSquared = 0
	#unknownSquared = 0
	#product = 0

	add({ words, knownWords }: Knowledge): void {
		const unknown = words - knownWords
		this.#titles += 1
		this.#words += words
		this.#unknown += unknown
		this.#wordsSquared += words * words
		this.#unknownSquared += unknown * unknown
		this.#product += words * unknown
	}

	finish(): Words {
		const known = this.#words - this.#unknown
		return { known, unknown: this.#unknown, unknownShare: this.#share() }
	}

	#share(): Estimate {
		// No word says nothing about words.
		if (this.#words === 0) return { value: 0, low: 0, high: 1 }
		const { value, low, high } = wilson(this.#unknown, this.#words)
		if (this.#titles < 2) return { value, low: 0, high: 1 }
		const residuals =
			this.#unknownSquared - 2 * value * this.#product + value ** 2 * this.#wordsSquared
		const variance = (Math.max(0, residuals) * this.#titles) / (this.#titles - 1) / this.#words ** 2
		const half = Z95 * Math.sqrt(variance)
		return {
			value,
			low: Math.max(0, Math.min(low, value - half)),
			high: Math.min(1, Math.max(high, value + half)),
		}
	}
}
