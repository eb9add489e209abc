// `whichsub quantize`: a full-precision model becomes one of a few megabytes.
import { Command } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, PARAMETERS_NOTE } from '../lib/command.ts'
import { asCount } from '../lib/flag-values.ts'
import { quantizeModel } from '../lib/nodes/train.ts'
import { addParameterFlags, resolveParameters } from '../lib/parameter-flags.ts'
import { readParameters } from '../lib/parameters/parameters.ts'
import { formatExecution } from '../lib/pipeline/executions.ts'
import { QuantizeParameters } from '../lib/trainer/parameters.ts'

export const createQuantizeCommand: CreateCommand = (effects) =>
	asCommand(
		addParameterFlags(createCommand(), QuantizeParameters.entries)
			.option('--json', 'print the execution as one JSON object')
			.addHelpText('after', `\n${PARAMETERS_NOTE}`)
			.action(async ({ execution, json }, command) => {
				const io = effects()
				const { quantize } = await readParameters(io)
				const resolved = resolveParameters(QuantizeParameters.entries, quantize, command)
				const { values: parameters, overridden } = resolved
				const options = { execution, parameters, overridden, fresh: true }
				const record = await quantizeModel(options, io)
				io.out(json ? JSON.stringify(record) : formatExecution(record, io))
			}),
	)

function createCommand() {
	return new Command('quantize')
		.description('make a trained model small')
		.option(
			'--execution <id>',
			'number of the training whose model to quantize (default: the latest)',
			asCount,
		)
}
