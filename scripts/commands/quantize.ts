// `whichsub quantize`: a full-precision model becomes one that a phone downloads without noticing.
import { Command } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, parsePositiveInteger } from '../lib/command.ts'
import { formatExecution } from '../lib/executions/executions.ts'
import { quantizeModel } from '../lib/trainer/steps.ts'

export const createQuantizeCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('quantize')
			.description('make a trained model small')
			.option('--execution <id>', 'the training; the latest if left out', parsePositiveInteger)
			.option('--cutoff <number>', 'words and n-grams to keep', parsePositiveInteger)
			.option('--max-bytes <number>', 'largest file on the wire (gzip)', parsePositiveInteger)
			.option(
				'--no-retrain',
				'do not train the kept ones again (a model that went on from another never is)',
			)
			.option('--threads <number>', 'threads to train on', parsePositiveInteger)
			.option('--json', 'print the execution as one JSON object')
			.action(async ({ execution, json, retrain, ...given }) => {
				const io = effects()
				// Without the option it is for the engine to say, and for what was trained.
				const parameters = { ...given, retrain: retrain ? undefined : false }
				const record = await quantizeModel({ execution, parameters }, io)
				io.out(json ? JSON.stringify(record) : formatExecution(record, io))
			}),
	)
