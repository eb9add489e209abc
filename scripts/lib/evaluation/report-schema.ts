// A release's report: one evaluation with its figures for each subreddit. The manifest names it by digest.
import * as v from 'valibot'
import { Metrics, SplitKind } from '../../../src/shared/metrics.ts'
import { Count, Instant, SubredditName, UnitInterval } from '../../../src/shared/schema-parts.ts'

const SubredditFigures = v.object({
	label: SubredditName,
	/** Test posts of this subreddit. */
	posts: Count,
	/** Those with the right first suggestion, and with the right one among five. */
	hits1: Count,
	hits5: Count,
	/** How often it was suggested first. */
	predicted: Count,
	/** Of the first suggestions; 0 where there is nothing to divide by. */
	precision: UnitInterval,
	recall: UnitInterval,
	f1: UnitInterval,
})
export type SubredditFigures = v.InferOutput<typeof SubredditFigures>

export const Report = v.object({
	schema: v.literal(1),
	metrics: Metrics,
	split: SplitKind,
	/** When the posts were created: from the first instant on, and before the second. */
	testFrom: Instant,
	testUntil: Instant,
	/** Posts whose title has no word that the model knows. They count as misses. */
	unknownTitlePosts: Count,
	subreddits: v.array(SubredditFigures),
})
export type Report = v.InferOutput<typeof Report>
