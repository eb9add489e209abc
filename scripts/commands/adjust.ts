// `whichsub adjust`: a model becomes a candidate, with the reranker, the prior and the calibration of its suggestions.
import { Command, Option } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import { PRIOR_RULE } from '../lib/evaluation/choose-prior.ts'
import { RERANKER_RULE } from '../lib/evaluation/choose-reranker.ts'
import { asCount } from '../lib/flag-values.ts'
import { adjustFor, TWIN_RULE } from '../lib/nodes/evaluate.ts'
import { formatExecution } from '../lib/pipeline/executions.ts'

export const createAdjustCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('adjust')
			.description('choose reranker, prior and calibration of a model, which is then a candidate')
			.option(
				'--execution <id>',
				'the model to adjust, by the number of a train or a quantize (default: the latest quantized model)',
				asCount,
			)
			.addOption(
				new Option(
					'--twin <id>',
					'take reranker, prior and calibration from this candidate of the same recipe instead of choosing them',
				).argParser(asCount),
			)
			.option('--json', 'print the execution as one JSON object')
			.addHelpText('after', `\n${RERANKER_RULE}\n\n${PRIOR_RULE}\n\n${TWIN_RULE}`)
			.action(async ({ json, ...options }) => {
				const io = effects()
				const record = await adjustFor(options, io)
				io.out(json ? JSON.stringify(record) : formatExecution(record, io))
			}),
	)
