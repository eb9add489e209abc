// The figures that describe a model on a set of posts, and where they were measured.
import * as v from 'valibot'
import { Count, Instant, UnitInterval } from './schema-parts.ts'

/** The figures of one evaluation. Every score is finite: a score that could not be computed is an error, not a NaN. */
export const Metrics = v.object({
	posts: Count,
	labels: Count,
	'recall@1': UnitInterval,
	'recall@5': UnitInterval,
	/** recall@5 where each subreddit counts by its subscribers instead of by its posts; of those whose size is known. */
	'recall@5.weighted': v.optional(UnitInterval),
	macroF1: UnitInterval,
	/** Mean calibrated probability of the first suggestion: estimates recall@1 where labels are missing. */
	meanP1: UnitInterval,
	/** Expected calibration error of the first suggestion (Naeini et al. 2015), 15 bins of equal width. */
	ece: UnitInterval,
	/** The same of "one of the five is right". */
	'ece@5': v.optional(UnitInterval),
	/**
	 * Of posts of subreddits that were left out of a training of the same recipe: the share whose subreddit is among the five that
	 * the index of unseen subreddits ranks first.
	 */
	'unseen.recall@5': v.optional(UnitInterval),
	/** Posts whose subreddit the release does not know. They count as misses. */
	unknownLabelPosts: Count,
})
export type Metrics = v.InferOutput<typeof Metrics>

/** How training and test posts were parted: a figure without it means nothing. */
export const SplitKind = v.picklist(['time', 'newest', 'random', 'external'])
export type SplitKind = v.InferOutput<typeof SplitKind>

/** Which posts figures were measured on. */
export const TestPosts = {
	split: SplitKind,
	/** Where the split is `newest`: so many posts of each subreddit, its newest. */
	newest: v.exactOptional(v.pipe(Count, v.minValue(1))),
	/** When the posts were created: from the first instant on, and before the second. */
	testFrom: Instant,
	testUntil: Instant,
}

type Split = { readonly split: SplitKind; readonly newest?: number }

/** The two that say how posts were parted, of anything that has them. */
export function splitOf({ split, newest }: Split): Split {
	return newest === undefined ? { split } : { split, newest }
}

/** As in `each subreddit's newest 8`. */
export function sayNewest(posts: number | undefined): string {
	return `each subreddit's newest ${posts ?? 'posts'}`
}
