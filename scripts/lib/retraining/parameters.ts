// What the parameters file says about retraining: how much the picks of strangers may weigh, and what may come of it.
import * as v from 'valibot'
import { DEFAULT_FEEDBACK_LIMITS, SUSPICIONS } from '../feedback/limits.ts'
import { count, numberWithin, share } from '../parameter-parts.ts'
import { DEFAULT_FEEDBACK_WEIGHT, DEFAULT_MAX_SHARE_RISE } from './retrain.ts'

export const RetrainingParameters = v.strictObject({
	feedbackWeight: v.optional(
		count('How many training lines each picked title becomes.'),
		DEFAULT_FEEDBACK_WEIGHT,
	),
	feedbackTestShare: v.optional(
		share('Share of the picked titles to test on instead of training on them.'),
		0,
	),
	feedbackPerPost: v.optional(
		numberWithin(
			[1e-9, 1e9],
			"Lines that a subreddit's picks may become, for each of its training posts.",
		),
		DEFAULT_FEEDBACK_LIMITS.feedbackPerPost,
	),
	feedbackFileShare: v.optional(
		share(
			'Lines that the picks of one imported file may become, as a share of the training posts.',
		),
		DEFAULT_FEEDBACK_LIMITS.feedbackFileShare,
	),
	feedbackShare: v.optional(
		share('At most this many lines from all picks, as a share of all training posts.'),
		DEFAULT_FEEDBACK_LIMITS.feedbackShare,
	),
	feedbackInclude: v.optional(
		v.pipe(
			v.array(v.picklist(SUSPICIONS)),
			v.description('Suspicions in spite of which picks are trained on.'),
		),
		[...DEFAULT_FEEDBACK_LIMITS.feedbackInclude],
	),
	labelsFromFeedback: v.optional(
		v.pipe(v.boolean(), v.description('Whether picked titles count towards minPosts, too.')),
		false,
	),
	maxShareRise: v.optional(
		share("How much a subreddit's share of the first suggestions may rise over production's."),
		DEFAULT_MAX_SHARE_RISE,
	),
})
export type RetrainingParameters = v.InferOutput<typeof RetrainingParameters>
