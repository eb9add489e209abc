// `whichsub quantize`: a full-precision model becomes one of a few megabytes.
import { Command } from '@commander-js/extra-typings'
import {
	asCommand,
	type CreateCommand,
	PARAMETERS_NOTE,
	parsePositiveInteger,
	wholeNumberBetween,
} from '../lib/command.ts'
import { quantizeModel } from '../lib/nodes/train.ts'
import { readParameters } from '../lib/parameters/parameters.ts'
import { formatExecution } from '../lib/pipeline/executions.ts'
import { LIMITS } from '../lib/pipeline/recipes.ts'

export const createQuantizeCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('quantize')
			.description('make a trained model small')
			.option(
				'--execution <id>',
				'number of the training whose model to quantize (default: the latest)',
				parsePositiveInteger,
			)
			.option('--cutoff <number>', 'how many words and n-grams to keep', parsePositiveInteger)
			.option('--max-bytes <number>', 'largest size of the packed model', parsePositiveInteger)
			.option(
				'--evidence-bytes <number>',
				'how many of these bytes the table of evidence may take (what single words speak for); 0: no table',
				wholeNumberBetween(0, Number.MAX_SAFE_INTEGER),
			)
			.option('--no-retrain', 'do not train the kept words and n-grams again')
			.option('--threads <number>', 'threads to use', wholeNumberBetween(...LIMITS.threads))
			.option('--json', 'print the execution as one JSON object')
			.addHelpText('after', `\n${PARAMETERS_NOTE}`)
			.action(async ({ execution, json, retrain, ...given }) => {
				const io = effects()
				// Left undefined without the option: the parameters file has the default.
				const parameters = { ...given, retrain: retrain ? undefined : false }
				const { quantize: defaults } = await readParameters(io)
				const record = await quantizeModel({ execution, parameters, defaults, fresh: true }, io)
				io.out(json ? JSON.stringify(record) : formatExecution(record, io))
			}),
	)
