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
Dates are days in UTC; a window holds its first day and not its last. Without --until and --test-from a split by time
tests on the newest posts, as many as --test-share says. The validation file takes the newest part of the training
window, or a random part of it with --split random.

A subreddit is a label with --min-posts training posts; test posts of other subreddits stay in the test file, as misses.
A test title that stands word for word in the training file under the same subreddit counts once.

With --reposts once a title that a subreddit has several times is taken once for training, its newest post. A title
under several subreddits stays under each: it belongs to each.`

export function addSnapshotOptions<Args extends unknown[], Options extends OptionValues>(
	command: Command<Args, Options>,
) {
	return command
		.addOption(
			new Option('--split <kind>', 'how training and test posts are parted')
				.choices(['time', 'random'])
				.default('time' as const),
		)
		.option('--from <date>', 'train on posts from this day on', parseDate)
		.option('--until <date>', 'train on posts before this day', parseDate)
		.option('--test-from <date>', 'test on posts from this day on (default: --until)', parseDate)
		.option('--test-until <date>', 'test on posts before this day', parseDate)
		.option('--test-share <share>', 'share of test posts', parseShare, DEFAULT_TEST_SHARE)
		.option(
			'--validation-share <share>',
			'share of the training window',
			parseShare,
			DEFAULT_VALIDATION_SHARE,
		)
		.option(
			'--min-posts <number>',
			'training posts that make a subreddit a label',
			parsePositiveInteger,
			DEFAULT_MIN_POSTS,
		)
		.option(
			'--max-posts <number>',
			'of a subreddit with more training posts the newest so many',
			parsePositiveInteger,
		)
		.option('--max-share <share>', 'the same, as a share of all training posts', parseShare)
		.addOption(
			new Option('--reposts <rule>', 'titles that a subreddit has several times')
				.choices(REPOST_RULES)
				.default('keep' as const),
		)
		.option('--seed <number>', 'seed of all chance', parsePositiveInteger, DEFAULT_SEED)
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
