// What is claimed for the first suggestion and how often it is right, for groups of titles. Pure.
import type { Knowledge } from '../../src/model/engine.ts'
import type { Suggestion } from '../../src/model/suggest.ts'

/** In each group of titles what is claimed and what is true differ by at most this. */
export const MAX_CLAIM_GAP = 0.03

/** Numbers of known words, each from its bound up to the next. */
const COUNTS = [1, 2, 3, 5, 9]
/** Shares of known words, each from its bound up to the next. */
const SHARES = [0, 0.5, 0.75, 0.9, 1]

export interface Claims {
	readonly titles: number
	/** The mean calibrated probability of the first suggestion. */
	readonly claimed: number
	readonly 'recall@1': number
	readonly 'recall@5': number
}

interface Tally {
	titles: number
	claimed: number
	hits1: number
	hits5: number
}

export class ClaimTally {
	readonly #groups = new Map<string, Tally>()

	/** @param suggestions most probable first; a title without any has no part in it: nothing is claimed for it */
	add(group: string, actual: string, suggestions: readonly Suggestion[]): void {
		const [first] = suggestions
		if (!first) return
		const tally = this.#groups.get(group) ?? { titles: 0, claimed: 0, hits1: 0, hits5: 0 }
		const rank = suggestions.findIndex(({ subreddit }) => subreddit === actual)
		tally.titles += 1
		tally.claimed += first.probability
		tally.hits1 += rank === 0 ? 1 : 0
		tally.hits5 += rank === -1 ? 0 : 1
		this.#groups.set(group, tally)
	}

	finish(): ReadonlyMap<string, Claims> {
		return new Map(
			[...this.#groups].map(([group, { titles, claimed, hits1, hits5 }]) => [
				group,
				{
					titles,
					claimed: claimed / titles,
					'recall@1': hits1 / titles,
					'recall@5': hits5 / titles,
				},
			]),
		)
	}
}

/** One of five groups by how many words are known, as in `3 to 4`. */
export function nameCount({ knownWords }: Knowledge): string {
	return COUNT_GROUPS[COUNTS.findLastIndex((bound) => knownWords >= bound)] ?? 'none'
}

/** One of five groups by the share of the title's words that are known, as in `50 to 75%`. */
export function nameShare({ knownWords, words }: Knowledge): string {
	const share = words === 0 ? 0 : knownWords / words
	return SHARE_GROUPS[SHARES.findLastIndex((bound) => share >= bound)] ?? 'none'
}

/** In their order. */
export const COUNT_GROUPS: readonly string[] = COUNTS.map((from, place) => {
	const last = (COUNTS[place + 1] ?? Infinity) - 1
	return last === Infinity ? `${from} or more` : from === last ? `${from}` : `${from} to ${last}`
})

/** In their order. */
export const SHARE_GROUPS: readonly string[] = SHARES.map((from, place) => {
	const until = SHARES[place + 1]
	return until === undefined ? 'all' : `${from * 100} to ${until * 100}%`
})
