// `whichsub subreddits …`: what is known of subreddits beside their posts.
import { Command } from '@commander-js/extra-typings'
import {
	asCommand,
	type CreateCommand,
	checkUsage,
	parsePositiveInteger,
	wholeNumberBetween,
} from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { UNSEEN_DRAW } from '../lib/evaluation/unseen-figure.ts'
import { checkProblemsOptions, PROBLEMS_HELP, PROBLEMS_RULE } from '../lib/posts/broken-rows.ts'
import { formatCount } from '../lib/progress.ts'
import { type ImportCounts, importSubreddits } from '../lib/subreddits/import.ts'
import { formatIndex, formatUnseenFigures } from '../lib/unseen/format.ts'
import { indexSubreddits, measureIndex } from '../lib/unseen/run.ts'

const NOTES = `
The file has one JSON object a line, plain or packed as .zst or .gz; - reads stdin. The fields are named as in Reddit's
listings: display_name, id and created_utc are required; subscribers, over18 and public_description are optional.
snapshot copies the numbers of subscribers, and evaluate uses them to rank large subreddits higher.

${PROBLEMS_RULE}`

export const createSubredditsCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('subreddits')
			.description('import the sizes and descriptions of subreddits, index those not learnt')
			.addCommand(asCommand(createImport(effects)))
			.addCommand(asCommand(createIndex(effects))),
	)

function createImport(effects: () => Effects) {
	return new Command('import')
		.description('read names, sizes and descriptions of subreddits from a file into the database')
		.argument('<file>', 'a file of subreddits; - is stdin')
		.option('--problems <file>', PROBLEMS_HELP)
		.option('--json', 'print the counts as one JSON object')
		.addHelpText('after', NOTES)
		.action(async (file, { problems, json }, command) => {
			checkUsage(command, () => checkProblemsOptions({ problems, files: [file] }))
			const io = effects()
			const counts = await importSubreddits({ file, problems }, io)
			io.out(json ? JSON.stringify(counts) : formatCounts(counts))
		})
}

const INDEX_NOTES = `
The index holds the subreddits of the list (subreddits import, collect subreddits) that the model has not learnt, without those
marked 18+ or private. The page suggests at most three of them beside the five. release publish builds it by itself: this
command shows what it will be. --out writes it to a file.

--measure tells how well it works: it trains a model on the snapshot without --leave-out subreddits of the list, searches for
these with their test posts among all that the model does not know. That takes as long as train. It is recorded: with the
default draw evaluate reports it as unseen.recall@5 of each model of the same training.`

function createIndex(effects: () => Effects) {
	return new Command('index')
		.description('build the index of subreddits that a model has not learnt, or measure it')
		.option(
			'--execution <id>',
			'a quantized model; the latest one if not given',
			parsePositiveInteger,
		)
		.option('--out <file>', 'write the index as a release has it')
		.option('--measure', 'measure it on subreddits left out of a training')
		.option(
			'--leave-out <number>',
			'with --measure: how many subreddits to leave out',
			wholeNumberBetween(1, 100_000),
			UNSEEN_DRAW.leaveOut,
		)
		.option(
			'--seed <number>',
			'with --measure: random seed',
			wholeNumberBetween(0, 2 ** 31 - 1),
			UNSEEN_DRAW.seed,
		)
		.option('--json', 'print the figures as one JSON object')
		.addHelpText('after', INDEX_NOTES)
		.action(async ({ measure, json, ...options }) => {
			const io = effects()
			if (measure) {
				const { execution, result } = await measureIndex(options, io)
				io.out(json ? JSON.stringify(result) : formatUnseenFigures(result))
				io.err(`recorded as #${execution.id}; evaluate reports it for models of this training`)
			} else {
				const packed = await indexSubreddits(options, io)
				io.out(json ? JSON.stringify(packed.record) : formatIndex(packed, options.out))
			}
		})
}

function formatCounts({ read, added, updated, broken }: ImportCounts): string {
	const line = (label: string, count: number) =>
		`${label.padEnd(30)}${formatCount(count).padStart(12)}`
	return [
		line('read', read),
		line('added', added),
		line('updated', updated),
		...(broken > 0 ? [line('left out: broken', broken)] : []),
	].join('\n')
}
