// `whichsub train`: a snapshot becomes a full-precision model.
import { Command } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, PARAMETERS_NOTE } from '../lib/command.ts'
import { trainSnapshot } from '../lib/nodes/train.ts'
import { addParameterFlags, resolveParameters } from '../lib/parameter-flags.ts'
import { readParameters } from '../lib/parameters/parameters.ts'
import { formatExecution } from '../lib/pipeline/executions.ts'
import { TrainParameters } from '../lib/trainer/parameters.ts'

const RESUME =
	'Run the same command again to resume an interrupted training from its last checkpoint.'

export const createTrainCommand: CreateCommand = (effects) =>
	asCommand(
		addParameterFlags(createCommand(), TrainParameters.entries)
			.option('--json', 'print the execution as one JSON object')
			.addHelpText('after', `\n${PARAMETERS_NOTE}\n\n${RESUME}`)
			.action(async ({ snapshot, json }, command) => {
				const io = effects()
				const { train } = await readParameters(io)
				const resolved = resolveParameters(TrainParameters.entries, train, command)
				const { values: parameters, overridden } = resolved
				const options = { snapshot, parameters, overridden, fresh: true }
				const execution = await trainSnapshot(options, io)
				io.out(json ? JSON.stringify(execution) : formatExecution(execution, io))
			}),
	)

function createCommand() {
	return new Command('train')
		.description('train a model on a snapshot')
		.option('--snapshot <hash>', 'first digits of the hash of the snapshot', 'latest')
}
