// What a table of evidence says of a title for some labels, taken apart: what a reranker judges by.

/** What speaks for one label. Copies of a title count as one. */
export interface LabelClues {
	/** What the table adds to the logarithm of its score. */
	readonly adds: number
	/** Of words, pairs and beginnings of words: the evidence that speaks for it, times the weight of each. */
	readonly sums: readonly number[]
	/** Of the same: how many have evidence for it. */
	readonly counts: readonly number[]
	/** The largest part of the sums. */
	readonly most: number
	/** The sum of the weights of what has evidence for it. */
	readonly weight: number
	/** The sum of the squares of the parts. */
	readonly squares: number
	/** The sum of 1 / labels of each that has evidence for it. */
	readonly rarity: number
}

export interface TitleClues {
	/** Words of the title that the table has. */
	readonly words: number
	/** The sum of the weights of all that was found. */
	readonly weight: number
	/** What sums are multiplied by: strength / √words. */
	readonly scale: number
	/** In the order in which the labels were asked for. */
	readonly labels: readonly LabelClues[]
}

/** A table of evidence, as far as a reranker asks it. */
export interface CluesTable {
	/** @param normalized a title, as the engine is asked @returns null where the table knows nothing of it */
	findClues(normalized: string, labels: readonly string[]): TitleClues | null
}
