// The parameters of a snapshot with their defaults: for `whichsub.yaml`, the flags of `snapshot` and `retrain`, and for records.
import * as v from 'valibot'
import { choice, count, day, share, wholeNumber, yesOrNo } from '../parameter-parts.ts'
import { POLICY_RULES } from './apply-policy.ts'
import { REPOST_RULES } from './compose.ts'
import { SPLIT_CHOICES } from './split.ts'

const open = <Schema extends v.GenericSchema>(schema: Schema) =>
	v.optional(v.nullable(schema), null)

export const SnapshotParameters = v.strictObject({
	split: v.optional(
		choice(
			SPLIT_CHOICES,
			'kind',
			"How to divide the posts into training and test: by time, by each subreddit's newest posts, at random (which flatters), or all for training; auto: by time; but if no dates are given and too many test posts would be of subreddits with few older posts, by each subreddit's newest.",
		),
		'auto',
	),
	from: open(day('Train on posts from this day on; left out: from the oldest.')),
	until: open(
		day('Train on posts before this day; default: up to testFrom, or what testShare leaves.'),
	),
	testFrom: open(day('Test on posts from this day on; left out: from the day of `until` on.')),
	testUntil: open(day('Test on posts before this day; left out: up to the newest.')),
	testShare: v.optional(
		share('Share of the posts to test on, if no dates say which: the newest, or random ones.'),
		0.1,
	),
	validationShare: v.optional(
		share('Share of the training posts to validate on: the newest, or random ones.'),
		0.02,
	),
	testPosts: v.optional(
		count("With `split` newest: test on this many of each subreddit's newest posts."),
		8,
	),
	validationPosts: v.optional(
		count('With `split` newest: validate on this many posts of each subreddit, just before those.'),
		2,
	),
	minPosts: v.optional(count('Training posts that a subreddit needs to become a label.'), 30),
	maxPosts: open(
		count('Train on at most this many posts of a subreddit, the newest; left out: all.'),
	),
	maxShare: open(share('Like maxPosts, as a share of all training posts.')),
	olderPosts: v.optional(
		wholeNumber(
			[0, Number.MAX_SAFE_INTEGER],
			'Also keep this many older posts of each label: the table of evidence counts them a little, those of the past year more, and train can learn them.',
		),
		0,
	),
	about: v.optional(yesOrNo('Train on the names and descriptions of the labels, too.'), false),
	reposts: v.optional(
		choice(
			REPOST_RULES,
			'rule',
			'Train on every repost of a title in a subreddit, or on the newest only.',
		),
		'keep',
	),
	policy: v.optional(
		choice(
			POLICY_RULES,
			'rule',
			'Leave out the subreddits that the policy refuses (apply), or keep them (off).',
		),
		'apply',
	),
	seed: v.optional(count('Random seed.'), 1),
})
export type SnapshotParameters = v.InferOutput<typeof SnapshotParameters>
