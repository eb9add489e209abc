// Why suggestions are more of a guess than an answer. Pure: everywhere.

/** `unfamiliar`: the model can read little of the title. `scattered`: no subreddit stands out. */
export const DOUBTS = ['unfamiliar', 'scattered'] as const
export type Doubt = (typeof DOUBTS)[number]

/** How many of a hundred titles like this one belong to one of these suggestions. */
export function countCovered(suggestions: readonly { readonly probability: number }[]): number {
	return Math.round(100 * suggestions.reduce((sum, { probability }) => sum + probability, 0))
}
