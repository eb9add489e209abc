// The picture of a hundred titles: how many of them belong to each suggestion. D3 comes with the views only: the page starts
// without it.

const TICKS = 100

export interface Tick {
	/** Left edge, in the units of the picture's width. */
	readonly x: number
	/** The suggestion that this one of a hundred titles belongs to, 1 to 5; null: to none of them. */
	readonly rank: number | null
}

/** A hundred ticks for these probabilities, rounded so that their sum is right. */
export function layOutOdds(probabilities: readonly number[], width: number): readonly Tick[] {
	const bounds = cumulate(probabilities)
	return Array.from({ length: TICKS }, (_, index) => {
		const owner = bounds.findIndex((bound) => index < bound)
		return { x: (index / TICKS) * width, rank: owner === -1 ? null : owner + 1 }
	})
}

/** Of a hundred titles, how many belong to one of these. */
export function countCovered(probabilities: readonly number[]): number {
	return cumulate(probabilities).at(-1) ?? 0
}

function cumulate(probabilities: readonly number[]): number[] {
	let sum = 0
	return probabilities.map((probability) => {
		sum += probability
		return Math.min(TICKS, Math.round(sum * TICKS))
	})
}
