// `whichsub compare`: two releases or candidates on the same posts.
import { Command, Option } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, parsePositiveInteger } from '../lib/command.ts'
import { DEFAULT_MIN_TEST_POSTS, recordComparison } from '../lib/comparison/compare.ts'
import { formatComparison } from '../lib/comparison/format.ts'

const NOTES = `
A and B are versions, channels, or executions by number ("compare 56 81").

The interval of a recall's difference is for the same posts asked twice (Agresti & Min 2005): where it holds 0, the
difference may be chance.`

export const createCompareCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('compare')
			.description('two releases or candidates on the same posts, side by side')
			.argument('<a>', 'the one that is there')
			.argument('<b>', 'the one that may replace it')
			.addOption(new Option('--posts <file...>', 'dumps to compare on').conflicts('snapshot'))
			.option(
				'--snapshot <hash>',
				'compare on the test posts of a snapshot; the one that B was trained on if left out',
			)
			.option(
				'--min-posts <number>',
				'test posts that a subreddit needs to be listed',
				parsePositiveInteger,
				DEFAULT_MIN_TEST_POSTS,
			)
			.option('--json', 'print one JSON object')
			.addHelpText('after', NOTES)
			.action(async (a, b, { json, ...options }) => {
				const io = effects()
				const { comparison, execution } = await recordComparison({ a, b, ...options }, io)
				io.out(
					json
						? JSON.stringify({ ...comparison, execution: execution.id })
						: `${formatComparison(comparison)}\n\nrecorded as #${execution.id}`,
				)
			}),
	)
