// The contract of a prior: how much likelier each label is than the training posts say. The manifest carries it.
import * as v from 'valibot'

const Weight = v.pipe(v.number(), v.finite(), v.minValue(-50), v.maxValue(50))
const Strength = v.pipe(v.number(), v.minValue(0), v.maxValue(10))

export const Prior = v.object({
	/** Strength of the subscribers: a label gets alpha · log(subscribers + 100). */
	alpha: Strength,
	/** Strength of the share of a label's training posts that are recent. */
	gamma: Strength,
	/** What is added to each label's log-probability; labels in ascending order of their names, by code unit. */
	weights: v.pipe(v.array(Weight), v.minLength(1), v.maxLength(1_000_000)),
})
export type Prior = v.InferOutput<typeof Prior>
