// A subreddit as Reddit's listings, and the public files made of them, name it: untrusted JSON.
import * as v from 'valibot'
import { SubredditName } from '../../../src/shared/schema-parts.ts'

const Subscribers = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** What is taken of it; both layouts have the same names. */
export const ListedSubreddit = v.object({
	id: v.pipe(v.string(), v.regex(/^[a-z0-9]{1,13}$/)),
	display_name: SubredditName,
	// Both are null where the subreddit does not show itself to this client.
	subscribers: v.nullish(Subscribers, null),
	over18: v.nullish(v.boolean(), null),
	public_description: v.nullish(v.pipe(v.string(), v.maxLength(20_000)), null),
	created_utc: v.pipe(
		v.number(),
		v.minValue(0),
		v.maxValue(4_102_444_800),
		v.transform(Math.floor),
	),
})
export type ListedSubreddit = v.InferOutput<typeof ListedSubreddit>
