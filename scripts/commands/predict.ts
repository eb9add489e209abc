// `whichsub predict`: what the page would suggest for a title, or for a stream of titles.
import { Command, Option } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import { predict } from '../lib/suggestions/predict.ts'

export const createPredictCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('predict')
			.description('suggest five subreddits for a title, or for each line of stdin')
			.argument('[title]', 'a title (default: read titles from stdin, one per line)')
			.option('--release <name>', 'the release to ask, by version or channel', 'production')
			.option('--json', 'print one JSON object for each title')
			.option(
				'--typing',
				'treat the last word as unfinished, unless a space or a punctuation mark ends it (without this it is finished: the page would take "minecr" for the beginning of a word)',
			)
			.addOption(
				new Option(
					'--why',
					'print what each word and pair of the title adds to each suggestion',
				).conflicts('typing'),
			)
			.action((title, { release, json = false, typing = false, why = false }) =>
				predict({ title, release, json, typing, why }, effects()),
			),
	)
