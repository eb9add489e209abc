// What a search needs of an index of unseen subreddits, whichever file it came from. Pure.
import type { UnseenParameters } from '../../shared/unseen.ts'

/** Called for each subreddit of a row, ascending, with its value. */
export type VisitRow = (visit: (subreddit: number, value: number) => void) => void

/** A word of the index. */
export interface IndexedWord {
	/** In steps of `RARITY_STEPS`. */
	readonly rarity: number
	/** The subreddits that have it, and how often it counts. */
	readonly visit: VisitRow
}

/** A subreddit is its place among the names, which ascend by lower case. */
export interface SearchableIndex {
	readonly parameters: UnseenParameters
	readonly count: number
	/** How many labels the model has that the index was made for. */
	readonly labelCount: number
	/** `round(ln(subscribers + 1) · SIZE_STEPS)`. */
	readonly sizes: Uint8Array
	/** `round(ln(words + 1) · LENGTH_STEPS)`. */
	readonly lengths: Uint8Array
	/** Without `r/`. */
	nameAt(subreddit: number): string
	/** Null where no subreddit has it. */
	findWord(word: string): IndexedWord | null
	/** What the model thinks of the descriptions: the subreddits near to a label, in steps of `SHARE_STEPS`. */
	visitLabel(label: number): VisitRow
}
