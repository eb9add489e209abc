// What the parameters file says about snapshots; flags of `snapshot` and `retrain` stand in for it.
import * as v from 'valibot'
import { count, day, share } from '../parameter-parts.ts'
import { REPOST_RULES } from './compose.ts'

const open = <Schema extends v.GenericSchema>(schema: Schema) =>
	v.optional(v.nullable(schema), null)

export const SnapshotParameters = v.strictObject({
	split: v.optional(
		v.pipe(
			v.picklist(['time', 'random']),
			v.description('How training and test posts are parted. A random split flatters.'),
		),
		'time',
	),
	from: open(day('Train on posts from this day on; empty: from the oldest.')),
	until: open(day('Train on posts before this day; empty: as testFrom or testShare say.')),
	testFrom: open(day('Test on posts from this day on; empty: from `until` on.')),
	testUntil: open(day('Test on posts before this day; empty: up to the newest.')),
	testShare: v.optional(
		share('The share of test posts where no dates are given: the newest, or random ones.'),
		0.1,
	),
	validationShare: v.optional(
		share('The share of the training window that calibrates: its newest posts, or random ones.'),
		0.02,
	),
	minPosts: v.optional(count('Training posts that make a subreddit a label.'), 30),
	maxPosts: open(count('Of a subreddit with more training posts the newest so many; empty: all.')),
	maxShare: open(share('The same, as a share of all training posts.')),
	reposts: v.optional(
		v.pipe(
			v.picklist(REPOST_RULES),
			v.description('Titles that a subreddit has several times: keep all, or take each once.'),
		),
		'keep',
	),
	seed: v.optional(count('Seed of all chance.'), 1),
})
export type SnapshotParameters = v.InferOutput<typeof SnapshotParameters>
