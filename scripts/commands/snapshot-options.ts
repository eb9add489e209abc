// The options that say which posts a snapshot takes: of `snapshot` and of `retrain`.
import { type Command, Option, type OptionValues } from '@commander-js/extra-typings'
import * as v from 'valibot'
import { AppError } from '../../src/shared/app-error.ts'
import {
	checkUsage,
	givenOptions,
	PARAMETERS_NOTE,
	parseDate,
	parsePositiveInteger,
	parseShare,
} from '../lib/command.ts'
import { type Given, resolveParameters } from '../lib/resolve-parameters.ts'
import { POLICY_RULES } from '../lib/snapshot/apply-policy.ts'
import { REPOST_RULES } from '../lib/snapshot/compose.ts'
import { SnapshotParameters } from '../lib/snapshot/parameters.ts'
import { checkSnapshotOptions, type SnapshotOptions } from '../lib/snapshot/snapshot.ts'
import { SPLIT_CHOICES } from '../lib/snapshot/split.ts'

const DEFAULTS = v.parse(SnapshotParameters, {})

/** What the options mean, for the help. */
export const SNAPSHOT_NOTES = `
Dates are days in UTC. Posts of the --from and --test-from days are included, posts of the --until and --test-until days
are not. If no date but --from is given, a split by time tests on the newest posts: a share of --test-share, but at most
200,000 (with --split time without that limit). --split auto splits by time, unless no dates are given and more than 30% of
those newest posts are of
subreddits with fewer than --min-posts older ones: then it is --split newest. The command says what it chose.
The validation posts are the newest of the training posts; with --split random they are chosen at random.

--split newest fits posts that were collected as the newest of each subreddit, whatever time these reach back to: it tests on
each subreddit's newest --test-posts, validates on the --validation-posts before those, and trains on older ones, of which
--max-posts takes the newest. A subreddit with fewer than --min-posts of older ones is left out, and is not tested on.
Of two posts of one second, the one whose id comes later in the alphabet is the newer one.

A subreddit becomes a label if it has at least --min-posts training posts. It is one label in whatever case its posts write
its name: shown as the newest list of subreddits has it, else as its newest post does. Profiles (u_…) are no labels. Other
than with --split newest, test posts of other subreddits stay in the test file, where they count as misses. A test title that
also stands in the training file, word for word and under the same subreddit, is tested once, however often it was posted.

With --reposts once, a title that was posted several times in a subreddit is trained on once, as its newest post. A title
that was posted in several subreddits stays under each of them.

Subreddits that may not be suggested (the section policy of whichsub.yaml, docs/policy.md) are left out with all their posts;
the report names them with the reason.

${PARAMETERS_NOTE} If --split,
--test-share or any date is given, the dates of the file are left out.`

export function addSnapshotOptions<Args extends unknown[], Options extends OptionValues>(
	command: Command<Args, Options>,
) {
	return addLimitOptions(addSplitOptions(command))
}

function addSplitOptions<Args extends unknown[], Options extends OptionValues>(
	command: Command<Args, Options>,
) {
	return command
		.addOption(
			new Option('--split <kind>', 'how to divide the posts into training and test')
				.choices(SPLIT_CHOICES)
				.default(DEFAULTS.split),
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
			DEFAULTS.testShare,
		)
		.option(
			'--validation-share <share>',
			'share of the training posts to validate on',
			parseShare,
			DEFAULTS.validationShare,
		)
		.option(
			'--test-posts <number>',
			"with --split newest: test on this many of each subreddit's newest posts",
			parsePositiveInteger,
			DEFAULTS.testPosts,
		)
		.option(
			'--validation-posts <number>',
			'with --split newest: validate on this many posts of each subreddit, just before those',
			parsePositiveInteger,
			DEFAULTS.validationPosts,
		)
}

/** How much of each subreddit is learnt. */
function addLimitOptions<Args extends unknown[], Options extends OptionValues>(
	command: Command<Args, Options>,
) {
	return command
		.option(
			'--min-posts <number>',
			'training posts that a subreddit needs to become a label',
			parsePositiveInteger,
			DEFAULTS.minPosts,
		)
		.option(
			'--max-posts <number>',
			'train on at most this many posts of a subreddit, the newest',
			parsePositiveInteger,
		)
		.option(
			'--older-posts <number>',
			'also count this many older posts of each label, with little weight, in the table of evidence',
			parsePositiveInteger,
		)
		.option('--about', 'train on the names and descriptions of the labels, too')
		.option('--max-share <share>', 'like --max-posts, as a share of all training posts', parseShare)
		.addOption(
			new Option(
				'--reposts <rule>',
				'train on every repost of a title in a subreddit, or on the newest only',
			)
				.choices(REPOST_RULES)
				.default(DEFAULTS.reposts),
		)
		.addOption(
			new Option(
				'--policy <rule>',
				'leave out the subreddits that the policy refuses (apply), or keep them (off)',
			)
				.choices(POLICY_RULES)
				.default(DEFAULTS.policy),
		)
		.option('--seed <number>', 'random seed', parsePositiveInteger, DEFAULTS.seed)
}

type Flags = Given<SnapshotParameters>

const WINDOWS = ['from', 'until', 'testFrom', 'testUntil'] as const

/** Flags that say which posts are trained and tested on. */
const WINDOW_FLAGS = ['split', ...WINDOWS, 'testShare'] as const

const OPEN_WINDOWS = { from: null, until: null, testFrom: null, testUntil: null } as const

/**
 * The file's values and the flags in their place. Dates belong together: where a flag says which posts to take, or `isOpen`,
 * the file's dates are left out. Values that contradict each other are wrong usage.
 */
export function toSnapshotOptions(
	file: SnapshotParameters,
	options: Flags,
	command: {
		error(message: string): never
		getOptionValueSource(name: string): unknown
	},
	{ isOpen = false } = {},
): SnapshotOptions {
	const names = Object.keys(SnapshotParameters.entries)
	const given = Object.entries(givenOptions(options, command))
	const flags: Flags = Object.fromEntries(given.filter(([name]) => names.includes(name)))
	const isPlaced = isOpen || WINDOW_FLAGS.some((name) => flags[name] !== undefined)
	const section = isPlaced ? { ...file, ...OPEN_WINDOWS } : file
	const { values, overridden } = resolveParameters(section, flags)
	const snapshot = { ...values, overridden }
	checkUsage(command, () => {
		checkFlags(flags, snapshot)
		checkSnapshotOptions(snapshot)
	})
	return snapshot
}

/** @throws AppError `bad-input` for a flag that would do nothing */
function checkFlags({ testPosts, validationPosts }: Flags, { split }: SnapshotOptions): void {
	if (
		split === 'newest' ||
		split === 'auto' ||
		(testPosts === undefined && validationPosts === undefined)
	)
		return
	throw new AppError(
		'bad-input',
		`--test-posts and --validation-posts are for --split newest; leave them out with --split ${split}`,
	)
}
