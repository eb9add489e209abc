// `whichsub train`: a snapshot becomes a full-precision model.
import { Command } from '@commander-js/extra-typings'
import {
	asCommand,
	type CreateCommand,
	numberBetween,
	PARAMETERS_NOTE,
	wholeNumberBetween,
} from '../lib/command.ts'
import { trainSnapshot } from '../lib/nodes/train.ts'
import { readParameters } from '../lib/parameters/parameters.ts'
import { formatExecution } from '../lib/pipeline/executions.ts'
import { LIMITS } from '../lib/pipeline/recipes.ts'
import { wasmTrainer } from '../lib/trainer/wasm.ts'

const RESUME =
	'Run the same command again to resume an interrupted training from its last checkpoint.'

export const createTrainCommand: CreateCommand = (effects) =>
	asCommand(
		withParameters(createCommand())
			.option('--json', 'print the execution as one JSON object')
			.addHelpText('after', `\n${formatDefaults()}\n\n${PARAMETERS_NOTE}\n\n${RESUME}`)
			.action(async ({ snapshot, json, ...parameters }) => {
				const io = effects()
				const { train: defaults } = await readParameters(io)
				const execution = await trainSnapshot({ snapshot, parameters, defaults, fresh: true }, io)
				io.out(json ? JSON.stringify(execution) : formatExecution(execution, io))
			}),
	)

function createCommand() {
	return new Command('train')
		.description('train a model on a snapshot')
		.option('--snapshot <hash>', 'first digits of the hash of the snapshot', 'latest')
}

function withParameters(command: ReturnType<typeof createCommand>) {
	return command
		.option('--dim <number>', 'length of the vectors', wholeNumberBetween(...LIMITS.dim))
		.option('--epochs <number>', 'passes over the posts', wholeNumberBetween(...LIMITS.epochs))
		.option(
			'--learning-rate <number>',
			'learning rate of the first step; it then falls',
			numberBetween(...LIMITS.learningRate),
		)
		.option(
			'--word-ngrams <number>',
			'longest n-grams, in words; 2: words and pairs of neighbours',
			wholeNumberBetween(...LIMITS.wordNgrams),
		)
		.option(
			'--bucket <number>',
			'hash buckets for n-grams; 0: a vector for each frequent n-gram',
			wholeNumberBetween(...LIMITS.bucket),
		)
		.option(
			'--min-count <number>',
			'leave out words that occur less often',
			wholeNumberBetween(...LIMITS.minCount),
		)
		.option(
			'--negatives <number>',
			'random wrong labels that a batch is compared with',
			wholeNumberBetween(...LIMITS.negatives),
		)
		.option(
			'--dilution <number>',
			'zero vectors averaged into the vector of a title, so that a single word decides less',
			wholeNumberBetween(...LIMITS.dilution),
		)
		.option(
			'--pieces <share>',
			'share of titles that are shortened to a random piece, to learn unfinished titles',
			numberBetween(...LIMITS.pieces),
		)
		.option('--threads <number>', 'threads to train on', wholeNumberBetween(...LIMITS.threads))
		.option('--seed <number>', 'random seed', wholeNumberBetween(...LIMITS.seed))
}

function formatDefaults(): string {
	const pairs = Object.entries(wasmTrainer.defaults)
	// The same text on every machine.
	const shown = pairs.map(([name, value]) => `${name} ${name === 'threads' ? 'as cores' : value}`)
	return `Defaults: ${shown.join(', ')}.`
}
