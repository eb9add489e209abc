// snapshot.json: what a folder of training, validation and test files holds, and what made it.
import * as v from 'valibot'
import { Count, Instant, Sha256, SubredditName } from '../../../src/shared/schema-parts.ts'

const File = v.object({ name: v.string(), bytes: Count, sha256: Sha256 })

export const Snapshot = v.object({
	schema: v.literal(1),
	/** Digest of everything below, and through `files` of every line: the same inputs give it on any machine. */
	hash: Sha256,
	split: v.picklist(['time', 'random']),
	/** What the command was asked for; null is open. */
	flags: v.record(v.string(), v.union([v.string(), v.number(), v.null()])),
	/** Version of `normalizeTitle`. */
	normalizer: Count,
	/** Training posts, validation included, were created in [from, until), test posts in [testFrom, testUntil). */
	from: Instant,
	until: Instant,
	testFrom: Instant,
	testUntil: Instant,
	counts: v.object({
		/** Lines of the files. */
		train: Count,
		valid: Count,
		test: Count,
		labels: Count,
		/** Left out: titles with nothing left after normalising, in the whole window. */
		emptyTitles: Count,
		/** Left out: training posts of subreddits with fewer than the minimum of them. */
		rareSubredditPosts: Count,
		rareSubreddits: Count,
		/** Kept as misses: posts of the validation and test file whose subreddit is no label. */
		unknownLabelValid: Count,
		unknownLabelTest: Count,
		/** Test posts whose title stands word for word in the training file under the same subreddit. */
		testInTraining: Count,
		/** Those of them that were left out, because each such title counts once. */
		testRepeats: Count,
		/** Lines of the training file that come from feedback, and the titles behind them. */
		feedbackLines: Count,
		feedbackTitles: Count,
	}),
	/** By name; lines of each file. */
	labels: v.array(v.object({ name: SubredditName, train: Count, valid: Count, test: Count })),
	files: v.array(File),
})
export type Snapshot = v.InferOutput<typeof Snapshot>

export const SNAPSHOT_FILE = 'snapshot.json'
export const SPLIT_FILES = { train: 'train.txt', valid: 'valid.txt', test: 'test.txt' } as const
export type SplitName = keyof typeof SPLIT_FILES
