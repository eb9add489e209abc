// Which word of a title tells most about its subreddit: titles of that word alone show what one word decides. Pure.
import { isWord } from '../../src/model/normalize.ts'
import type { LabelledTitle } from '../../src/model/training-text.ts'

/** Frequent words are drawn from so many. */
const FREQUENT_WORDS = 100

/** So many titles of the usual subreddits are added to those of each word: a word of one title seems to tell everything. */
const USUAL_TITLES = 20

interface Word {
	titles: number
	/** How many of them are of each subreddit. */
	readonly bySubreddit: Map<string, number>
}

/**
 * How much one learns about a title's subreddit by seeing that it has a word, measured on labelled titles: the divergence of the
 * subreddits of titles with the word from those of all titles, in bits. The mean of it over all words would rank "the" high, which
 * tells little but stands everywhere.
 *
 * Source: Kullback & Leibler 1951, "On information and sufficiency"; for one outcome of several: DeWeese & Meister 1999, "How to
 * measure the information gained from one symbol", the specific surprise.
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

	#measure({ titles, bySubreddit }: Word): number {
		const usual = USUAL_TITLES / (titles + USUAL_TITLES)
		let bits = 0
		let withWord = 0
		for (const [subreddit, count] of bySubreddit) {
			const share = (this.#subreddits.get(subreddit) ?? 0) / this.#titles
			const seen = count / (titles + USUAL_TITLES) + usual * share
			bits += seen * Math.log2(seen / share)
			withWord += share
		}
		// Each of the other subreddits has the same factor less than usual.
		return Math.max(0, bits + usual * (1 - withWord) * Math.log2(usual))
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

function increment(counts: Map<string, number>, key: string): void {
	counts.set(key, (counts.get(key) ?? 0) + 1)
}
