// `whichsub evaluate`: how good a release or a candidate is, on a snapshot's test posts or on dumps.
import { Command, Option } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import { UNSEEN_RULE } from '../lib/evaluation/unseen-figure.ts'
import { asCount } from '../lib/flag-values.ts'
import { runEvaluation } from '../lib/nodes/evaluate.ts'
import { formatText } from '../lib/reports/document.ts'
import { evaluationSections } from '../lib/reports/sections.ts'

export const createEvaluateCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('evaluate')
			.description('measure how often a model suggests the right subreddit')
			.addOption(
				new Option('--release <name>', 'the release to measure, by version or channel').conflicts(
					'execution',
				),
			)
			.option(
				'--execution <id>',
				'the candidate to measure, by its number; a model that is not adjusted yet is adjusted first (default: the latest quantized model)',
				asCount,
			)
			.option(
				'--posts <file...>',
				"dumps to measure on (default: the test posts of the model's own snapshot)",
			)
			.addOption(
				new Option(
					'--beside <id>',
					'also show the figures of another evaluated candidate, such as one of a random split, to see how much that flatters',
				)
					.argParser(asCount)
					.conflicts(['release', 'posts']),
			)
			.option('--json', 'print the figures as one JSON object')
			.addHelpText('after', `\n${UNSEEN_RULE}`)
			.action(async (options) => {
				const io = effects()
				const { report, name } = await runEvaluation(options, io)
				const text = `${name}\n\n${formatText(evaluationSections({ report }))}`
				io.out(options.json ? JSON.stringify(report.metrics) : text)
			}),
	)
