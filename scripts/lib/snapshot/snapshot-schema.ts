// snapshot.json: what a folder of training, validation and test files holds, and what made it.
import * as v from 'valibot'
import { Count, Instant, Sha256, SubredditName } from '../../../src/shared/schema-parts.ts'
import { sha256 } from '../files.ts'
import { SNAPSHOT_SPLITS } from './split.ts'

/** How long before the newest training post a post is still recent: the mixture of subreddits changes with the seasons. */
export const RECENT_DAYS = 90

const File = v.object({ name: v.string(), bytes: Count, sha256: Sha256 })

export const Snapshot = v.object({
	schema: v.literal(1),
	/**
	 * Digest of everything but `code`, and through `files` of every line: the same inputs give it on any machine.
	 */
	hash: Sha256,
	split: v.picklist(SNAPSHOT_SPLITS),
	/** What the command was asked for; null is open. */
	flags: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
	/** Version of `normalizeTitle`. */
	normalizer: Count,
	/**
	 * Training posts, validation included, were created in [from, until), test posts in [testFrom, testUntil). With the split
	 * `newest` the two overlap.
	 */
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
		/** Left out: posts on users' profiles, in the whole window. */
		profilePosts: v.exactOptional(Count),
		/**
		 * Left out: training posts of subreddits with fewer than the minimum of them; with the split `newest` also the posts that
		 * these would be tested and validated on.
		 */
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
		/** Left out of the training file: titles of feedback whose subreddit is no label. */
		feedbackLeftOut: v.exactOptional(Count),
		/** Titles of feedback that stand in the posts, and only under other subreddits. */
		feedbackContradictions: v.exactOptional(Count),
		/** Left out before the training: titles of feedback that look made, and those beyond a limit. */
		feedbackSuspicious: v.exactOptional(Count),
		feedbackOverLimit: v.exactOptional(Count),
		/** Of the feedback: lines of the test file. */
		feedbackTestLines: Count,
		/** Training posts whose title stands before under the same subreddit, or only under another one. */
		reposts: Count,
		crossposts: Count,
		/** Left out: those reposts, if asked for, and posts above the maximum of a subreddit. */
		repostsLeftOut: Count,
		cappedPosts: Count,
		/** Lines of the training file made of names and descriptions. */
		aboutLines: v.exactOptional(Count),
		/** Of the posts above the maximum: those in the files of older posts, of the past year and from before. */
		pastYearPosts: v.exactOptional(Count),
		olderPosts: v.exactOptional(Count),
	}),
	/** Posts by month of creation, as in `2013-06`, oldest first. */
	months: v.array(v.object({ month: v.string(), train: Count, valid: Count, test: Count })),
	/**
	 * The test file is in the order in which its posts were created: so many of its lines are of each day, as in `2013-06-01`.
	 * Feedback follows, and has no day.
	 */
	testDays: v.exactOptional(
		v.array(v.object({ day: v.pipe(v.string(), v.isoDate()), posts: Count })),
	),
	/** The posts that were read: how many, and the digest of id, time, subreddit and title of each, by id. */
	database: v.object({ posts: Count, sha256: Sha256 }),
	/** Subreddits with posts that may not be suggested, by name: no line of any file is theirs. */
	policy: v.exactOptional(
		v.array(
			v.object({ name: SubredditName, posts: Count, reason: v.string(), because: v.string() }),
		),
	),
	/** By name; lines of each file. */
	labels: v.array(
		v.object({
			name: SubredditName,
			train: Count,
			valid: Count,
			test: Count,
			/** Of the training lines: posts of the last {@link RECENT_DAYS} days of the file. */
			recent: v.exactOptional(Count),
			/** Where the database knows it. */
			subscribers: v.exactOptional(Count),
		}),
	),
	files: v.array(File),
	/** Which code made it; null outside a git repository. */
	code: v.nullable(v.object({ commit: v.string(), dirty: v.boolean() })),
})
export type Snapshot = v.InferOutput<typeof Snapshot>

export const SNAPSHOT_FILE = 'snapshot.json'
/** What the training file has from feedback, each title once; only there where there is some. */
export const FEEDBACK_FILE = 'feedback.txt'
export const REPORT_FILE = 'report.md'
export const SPLIT_FILES = { train: 'train.txt', valid: 'valid.txt', test: 'test.txt' } as const
export type SplitName = keyof typeof SPLIT_FILES
/**
 * What a table of evidence is counted from besides: names and descriptions of the labels (which stand in the training file, too), and
 * older posts, which a training may learn: of the past year, and from before. Not every snapshot has them.
 */
export const EVIDENCE_FILES = {
	about: 'about.txt',
	pastYear: 'past-year.txt',
	older: 'older.txt',
} as const
export const OLDER_PARTS = ['pastYear', 'older'] as const
export const TEXT_FILES = { ...SPLIT_FILES, ...EVIDENCE_FILES } as const
export type TextName = keyof typeof TEXT_FILES

/** @param content of snapshot.json, with its keys in their order; `hash` and `code` have no part in it */
export function hashSnapshot(content: object): string {
	const { hash: _hash, code: _code, ...hashed } = content as { hash?: unknown; code?: unknown }
	return sha256(JSON.stringify(hashed))
}
