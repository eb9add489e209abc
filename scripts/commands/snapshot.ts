// `whichsub snapshot`: training, validation and test files from the database.
import { Command, Option } from '@commander-js/extra-typings'
import {
	asCommand,
	type CreateCommand,
	parseDate,
	parsePositiveInteger,
	parseShare,
} from '../lib/command.ts'
import { formatCount } from '../lib/progress.ts'
import { type MadeSnapshot, makeSnapshot } from '../lib/snapshot/snapshot.ts'

const DEFAULT_MIN_POSTS = 30
const DEFAULT_TEST_SHARE = 0.1
const DEFAULT_VALIDATION_SHARE = 0.02
const DEFAULT_SEED = 1

const NOTES = `
Dates are days in UTC; a window holds its first day and not its last. Without --until and --test-from a split by time
tests on the newest posts, as many as --test-share says. The validation file takes the newest part of the training
window, or a random part of it with --split random.

A subreddit is a label with --min-posts training posts; test posts of other subreddits stay in the test file, as misses.
A test title that stands word for word in the training file under the same subreddit counts once.`

export const createSnapshotCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('snapshot')
			.description('make training, validation and test files from the database')
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
			.option('--seed <number>', 'seed of all chance', parsePositiveInteger, DEFAULT_SEED)
			.option('--json', 'print hash, folder, execution and counts as one JSON object')
			.addHelpText('after', NOTES)
			.action(async ({ json, from, until, testFrom, testUntil, ...flags }) => {
				const outside = effects()
				const windows = {
					from: from ?? null,
					until: until ?? null,
					testFrom: testFrom ?? null,
					testUntil: testUntil ?? null,
				}
				const made = await makeSnapshot({ ...flags, split: flags.split, ...windows }, outside)
				outside.out(json ? JSON.stringify(summarize(made)) : formatSnapshot(made))
			}),
	)

function summarize({ snapshot, dir, execution }: MadeSnapshot) {
	const { hash, split, counts, from, until, testFrom, testUntil } = snapshot
	return { hash, dir, execution: execution.id, split, from, until, testFrom, testUntil, counts }
}

function formatSnapshot({ snapshot, dir, execution }: MadeSnapshot): string {
	const { counts, from, until, testFrom, testUntil } = snapshot
	const rows: [string, number, string?][] = [
		['training lines', counts.train, `${from.slice(0, 10)} until ${until.slice(0, 10)}`],
		['validation lines', counts.valid],
		['test lines', counts.test, `${testFrom.slice(0, 10)} until ${testUntil.slice(0, 10)}`],
		['labels', counts.labels],
		['left out: empty titles', counts.emptyTitles],
		['left out: rare subreddits', counts.rareSubredditPosts, `${counts.rareSubreddits} subreddits`],
		['test posts of other subreddits', counts.unknownLabelTest],
		[
			'test titles also in training',
			counts.testInTraining,
			`${counts.testRepeats} repeats left out`,
		],
	]
	const lines = rows.map(([name, count, note = '']) =>
		`${name.padEnd(32)}${formatCount(count).padStart(12)}  ${note}`.trimEnd(),
	)
	return [...lines, `execution #${execution.id}`, dir].join('\n')
}
