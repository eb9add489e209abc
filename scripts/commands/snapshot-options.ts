// What the flags that say which posts a snapshot takes mean together: of `snapshot` and of `retrain`.
import * as v from 'valibot'
import { PARAMETERS_NOTE } from '../lib/command.ts'
import type { FeedbackParameters } from '../lib/feedback/parameters.ts'
import type { SnapshotRun } from '../lib/nodes/snapshot.ts'
import { isGiven, type ParsedCommand, resolveParameters } from '../lib/parameter-flags.ts'
import type { SnapshotParameters } from '../lib/snapshot/parameters.ts'
import { RecordedParameters } from '../lib/snapshot/recorded-parameters.ts'

/** What the options mean, for the help. */
export const SNAPSHOT_NOTES = `
Dates are days in UTC. Posts of the --from and --test-from days are included, posts of the --until and --test-until days
are not. If no date but --from is given, a split by time tests on the newest posts: a share of --test-share, but at most
200,000 (with --split time without that limit). The validation posts are the newest of the training posts; with --split
random they are chosen at random.

--split newest fits posts that were collected as the newest of each subreddit, however far back they reach. It tests on each
subreddit's newest --test-posts, validates on the --validation-posts before those, and trains on older ones, of which
--max-posts takes the newest. A subreddit with fewer than --min-posts older ones is left out and not tested on. Of two posts
of the same second, the one whose id comes later in the alphabet counts as the newer one.

--split auto splits by time, unless no dates are given and more than 30% of the newest posts are of subreddits with fewer
than --min-posts older ones. Then it is --split newest. The command says what it chose.

A subreddit becomes a label if it has at least --min-posts training posts. Upper and lower case do not matter: the label is
spelled as in the newest list of subreddits, or else as in its newest post. Profiles (u_…) never become labels. Test posts of
other subreddits stay in the test file, where they count as misses, except with --split newest. A test title that also stands
in the training file, word for word and under the same subreddit, is tested once, however often it was posted.

With --reposts once, a title that was posted several times in a subreddit is trained on once, as its newest post. A title
that was posted in several subreddits stays under each of them.

Subreddits that may not be suggested (section policy of whichsub.yaml, docs/policy.md) are left out with all their posts; the
report names them with the reason.

${PARAMETERS_NOTE} If --split,
--test-share or any date is given, the dates of the file are left out.`

const WINDOWS = ['from', 'until', 'testFrom', 'testUntil'] as const

/** Flags that say which posts are trained and tested on. */
const WINDOW_FLAGS = ['split', ...WINDOWS, 'testShare'] as const

const NEWEST_FLAGS = ['testPosts', 'validationPosts'] as const

const OPEN_WINDOWS = { from: null, until: null, testFrom: null, testUntil: null } as const

/**
 * The file's values and the flags in their place. Dates belong together: where a flag says which posts to take, or `isOpen`,
 * the file's dates are left out. Values that contradict each other are wrong usage.
 */
export function resolveSnapshot(
	file: SnapshotParameters & Partial<FeedbackParameters>,
	command: ParsedCommand & { error(message: string): never },
	{ isOpen = false } = {},
): SnapshotRun {
	const isPlaced = isOpen || WINDOW_FLAGS.some((name) => isGiven(name, command))
	const section = isPlaced ? { ...file, ...OPEN_WINDOWS } : file
	const { values, overridden } = resolveParameters(RecordedParameters.entries, section, command)
	const result = v.safeParse(RecordedParameters, values)
	if (!result.success) command.error(`error: ${result.issues[0].message}`)
	const { split } = result.output
	const isIdle = split !== 'newest' && split !== 'auto'
	if (isIdle && NEWEST_FLAGS.some((name) => isGiven(name, command)))
		command.error(
			`error: --test-posts and --validation-posts are for --split newest; leave them out with --split ${split}`,
		)
	return { parameters: result.output, overridden }
}
