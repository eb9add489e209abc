// What the parameters file says about snapshots; flags of `snapshot` and `retrain` stand in for it.
import * as v from 'valibot'
import { count, day, share, wholeNumber } from '../parameter-parts.ts'
import { POLICY_RULES } from './apply-policy.ts'
import { REPOST_RULES } from './compose.ts'
import { SPLIT_CHOICES } from './split.ts'

const open = <Schema extends v.GenericSchema>(schema: Schema) =>
	v.optional(v.nullable(schema), null)

export const SnapshotParameters = v.strictObject({
	split: v.optional(
		v.pipe(
			v.picklist(SPLIT_CHOICES),
			v.description(
				"How to divide the posts into training and test: by time, by each subreddit's newest posts, at random (which flatters), or all for training; auto: by time, or where no dates are named and that would test on subreddits with too few older posts, by each subreddit's newest.",
			),
		),
		'auto',
	),
	from: open(day('Train on posts from this day on; empty: from the oldest.')),
	until: open(day('Train on posts before this day; empty: up to testFrom, or as testShare says.')),
	testFrom: open(day('Test on posts from this day on; empty: from `until` on.')),
	testUntil: open(day('Test on posts before this day; empty: up to the newest.')),
	testShare: v.optional(
		share('Share of the posts to test on, if no dates say which: the newest, or random ones.'),
		0.1,
	),
	validationShare: v.optional(
		share('Share of the training posts to validate on: the newest, or random ones.'),
		0.02,
	),
	testPosts: v.optional(
		count("With `split: newest`: so many of each subreddit's newest posts to test on."),
		8,
	),
	validationPosts: v.optional(
		count('With `split: newest`: so many posts of each subreddit, before those, to validate on.'),
		2,
	),
	minPosts: v.optional(count('Training posts that a subreddit needs to become a label.'), 30),
	maxPosts: open(count('Train on at most this many posts of a subreddit, the newest; empty: all.')),
	olderPosts: v.optional(
		v.pipe(
			wholeNumber(
				[0, Number.MAX_SAFE_INTEGER],
				'Of each label so many older posts than those count a little in the table of evidence.',
			),
		),
		0,
	),
	about: v.optional(
		v.pipe(v.boolean(), v.description('Train on the names and descriptions of the labels, too.')),
		false,
	),
	maxShare: open(share('Like maxPosts, as a share of all training posts.')),
	reposts: v.optional(
		v.pipe(
			v.picklist(REPOST_RULES),
			v.description('Train on every repost of a title in a subreddit, or on the newest only.'),
		),
		'keep',
	),
	policy: v.optional(
		v.pipe(
			v.picklist(POLICY_RULES),
			v.description('Whether subreddits that the policy does not let be suggested are left out.'),
		),
		'apply',
	),
	seed: v.optional(count('Random seed.'), 1),
})
export type SnapshotParameters = v.InferOutput<typeof SnapshotParameters>
