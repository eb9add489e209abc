// `whichsub compare`: two releases or candidates on the same posts.
import { Command, Option } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, parsePositiveInteger } from '../lib/command.ts'
import { DEFAULT_MIN_TEST_POSTS, recordComparison } from '../lib/comparison/compare.ts'
import { formatComparison } from '../lib/comparison/format.ts'

const NOTES = `
A and B are versions, channels, or executions by number ("compare 56 81").

Differences of recall come with a 95 % confidence interval for paired samples (Agresti & Min 2005), as both models
classify the same posts. If the interval includes 0, the difference may be chance.`

export const createCompareCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('compare')
			.description('compare two releases or candidates on the same posts')
			.argument('<a>', 'the current model')
			.argument('<b>', 'the model that may replace it')
			.addOption(new Option('--posts <file...>', 'dumps to compare on').conflicts('snapshot'))
			.option(
				'--snapshot <hash>',
				'compare on the test posts of this snapshot (default: the one that B was trained on)',
			)
			.option(
				'--min-posts <number>',
				'list only subreddits with at least this many test posts',
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
