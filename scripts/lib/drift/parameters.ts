// What the parameters file says about drift: from when on a release no longer fits what is posted.
import * as v from 'valibot'
import { count, numberWithin, share } from '../parameter-parts.ts'

/** How many titles are measured. */
export const SampleParameters = v.object({
	// recall@1 is known to a third of a percentage point from so many: much less than weeks differ by themselves.
	sample: v.optional(count('Measure at most this many titles, drawn at random.'), 80_000),
})

export const DriftParameters = v.strictObject({
	maxPsi: v.optional(
		numberWithin(
			[0, 100],
			'Population stability index of p@1 against the test posts. Textbooks call 0.1 a change; here a year gave 0.02 (docs/drift.md).',
		),
		0.01,
	),
	maxKs: v.optional(share('Kolmogorov–Smirnov distance of p@1 to the test posts.'), 0.03),
	maxUnknownWordsRise: v.optional(
		share('How much the share of words that the model does not know may rise.'),
		0.005,
	),
	maxPredictedShift: v.optional(
		share(
			'How far the shares of first suggestions may shift from those on the test posts, beyond what chance explains.',
		),
		0.05,
	),
	maxRecallFall: v.optional(
		share(
			'How far recall@1 may fall below that on the test posts: measured if there are labels, otherwise estimated from p@1.',
		),
		0.02,
	),
})
export type DriftParameters = v.InferOutput<typeof DriftParameters>

const day = v.optional(v.nullable(v.number()), null)

/** The parameters of the step: limits, and which titles are measured. */
export const DriftStepParameters = v.object({
	...DriftParameters.entries,
	/** In Unix seconds. */
	from: day,
	until: day,
	/** Also measures each month by itself. */
	byMonth: v.optional(v.boolean(), false),
	...SampleParameters.entries,
})
export type DriftStepParameters = v.InferOutput<typeof DriftStepParameters>
