// `whichsub train`: a snapshot becomes a full-precision model.
import { Command, Option } from '@commander-js/extra-typings'
import {
	asCommand,
	type CreateCommand,
	numberBetween,
	PARAMETERS_NOTE,
	parsePositiveInteger,
	wholeNumberBetween,
} from '../lib/command.ts'
import { readParameters } from '../lib/parameters/parameters.ts'
import { formatExecution } from '../lib/pipeline/executions.ts'
import { LIMITS, LOSSES } from '../lib/pipeline/recipes.ts'
import { DEFAULT_ENGINE, engineNames, findEngine } from '../lib/trainer/engines.ts'
import { trainSnapshot } from '../lib/trainer/steps.ts'

const ENGINE_NOTE = `${PARAMETERS_NOTE} Its values
are for the engine that it names; another one has its own defaults.`

const RESUME =
	'Run the same command again to resume an interrupted training from its last checkpoint (wasm).'

export const createTrainCommand: CreateCommand = (effects) =>
	asCommand(
		withParameters(createCommand())
			.option('--init <model>', 'start from a release, a training (#id) or a model.bin file (wasm)')
			.option(
				'--autotune <seconds>',
				'first search this long for good parameters, judged on the validation posts (wasm)',
				parsePositiveInteger,
			)
			.option('--json', 'print the execution as one JSON object')
			.addHelpText(
				'after',
				`\nDefaults:\n${engineNames.map(formatDefaults).join('\n')}\n\n${ENGINE_NOTE}\n\n${RESUME}`,
			)
			.action(async ({ snapshot, engine, init, autotune, json, ...parameters }) => {
				const io = effects()
				const { engine: usual, ...defaults } = (await readParameters(io)).train
				const options = {
					snapshot,
					engine: engine ?? usual,
					init,
					autotune,
					parameters,
					defaults: { engine: usual, parameters: defaults },
				}
				const execution = await trainSnapshot(options, io)
				io.out(json ? JSON.stringify(execution) : formatExecution(execution, io))
			}),
	)

function createCommand() {
	return new Command('train')
		.description('train a model on a snapshot')
		.option('--snapshot <hash>', 'first digits of the hash of the snapshot', 'latest')
		.addOption(
			new Option(
				'--engine <name>',
				`our trainer (wasm) or the installed fasttext (native) (default: ${DEFAULT_ENGINE})`,
			).choices(engineNames),
		)
}

function withParameters(command: ReturnType<typeof createCommand>) {
	return command
		.addOption(new Option('--loss <name>', 'loss function').choices(LOSSES))
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
			'hash buckets for n-grams; 0: a vector for each frequent n-gram (wasm)',
			wholeNumberBetween(...LIMITS.bucket),
		)
		.option(
			'--min-count <number>',
			'leave out words that occur less often',
			wholeNumberBetween(...LIMITS.minCount),
		)
		.option(
			'--negatives <number>',
			'random wrong labels that a batch (wasm) or a post (native) is compared with',
			wholeNumberBetween(...LIMITS.negatives),
		)
		.option(
			'--dilution <number>',
			'zero vectors averaged into the vector of a title, so that a single word decides less (wasm)',
			wholeNumberBetween(...LIMITS.dilution),
		)
		.option(
			'--pieces <share>',
			'share of titles that are shortened to a random piece, to learn unfinished titles (wasm)',
			numberBetween(...LIMITS.pieces),
		)
		.option('--threads <number>', 'threads to train on', wholeNumberBetween(...LIMITS.threads))
		.option('--seed <number>', 'random seed', wholeNumberBetween(...LIMITS.seed))
}

function formatDefaults(engine: string): string {
	const pairs = Object.entries(findEngine(engine).defaults)
	// The same text on every machine.
	const shown = pairs.map(([name, value]) => `${name} ${name === 'threads' ? 'as cores' : value}`)
	return `  ${engine}: ${shown.join(', ')}`
}
