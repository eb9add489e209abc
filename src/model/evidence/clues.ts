// What a table of evidence says of a title for some labels, taken apart: what a reranker judges by.

/** The numbers that a label has, in their order. Copies of a title count as one. */
export const CLUE = {
	/** What the table adds to the logarithm of the label's score. */
	adds: 0,
	/** Of words, and behind it of pairs and of beginnings of words: the evidence that speaks for it, times the weight of each. */
	sums: 1,
	/** Of the same three: how many have evidence for it. */
	counts: 4,
	/** The largest part of the sums. */
	most: 7,
	/** The sum of the weights of what has evidence for it. */
	weight: 8,
	/** The sum of the squares of the parts. */
	squares: 9,
	/** The sum of 1 / labels of each that has evidence for it. */
	rarity: 10,
} as const
export const CLUES = 11
export const CLUE_KINDS = 3

export interface TitleClues {
	/** Words of the title that the table has. */
	readonly words: number
	/** The sum of the weights of all that was found. */
	readonly weight: number
	/** What sums are multiplied by: strength / √words. */
	readonly scale: number
	/** [labels][{@link CLUES}], in the order in which they were asked for; good until the next title. */
	readonly numbers: Float64Array
}

/** A table of evidence, as far as a reranker asks it. */
export interface CluesTable {
	/** @param normalized a title, as the engine is asked @returns null where the table knows nothing of it */
	findClues(normalized: string, labels: readonly string[]): TitleClues | null
}
