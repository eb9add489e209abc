// A post, as every collector and importer delivers it.
import * as v from 'valibot'
import { SubredditName } from '../../../src/shared/schema-parts.ts'

/** One submission. `created_utc` is in Unix seconds. Fields that a dump has beside these are ignored. */
export const Post = v.object({
	id: v.pipe(v.string(), v.regex(/^[a-z0-9]{1,10}$/, 'expected a base-36 id')),
	created_utc: v.pipe(
		v.number('expected a time since June 2005, in seconds or as in 2019-08-01 00:00:05'),
		v.safeInteger(),
		v.minValue(0),
		v.maxValue(4_102_444_800),
	),
	subreddit: SubredditName,
	title: v.pipe(
		v.string('expected text'),
		v.regex(/\S/, 'expected text'),
		v.maxLength(2_000, 'expected at most 2,000 characters'),
	),
	score: v.pipe(v.number(), v.safeInteger()),
	over_18: v.boolean('expected yes or no'),
})
export type Post = v.InferOutput<typeof Post>
