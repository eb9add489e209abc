// `whichsub snapshot`: training, validation and test files from the database.
import { Command } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import { formatCount } from '../lib/progress.ts'
import { type MadeSnapshot, makeSnapshot } from '../lib/snapshot/snapshot.ts'
import { addSnapshotOptions, SNAPSHOT_NOTES, toSnapshotOptions } from './snapshot-options.ts'

export const createSnapshotCommand: CreateCommand = (effects) =>
	asCommand(
		addSnapshotOptions(new Command('snapshot'))
			.description('make training, validation and test files from the database')
			.option('--json', 'print hash, folder, execution and counts as one JSON object')
			.addHelpText('after', SNAPSHOT_NOTES)
			.action(async ({ json, ...options }) => {
				const outside = effects()
				const made = await makeSnapshot(toSnapshotOptions(options), outside)
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
