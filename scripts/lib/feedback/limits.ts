// How much the picks of strangers may weigh in a training, and which reasons hold them back. Pure.

/** Why picks are left out of a training, unless asked for. */
export const SUSPICIONS = ['share', 'near-identical', 'burst'] as const
export type Suspicion = (typeof SUSPICIONS)[number]

export interface FeedbackLimits {
	/** Lines that a subreddit's picks may become, as a multiple of its own training posts. */
	readonly feedbackPerPost: number
	/** Lines of the picks from one source (an imported file, or an address on a day), as a share of all training posts; {@link MIN_FILE_LINES} are always let in. */
	readonly feedbackFileShare: number
	/** Lines of all picks, as a share of all training posts; as many as of one file are always let in. */
	readonly feedbackShare: number
	/** Suspicious picks that are taken all the same. */
	readonly feedbackInclude: readonly Suspicion[]
}

export const DEFAULT_FEEDBACK_LIMITS: FeedbackLimits = {
	feedbackPerPost: 0.25,
	feedbackFileShare: 0.002,
	feedbackShare: 0.05,
	feedbackInclude: [],
}

/** Of options that have more, and may lack some of these. */
export function chooseLimits(given: Partial<FeedbackLimits>): FeedbackLimits {
	const usual = DEFAULT_FEEDBACK_LIMITS
	return {
		feedbackPerPost: given.feedbackPerPost ?? usual.feedbackPerPost,
		feedbackFileShare: given.feedbackFileShare ?? usual.feedbackFileShare,
		feedbackShare: given.feedbackShare ?? usual.feedbackShare,
		feedbackInclude: given.feedbackInclude ?? usual.feedbackInclude,
	}
}

/** What a person picks in a while. With few training posts, a share alone would leave nothing of it. */
export const MIN_FILE_LINES = 60

/** The rules, as help texts state them. */
export const LIMITS_RULE = `Anybody can send picks, so their weight is limited. The picks of a subreddit become at most --feedback-per-post training
lines for each of its posts. The picks of one imported file, or those that one address sent on one day (serve --collect),
become at most a share of --feedback-file-share of all training posts (but ${MIN_FILE_LINES} lines are always allowed), and all picks together at most --feedback-share. A picked title that the posts
have only under other subreddits is a contradiction, and becomes one line, whatever --feedback-weight says.

Suspicious picks are listed and left out, unless --feedback-include names the suspicion:
  share           a subreddit has half as many picks as posts, and ten times more than its share of the posts
  near-identical  five or more titles of a subreddit share four fifths of their words; one of them is kept
  burst           one file, or one address on one day, has 60 or more picks within ten minutes`
