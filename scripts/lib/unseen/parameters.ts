// Which subreddits are left out of a training, to measure how well unseen ones are found: for the flags of `subreddits index --measure`
// and for records. Pure.
import * as v from 'valibot'
import { UNSEEN_DRAW } from '../evaluation/unseen-figure.ts'
import { wholeNumber } from '../parameter-parts.ts'

export const DrawParameters = v.object({
	leaveOut: v.optional(
		wholeNumber([1, 100_000], 'With --measure: how many subreddits to leave out.'),
		UNSEEN_DRAW.leaveOut,
	),
	seed: v.optional(wholeNumber([0, 2 ** 31 - 1], 'With --measure: random seed.'), UNSEEN_DRAW.seed),
})
export type DrawParameters = v.InferOutput<typeof DrawParameters>
