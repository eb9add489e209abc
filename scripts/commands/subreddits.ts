// `whichsub subreddits …`: what is known of subreddits beside their posts.
import { Command } from '@commander-js/extra-typings'
import * as v from 'valibot'
import { asCommand, type CreateCommand, checkUsage } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { asCount, asDate } from '../lib/flag-values.ts'
import { readNamed } from '../lib/nodes/train.ts'
import { indexSubreddits, recordUnseen } from '../lib/nodes/unseen.ts'
import { addParameterFlags, resolveParameters } from '../lib/parameter-flags.ts'
import { checkProblemsOptions, PROBLEMS_HELP, PROBLEMS_RULE } from '../lib/posts/broken-rows.ts'
import { formatImport, formatLists } from '../lib/subreddits/format.ts'
import { importSubreddits } from '../lib/subreddits/import.ts'
import { forgetOneList, showLists } from '../lib/subreddits/lists.ts'
import { formatIndex, formatUnseenFigures } from '../lib/unseen/format.ts'
import { DrawParameters } from '../lib/unseen/parameters.ts'

const NOTES = `
The file has one JSON object per line, or is CSV whose first row names the columns. It may be compressed (.zst or .gz). As
a file, - reads JSON lines from stdin. Only the name is required. These columns are read, under any of their usual names:

  display_name        also subreddit, name, url, …; with or without r/
  subscribers         also members, subscriber_count, …; 12000, 12,000 or 12k
  over18              also over_18, nsfw, …; true, t, yes, 1, false, f, no, 0, …
  public_description  also description, about, …
  as_of               also retrieved_utc, date, …: when the row was true; a day, a month, an instant or Unix seconds

Lists stay side by side. What is known of a subreddit comes from the newest list that says something about it; a subreddit
that any list marks 18+ stays marked. A list without as_of has the date of --as-of. Without that, its date is the creation of
its youngest subreddit, if a thousand rows have created_utc, or else the day on which the file was changed. To correct a
date, import the same rows again: they replace the list that they made before.

snapshot copies the numbers of subscribers, and evaluate uses them to rank large subreddits higher.

${PROBLEMS_RULE}`

export const createSubredditsCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('subreddits')
			.description('import lists of subreddits with sizes and descriptions, index those not learnt')
			.addCommand(asCommand(createImport(effects)))
			.addCommand(asCommand(createLists(effects)))
			.addCommand(asCommand(createForget(effects)))
			.addCommand(asCommand(createIndex(effects))),
	)

function createImport(effects: () => Effects) {
	return new Command('import')
		.description('read names, sizes and descriptions of subreddits from a file into the database')
		.argument('<file>', 'a file of subreddits; - is stdin')
		.option('--as-of <date>', 'the date of the list, if its rows do not have one', asDate)
		.option('--problems <file>', PROBLEMS_HELP)
		.option('--json', 'print the counts as one JSON object')
		.addHelpText('after', NOTES)
		.action(async (file, { json, ...options }, command) => {
			const { problems } = options
			checkUsage(command, () => checkProblemsOptions({ problems, files: [file] }))
			const io = effects()
			const counts = await importSubreddits({ file, ...options }, io)
			io.out(json ? JSON.stringify(counts) : formatImport(counts))
		})
}

function createLists(effects: () => Effects) {
	return new Command('lists')
		.description('show the imported lists of subreddits: their dates and what they hold')
		.option('--json', 'print them as one JSON array')
		.action(async ({ json }) => {
			const io = effects()
			const lists = await showLists(io)
			io.out(json ? JSON.stringify(lists) : formatLists(lists))
		})
}

function createForget(effects: () => Effects) {
	return new Command('forget')
		.description('remove a list, such as one that was imported with a wrong date')
		.requiredOption('--list <id>', 'its number, as subreddits lists prints it', asCount)
		.action(async ({ list }) => {
			const io = effects()
			await forgetOneList(list, io)
			io.out(`list #${list} is forgotten`)
		})
}

const INDEX_NOTES = `
The index holds the subreddits of the list (subreddits import, collect subreddits) that the model has not learnt, without
those marked 18+ or private. If they do not all fit into its 600 kB, there is a second file, the long tail, with as many as
fit into 5 MB. The page loads it on a good connection or on request. release publish builds both files by itself: this
command shows what they will be, and --out and --tail-out write them to files.

--measure tests how well the index works. It trains a model without --leave-out subreddits of the list, asks about their test
posts, and counts how often the right one is found among all subreddits that the model does not know. That takes as long as
train. It is recorded: with the default draw, evaluate reports it as unseen.recall@5 of each model of the same training.`

function createIndex(effects: () => Effects) {
	return addParameterFlags(
		new Command('index')
			.description('build the index of subreddits that a model has not learnt, or measure it')
			.option('--execution <id>', 'a quantized model; the latest one if not given', asCount)
			.option('--out <file>', 'write the index to this file')
			.option('--tail-out <file>', 'write the long tail to this file')
			.option('--measure', 'measure the index on subreddits left out of a training'),
		DrawParameters.entries,
	)
		.option('--json', 'print the figures as one JSON object')
		.addHelpText('after', INDEX_NOTES)
		.action(async ({ measure, json, ...options }, command) => {
			const io = effects()
			if (measure) {
				const usual = v.parse(DrawParameters, {})
				const { values: draw } = resolveParameters(DrawParameters.entries, usual, command)
				const model = await readNamed('quantize', options.execution, io)
				const { execution, result } = await recordUnseen(model, draw, io)
				io.out(json ? JSON.stringify(result) : formatUnseenFigures(result))
				io.err(`recorded as #${execution.id}; evaluate reports it for models of this training`)
			} else {
				const packed = await indexSubreddits(options, io)
				const { index, tail } = packed
				const records = { ...index.record, ...(tail ? { tail: tail.record } : {}) }
				io.out(json ? JSON.stringify(records) : formatIndex(packed, options))
			}
		})
}
