// Splits a subreddit's name into words, as in `irishsoftwaredevs`, by how often words stand in titles. Pure.

/** In how many titles each word stands. */
export type WordCounts = ReadonlyMap<string, number>

const MAX_WORD = 24
const MIN_WORD_TITLES = 3
/** Two letters are a word only where they are a very frequent one; one letter where it is "a" or "i". */
const MIN_PAIR_TITLES = 2_000
/** In nats: a cut where the capitals show none, a capital inside a word, a number, each letter of an unknown word. */
const COST_OF_CUT = 2
const COST_OF_CAPITAL = 3
const COST_OF_NUMBER = 6
const COST_OF_LETTER = 3
/** A name with fewer letters is not split although it is a word: "iphone" is no "i phone". */
const MIN_SPLIT_NAME = 7
const MIN_PART_TITLES = 20

export class NameSplitter {
	readonly #counts: WordCounts
	readonly #logTotal: number

	constructor(counts: WordCounts) {
		this.#counts = counts
		let total = 1
		for (const count of counts.values()) total += count
		this.#logTotal = Math.log(total)
	}

	/**
	 * The words of a name, in lower case. A name that is itself a word, as titles mention subreddits, is split nevertheless where
	 * all of its parts are words: `askhistorians` into "ask" and "historians".
	 *
	 * @param own words of the subreddit's description, which its name may be made of
	 */
	split(name: string, own: ReadonlySet<string> = new Set()): string[] {
		const parts = name.split(/[_.:-]+/).filter((part) => part !== '')
		const words = parts.flatMap((part) => this.#splitPart(part, own, null))
		const [word] = words
		if (words.length !== 1 || word === undefined || word.length < MIN_SPLIT_NAME) return words
		const split = parts.flatMap((part) => this.#splitPart(part, own, word))
		const isWord = (part: string) =>
			part === 'a' || (part.length > 1 && (this.#counts.get(part) ?? 0) >= MIN_PART_TITLES)
		return split.every(isWord) && split.length <= 1 + word.length / 3 ? split : words
	}

	/** The cheapest way to cut (Viterbi), each word priced by its rarity. @param forbidden a word that may not come out */
	#splitPart(part: string, own: ReadonlySet<string>, forbidden: string | null): string[] {
		const text = part.toLowerCase()
		const edges = findEdges(part)
		const costs = [0]
		const starts = [0]
		for (let end = 1; end <= text.length; end += 1) {
			costs[end] = Number.POSITIVE_INFINITY
			for (let start = Math.max(0, end - MAX_WORD); start < end; start += 1) {
				const word = text.slice(start, end)
				if (word === forbidden) continue
				const cut = edges.has(start) ? 0 : COST_OF_CUT
				const capitals = countBetween(edges, start, end) * COST_OF_CAPITAL
				const cost = (costs[start] as number) + this.#costOf(word, own) + cut + capitals
				if (cost >= (costs[end] as number)) continue
				costs[end] = cost
				starts[end] = start
			}
		}
		const words: string[] = []
		for (let end = text.length; end > 0; end = starts[end] as number)
			words.unshift(text.slice(starts[end] as number, end))
		return words
	}

	/** In nats. */
	#costOf(word: string, own: ReadonlySet<string>): number {
		if (/^\d+$/.test(word)) return COST_OF_NUMBER
		const count = this.#counts.get(word) ?? 0
		const isKnown =
			word.length > 2
				? count >= MIN_WORD_TITLES
				: word.length === 2
					? count >= MIN_PAIR_TITLES
					: word === 'a' || word === 'i'
		const known = isKnown
			? this.#logTotal - Math.log(count + 1)
			: this.#logTotal + COST_OF_LETTER * word.length
		return own.has(word) ? Math.min(known, this.#logTotal / 2) : known
	}
}

/** Where a name's capitals and digits show that a word begins: `NYKnicks` at 0 and 2. */
function findEdges(part: string): Set<number> {
	const pieces = part.matchAll(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|./g)
	return new Set([...pieces].map(({ index }) => index))
}

function countBetween(edges: ReadonlySet<number>, start: number, end: number): number {
	let count = 0
	for (let at = start + 1; at < end; at += 1) count += Number(edges.has(at))
	return count
}
