// The options that say which posts a snapshot takes: of `snapshot` and of `retrain`.
import { type Command, Option, type OptionValues } from '@commander-js/extra-typings'
import { checkUsage, parseDate, parsePositiveInteger, parseShare } from '../lib/command.ts'
import { REPOST_RULES } from '../lib/snapshot/compose.ts'
import { checkSnapshotOptions, type SnapshotOptions } from '../lib/snapshot/snapshot.ts'

const DEFAULT_MIN_POSTS = 30
const DEFAULT_TEST_SHARE = 0.1
const DEFAULT_VALIDATION_SHARE = 0.02
const DEFAULT_SEED = 1

/** What the options mean, for the help. */
export const SNAPSHOT_NOTES = `
Dates are days in UTC. Posts of the --from and --test-from days are included, posts of the --until and --test-until days
are not. If neither --until nor --test-from is given, a split by time tests on the newest posts, a share of --test-share.
The validation posts are the newest of the training posts; with --split random they are chosen at random.

A subreddit becomes a label if it has at least --min-posts training posts. Test posts of other subreddits stay in the test
file, where they count as misses. A test title that also stands in the training file, word for word and under the same
subreddit, is tested once, however often it was posted.

With --reposts once, a title that was posted several times in a subreddit is trained on once, as its newest post. A title
that was posted in several subreddits stays under each of them.`

export function addSnapshotOptions<Args extends unknown[], Options extends OptionValues>(
	command: Command<Args, Options>,
) {
	return command
		.addOption(
			new Option('--split <kind>', 'how to divide the posts into training and test')
				.choices(['time', 'random'])
				.default('time' as const),
		)
		.option('--from <date>', 'train on posts from this day on', parseDate)
		.option('--until <date>', 'train on posts before this day', parseDate)
		.option(
			'--test-from <date>',
			'test on posts from this day on (default: the day of --until)',
			parseDate,
		)
		.option('--test-until <date>', 'test on posts before this day', parseDate)
		.option(
			'--test-share <share>',
			'share of the posts to test on, if no dates say which',
			parseShare,
			DEFAULT_TEST_SHARE,
		)
		.option(
			'--validation-share <share>',
			'share of the training posts to validate on',
			parseShare,
			DEFAULT_VALIDATION_SHARE,
		)
		.option(
			'--min-posts <number>',
			'training posts that a subreddit needs to become a label',
			parsePositiveInteger,
			DEFAULT_MIN_POSTS,
		)
		.option(
			'--max-posts <number>',
			'train on at most this many posts of a subreddit, the newest',
			parsePositiveInteger,
		)
		.option('--max-share <share>', 'like --max-posts, as a share of all training posts', parseShare)
		.addOption(
			new Option(
				'--reposts <rule>',
				'train on every repost of a title in a subreddit, or on the newest only',
			)
				.choices(REPOST_RULES)
				.default('keep' as const),
		)
		.option('--seed <number>', 'random seed', parsePositiveInteger, DEFAULT_SEED)
}

type Window = 'from' | 'until' | 'testFrom' | 'testUntil'

/** A date that is left out is open; dates and limits that contradict each other are wrong usage. */
export function toSnapshotOptions(
	options: Omit<
		SnapshotOptions,
		Window | 'feedback' | 'feedbackLimits' | 'feedbackTestShare' | 'labelsFromFeedback'
	> & {
		readonly [name in Window]?: number
	},
	command: { error(message: string): never },
): SnapshotOptions {
	const { split, testShare, validationShare, minPosts, maxPosts, maxShare, reposts, seed } = options
	const { from = null, until = null, testFrom = null, testUntil = null } = options
	const windows = { from, until, testFrom, testUntil }
	const limits = { minPosts, maxPosts, maxShare, reposts }
	const snapshot = { split, testShare, validationShare, ...limits, seed, ...windows }
	checkUsage(command, () => checkSnapshotOptions(snapshot))
	return snapshot
}
