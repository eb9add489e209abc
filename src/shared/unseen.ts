// The contract of the index of unseen subreddits: a file of a release, with those that its model has not learnt.
import * as v from 'valibot'
import { FileName, Sha256, UnitInterval } from './schema-parts.ts'

/** The largest index, in bytes: as it goes over the wire (gzip), and unpacked. */
export const MAX_UNSEEN_BYTES = 600_000
export const MAX_DECODED_UNSEEN_BYTES = 8 * 1024 * 1024

/** The same of the long tail: all subreddits that the model has not learnt. It comes on request. */
export const MAX_TAIL_BYTES = 5_000_000
export const MAX_DECODED_TAIL_BYTES = 32 * 1024 * 1024

/** How many of them are shown beside the five suggestions. */
export const UNSEEN_COUNT = 3

const Size = (max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(max))
const Strength = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(100))
const Below = (most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(most))

/** What a manifest says of the file. */
export const UnseenFile = v.object({
	file: FileName,
	bytes: Size(MAX_UNSEEN_BYTES),
	sha256: Sha256,
	encoding: v.literal('gzip'),
	decodedBytes: Size(MAX_DECODED_UNSEEN_BYTES),
	decodedSha256: Sha256,
	/** How many subreddits it holds. */
	subreddits: Size(100_000),
})
export type UnseenFile = v.InferOutput<typeof UnseenFile>

export const TailFileRecord = v.object({
	...UnseenFile.entries,
	bytes: Size(MAX_TAIL_BYTES),
	decodedBytes: Size(MAX_DECODED_TAIL_BYTES),
	subreddits: Size(1_000_000),
})
export type TailFileRecord = v.InferOutput<typeof TailFileRecord>

/** How evidence is weighed: see `src/model/unseen/search.ts`. */
export const UnseenParameters = v.object({
	/** BM25: how soon a repeated word stops counting, and how much a long description is held against it. */
	k1: Strength,
	b: UnitInterval,
	/** Strengths of words, of the share of the title's words that a subreddit has, of size, and of what the model thinks of the description. */
	words: Strength,
	coverage: Strength,
	size: Strength,
	bridge: Strength,
	/** What the bridge of a subreddit without any is taken for; above 0, because its logarithm is taken. */
	bridgeFloor: v.pipe(v.number(), v.minValue(1e-9), v.maxValue(1)),
	/** A subreddit of so many subscribers is taken to be half as alive as a large one, and how steeply that falls below; 0: not at all. */
	half: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1e9)), 0),
	steep: v.optional(Strength, 0),
	/** Evidence from which a subreddit is shown. */
	threshold: UnitInterval,
	/**
	 * Of a hundred subreddits with so much evidence how many are right, as measured: pairs that ascend, between which lie straight
	 * lines. Indexes from before it was measured have none.
	 */
	right: v.optional(v.array(v.tuple([UnitInterval, UnitInterval])), []),
})
export type UnseenParameters = v.InferOutput<typeof UnseenParameters>

/** How the file begins; its counts say how long the columns after it are. */
export const UnseenHeader = v.object({
	schema: v.literal(1),
	subreddits: Below(100_000),
	words: Below(500_000),
	/** Of the model: what the index was made for. */
	labels: Below(100_000),
	/** Entries of the labels' rows, and of the words'. */
	neighbours: Below(1_000_000),
	postings: Below(5_000_000),
	parameters: UnseenParameters,
})
export type UnseenHeader = v.InferOutput<typeof UnseenHeader>

/** How the file of the long tail begins. */
export const TailHeader = v.object({
	schema: v.literal(2),
	subreddits: Below(1_000_000),
	words: Below(2_000_000),
	labels: Below(100_000),
	/** Lengths of what the tables hold. */
	bytes: v.object({
		names: Below(MAX_DECODED_TAIL_BYTES),
		labels: Below(MAX_DECODED_TAIL_BYTES),
		words: Below(MAX_DECODED_TAIL_BYTES),
		postings: Below(MAX_DECODED_TAIL_BYTES),
	}),
	parameters: UnseenParameters,
})
export type TailHeader = v.InferOutput<typeof TailHeader>
