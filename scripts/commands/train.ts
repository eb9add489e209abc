// `whichsub train`: a snapshot becomes a full-precision model.
import { Command, Option } from '@commander-js/extra-typings'
import {
	asCommand,
	type CreateCommand,
	parseNonNegativeInteger,
	parsePositiveInteger,
	parsePositiveNumber,
	parseShare,
} from '../lib/command.ts'
import { formatExecution } from '../lib/executions/executions.ts'
import { DEFAULT_ENGINE, engineNames, findEngine } from '../lib/trainer/engines.ts'
import { trainSnapshot } from '../lib/trainer/steps.ts'
import { LOSSES } from '../lib/trainer/trainer.ts'

const RESUME =
	'A training that was cut short goes on after its last checkpoint when the same is asked for again (wasm).'

export const createTrainCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('train')
			.description('train a model on a snapshot; options left out get the default of the engine')
			.option('--snapshot <hash>', 'the snapshot, by the first digits of its hash', 'latest')
			.addOption(
				new Option('--engine <name>', 'what trains').choices(engineNames).default(DEFAULT_ENGINE),
			)
			.addOption(new Option('--loss <name>', 'loss function').choices(LOSSES))
			.option('--dim <number>', 'length of the vectors', parsePositiveInteger)
			.option('--epochs <number>', 'passes over the posts', parsePositiveInteger)
			.option('--learning-rate <number>', 'first learning rate', parsePositiveNumber)
			.option('--word-ngrams <number>', '2: words and pairs of neighbours', parsePositiveInteger)
			.option(
				'--bucket <number>',
				'hash buckets for n-grams; 0: each frequent one for itself (wasm)',
				parseNonNegativeInteger,
			)
			.option('--min-count <number>', 'leave out rarer words', parsePositiveInteger)
			.option('--negatives <number>', 'wrong labels drawn for each right one', parsePositiveInteger)
			.option(
				'--dilution <number>',
				'zero vectors that the mean of a title counts, so that one word alone decides less (wasm)',
				parseNonNegativeInteger,
			)
			.option(
				'--pieces <share>',
				'share of the titles of which a piece is learnt in place of the whole (wasm)',
				parseShare,
			)
			.option('--threads <number>', 'threads to train on', parsePositiveInteger)
			.option('--seed <number>', 'fixes what is drawn by lot', parseNonNegativeInteger)
			.option('--init <model>', 'go on from a release, a training (#id) or a model.bin (wasm)')
			.option(
				'--autotune <seconds>',
				'look for good parameters first, on the validation posts (wasm)',
				parsePositiveInteger,
			)
			.option('--json', 'print the execution as one JSON object')
			.addHelpText(
				'after',
				`\nDefaults:\n${engineNames.map(formatDefaults).join('\n')}\n\n${RESUME}`,
			)
			.action(async ({ snapshot, engine, init, autotune, json, ...parameters }) => {
				const io = effects()
				const execution = await trainSnapshot({ snapshot, engine, init, autotune, parameters }, io)
				io.out(json ? JSON.stringify(execution) : formatExecution(execution, io))
			}),
	)

function formatDefaults(engine: string): string {
	const pairs = Object.entries(findEngine(engine).defaults)
	return `  ${engine}: ${pairs.map(([name, value]) => `${name} ${value}`).join(', ')}`
}
