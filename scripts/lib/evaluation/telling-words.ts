// Which word of a title tells most about its subreddit: titles of that word alone show what one word decides. Pure.
import { isWord } from '../../../src/model/normalize.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'

/** Frequent words are drawn from so many. */
const FREQUENT_WORDS = 100

interface Word {
	titles: number
	/** How many of them are of each subreddit. */
	readonly bySubreddit: Map<string, number>
}

/**
 * The information gain of words, measured on labelled titles: by how many bits one knows a title's subreddit better once one knows
 * whether the title has the word.
 *
 * Source: Yang & Pedersen 1997, "A comparative study on feature selection in text categorization", 2.2.
 */
export class TellingWords {
	readonly #words = new Map<string, Word>()
	readonly #subreddits = new Map<string, number>()
	readonly #gains = new Map<string, number>()
	#titles = 0

	/** @param titles normalised; others than those that words are then looked up for, or the choice knows the answers */
	constructor(titles: Iterable<LabelledTitle>) {
		for (const { subreddit, text } of titles) {
			this.#titles += 1
			increment(this.#subreddits, subreddit)
			for (const token of new Set(text.split(' '))) {
				if (!isWord(token)) continue
				const word = this.#words.get(token) ?? { titles: 0, bySubreddit: new Map() }
				word.titles += 1
				increment(word.bySubreddit, subreddit)
				this.#words.set(token, word)
			}
		}
	}

	/** In bits; 0 for a word that no title had. */
	gainOf(word: string): number {
		const known = this.#gains.get(word)
		if (known !== undefined) return known
		const counted = this.#words.get(word)
		const gain = counted ? this.#measure(counted) : 0
		this.#gains.set(word, gain)
		return gain
	}

	/** The word of a title with the largest gain, the first of equal ones; null where no other title had any of its words. */
	mostTelling(text: string): string | null {
		let best: string | null = null
		for (const token of text.split(' '))
			if (this.gainOf(token) > (best === null ? 0 : this.gainOf(best))) best = token
		return best
	}

	/** The words of most titles, most frequent first. */
	frequent(): string[] {
		const byTitles = [...this.#words].sort(([, a], [, b]) => b.titles - a.titles)
		return byTitles.slice(0, FREQUENT_WORDS).map(([word]) => word)
	}

	// Σ n log n over the subreddits, for titles with the word, without it, and all: the entropies, times their titles.
	#measure({ titles, bySubreddit }: Word): number {
		let withWord = 0
		let all = 0
		let without = 0
		for (const [subreddit, count] of bySubreddit) {
			const total = this.#subreddits.get(subreddit) ?? 0
			withWord += nLogN(count)
			all += nLogN(total)
			without += nLogN(total - count)
		}
		// Subreddits without the word have as many titles without it as in all: they add nothing.
		const rest = this.#titles - titles
		const bits = nLogN(this.#titles) - nLogN(titles) - nLogN(rest) + withWord + without - all
		return Math.max(0, bits / this.#titles)
	}
}

/** A word at a random place among some frequent ones, none of which it is. */
export function hideAmong(
	word: string,
	frequent: readonly string[],
	count: number,
	random: () => number,
): string {
	const others = frequent.filter((other) => other !== word)
	const drawn: string[] = []
	while (drawn.length < count && others.length > 0)
		drawn.push(...others.splice(Math.floor(random() * others.length), 1))
	drawn.splice(Math.floor(random() * (drawn.length + 1)), 0, word)
	return drawn.join(' ')
}

function nLogN(count: number): number {
	return count === 0 ? 0 : count * Math.log2(count)
}

function increment(counts: Map<string, number>, key: string): void {
	counts.set(key, (counts.get(key) ?? 0) + 1)
}
