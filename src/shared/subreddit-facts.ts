// The contract of a release's file of facts: of each subreddit that its model has learnt, how many members it has, and what it is
// about in a few words of the model.
import * as v from 'valibot'
import { Count, FileName, Sha256 } from './schema-parts.ts'

/** The largest file, in bytes: as it goes over the wire (gzip), and unpacked. */
const MAX_FACTS_BYTES = 1_000_000
const MAX_DECODED_FACTS_BYTES = 8 * 1024 * 1024
const MAX_SUBREDDITS = 100_000

/** How many words are told of a subreddit. */
export const TELLING_WORDS = 4

const Size = (max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(max))

/** What a manifest says of the file. */
export const FactsFile = v.object({
	file: FileName,
	bytes: Size(MAX_FACTS_BYTES),
	sha256: Sha256,
	encoding: v.literal('gzip'),
	decodedBytes: Size(MAX_DECODED_FACTS_BYTES),
	decodedSha256: Sha256,
})
export type FactsFile = v.InferOutput<typeof FactsFile>

/** Columns by label, in ascending order of their names, by code unit. */
export const SubredditFactsFile = v.pipe(
	v.object({
		schema: v.literal(1),
		/** Rounded to two digits; null where no list names the subreddit. */
		members: v.pipe(v.array(v.nullable(Count)), v.maxLength(MAX_SUBREDDITS)),
		/** Parted by spaces, at most {@link TELLING_WORDS}, first the one that speaks most for the subreddit. */
		words: v.pipe(v.array(v.pipe(v.string(), v.maxLength(200))), v.maxLength(MAX_SUBREDDITS)),
	}),
	v.check(({ members, words }) => members.length === words.length, 'columns of two lengths'),
)
export type SubredditFactsFile = v.InferOutput<typeof SubredditFactsFile>
