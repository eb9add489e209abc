// How much the picks of strangers may weigh in a training, for `whichsub.yaml`, the flags of `retrain` and records alike. Pure.
import * as v from 'valibot'
import { choice, count, numberWithin, share, yesOrNo } from '../parameter-parts.ts'

/** Why picks are left out of a training, unless asked for. */
export const SUSPICIONS = ['share', 'near-identical', 'burst'] as const
export type Suspicion = (typeof SUSPICIONS)[number]

export const FeedbackParameters = v.strictObject({
	feedbackWeight: v.optional(count('How many training lines each picked title becomes.'), 3),
	feedbackTestShare: v.optional(
		share('Share of the picked titles to test on instead of training on them.'),
		0,
	),
	feedbackPerPost: v.optional(
		numberWithin(
			[1e-9, 1e9],
			'At most this many lines from picks for each training post of a subreddit.',
		),
		0.25,
	),
	feedbackFileShare: v.optional(
		share(
			'At most this many lines from one source (an imported file, or an address on a day), as a share of all training posts.',
		),
		0.002,
	),
	feedbackShare: v.optional(
		share('At most this many lines from all picks, as a share of all training posts.'),
		0.05,
	),
	feedbackInclude: v.optional(
		v.pipe(
			v.array(choice(SUSPICIONS, 'reason', 'A reason for suspicion.')),
			v.description('Train on these suspicious picks, too.'),
			v.metadata({ argument: 'reasons' }),
		),
		[],
	),
	labelsFromFeedback: v.optional(yesOrNo('Count picked titles towards minPosts, too.'), false),
})
export type FeedbackParameters = v.InferOutput<typeof FeedbackParameters>

const { feedbackPerPost, feedbackFileShare, feedbackShare, feedbackInclude } =
	FeedbackParameters.entries

/** Those that limit picks. */
const FeedbackLimits = v.object({
	feedbackPerPost,
	feedbackFileShare,
	feedbackShare,
	feedbackInclude,
})
export type FeedbackLimits = Readonly<v.InferOutput<typeof FeedbackLimits>>

/** Of options that have more, and may lack some of these. */
export function chooseLimits(given: Partial<FeedbackLimits>): FeedbackLimits {
	return v.parse(FeedbackLimits, given)
}

export const DEFAULT_FEEDBACK_LIMITS = chooseLimits({})
