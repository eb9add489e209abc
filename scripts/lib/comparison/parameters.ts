// What the parameters file says about comparisons: named groups of subreddits, older posts to look back at, and the gate.
import * as v from 'valibot'
import { SubredditName } from '../../../src/shared/schema-parts.ts'
import { count, share, wholeNumber } from '../parameter-parts.ts'

/** A name by which groups are spoken of. */
const GroupName = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9][a-z0-9 &'-]{0,39}$/i, 'expected a name of letters, digits, spaces, & or -'),
)

export const Groups = v.optional(
	v.nullish(
		v.record(
			GroupName,
			v.pipe(v.array(SubredditName), v.minLength(1, 'expected at least one subreddit')),
		),
		{},
	),
	{},
)

/** Subreddits by the name of their group. */
export type Groups = v.InferOutput<typeof Groups>

export const ComparisonParameters = v.strictObject({
	historyMonths: v.optional(
		v.pipe(
			v.array(wholeNumber([1, 1200], 'Months before the test posts.')),
			v.description(
				'Also compare suggestions on older posts, from this many months before the test posts.',
			),
		),
		[1, 6, 12],
	),
	historyPosts: v.optional(count('Older posts to draw from each of these months.'), 5_000),
})
export type ComparisonParameters = v.InferOutput<typeof ComparisonParameters>

export const GateParameters = v.strictObject({
	recallMargin: v.optional(
		share(
			'The whole 95% interval of the change of recall@5 on the test posts must lie above minus this.',
		),
		0.005,
	),
	groupMargin: v.optional(
		share('recall@5 of a group may fall by this much; a fall that may be chance does not count.'),
		0.02,
	),
	groupMargins: v.optional(
		v.pipe(
			v.record(GroupName, share('The margin of this group.')),
			v.description('Groups with a margin of their own.'),
		),
		{},
	),
	maxCalibrationError: v.optional(
		share('Largest calibration error, of the first suggestion and of all five.'),
		0.03,
	),
	maxDownloadBytes: v.optional(count('Largest model file that a page downloads.'), 8_000_000),
	maxVanishedLabels: v.optional(
		wholeNumber(
			[0, Number.MAX_SAFE_INTEGER],
			'How many subreddits may vanish: the release in production can suggest them, the new one can not.',
		),
		25,
	),
	maxChurnFirst: v.optional(
		share('Largest share of first suggestions that may change, on each set of older posts.'),
		0.65,
	),
	maxChurnFive: v.optional(
		share(
			'Largest mean share of the five suggestions that may change, on each set of older posts.',
		),
		0.7,
	),
})
export type GateParameters = v.InferOutput<typeof GateParameters>
