// A page of one of Reddit's listings, from untrusted JSON: the things on it, and the name after which the next page begins.
import * as v from 'valibot'
import { parseWith } from '../../../src/shared/parse.ts'
import { ListedSubreddit } from '../subreddits/listed-subreddit.ts'
import type { PostKey } from './walk.ts'

/** A thing's name: its kind and its id in base 36, as in `t3_1a2b3c`. */
const Fullname = v.pipe(
	v.string(),
	v.regex(/^t[1-6]_[a-z0-9]{1,13}$/, 'expected a name like t3_1a2b'),
)

const ListingAnswer = v.object({
	kind: v.literal('Listing', 'expected a listing'),
	data: v.object({
		after: v.nullish(Fullname, null),
		children: v.pipe(
			v.array(v.object({ kind: v.string(), data: v.unknown() })),
			v.maxLength(1_000, 'expected a page of a listing'),
		),
	}),
})

export interface Listing {
	/** Null on the last page. */
	readonly after: string | null
	readonly children: readonly { readonly kind: string; readonly data?: unknown }[]
}

/** @throws AppError `bad-data` */
export function parseListing(json: unknown): Listing {
	return parseWith(ListingAnswer, json, 'listing').data
}

/** A post on a page: its place in the listing, and its fields as they came. */
export interface ListedPost {
	readonly key: PostKey
	readonly fields: unknown
}

export interface PostPage {
	readonly after: string | null
	readonly posts: readonly ListedPost[]
	/** Things that are no posts, or none that could be placed. */
	readonly unreadable: number
}

const Placed = v.object({
	id: v.pipe(v.string(), v.regex(/^[a-z0-9]{1,13}$/)),
	// Reddit writes seconds as a float.
	created_utc: v.pipe(
		v.number(),
		v.minValue(0),
		v.maxValue(4_102_444_800),
		v.transform(Math.floor),
	),
})

/** @throws AppError `bad-data` */
export function parsePostPage(json: unknown): PostPage {
	const { after, children } = parseListing(json)
	const posts: ListedPost[] = []
	for (const { kind, data } of children) {
		const placed = kind === 't3' ? v.safeParse(Placed, data) : null
		if (placed?.success) posts.push({ key: placed.output, fields: data })
	}
	return { after, posts, unreadable: children.length - posts.length }
}

export interface SubredditPage {
	readonly after: string | null
	readonly subreddits: readonly ListedSubreddit[]
	readonly unreadable: number
}

/** @throws AppError `bad-data` */
export function parseSubredditPage(json: unknown): SubredditPage {
	const { after, children } = parseListing(json)
	const subreddits: ListedSubreddit[] = []
	for (const { kind, data } of children) {
		const result = kind === 't5' ? v.safeParse(ListedSubreddit, data) : null
		if (result?.success) subreddits.push(result.output)
	}
	return { after, subreddits, unreadable: children.length - subreddits.length }
}
