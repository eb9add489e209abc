// The section `retrain` of the parameters file: how much the picks of strangers may weigh, and how far a subreddit may rise.
import * as v from 'valibot'
import { FeedbackParameters } from '../feedback/parameters.ts'
import { share } from '../parameter-parts.ts'

export const RetrainingParameters = v.strictObject({
	...FeedbackParameters.entries,
	// Poisoned picks raise a subreddit by several hundredths. A month of new posts moves none by that much: from release 20261123.1
	// to .2 the largest rise was 0.002.
	maxShareRise: v.optional(
		share(
			"Publish to staging only if no subreddit's share of first suggestions exceeds production's by more than this.",
		),
		0.01,
	),
})
export type RetrainingParameters = v.InferOutput<typeof RetrainingParameters>
