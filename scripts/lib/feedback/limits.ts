// How much the picks of strangers may weigh in a training, and which reasons hold them back. Pure.

/** Why picks are left out before a training unless somebody asks for them. */
export const SUSPICIONS = ['share', 'near-identical', 'burst'] as const
export type Suspicion = (typeof SUSPICIONS)[number]

export interface FeedbackLimits {
	/** Lines that a subreddit's picks may become, as a multiple of its own training posts. */
	readonly perPost: number
	/** Lines of the picks from one imported file, as a share of all training posts; {@link MIN_FILE_LINES} are always let in. */
	readonly fileShare: number
	/** Lines of all picks, as a share of all training posts; as many as of one file are always let in. */
	readonly totalShare: number
	/** Suspicious picks that are taken all the same. */
	readonly include: readonly Suspicion[]
}

export const DEFAULT_FEEDBACK_LIMITS: FeedbackLimits = {
	perPost: 0.25,
	fileShare: 0.002,
	totalShare: 0.05,
	include: [],
}

/** A person who picks now and then makes so many; in a small set of posts a share would leave nothing of them. */
export const MIN_FILE_LINES = 60

/** The rules, as help texts state them. */
export const LIMITS_RULE = `Anybody can send picks, so they are held back. A subreddit's picks become at most --feedback-per-post times as many lines
as it has training posts; one imported file's at most --feedback-file-share of the training posts (or ${MIN_FILE_LINES} lines), all picks
together at most --feedback-share. A picked title that stands in the posts, and only under other subreddits, is a
contradiction: it becomes one line, whatever the weight. What is suspicious is listed and left out, unless --feedback-include
names it: share (a subreddit's picks are half as many as its posts and ten times what its share would be), near-identical
(all but one of five or more titles of a subreddit that share four fifths of their words), burst (60 or more picks of one
file within ten minutes).`
