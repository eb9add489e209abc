// `whichsub executions …`: what was run, with what, how it ended, and whether it can be had again.
import { Argument, Command, Option } from '@commander-js/extra-typings'
import { AppError } from '../../src/shared/app-error.ts'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { diffExecutions } from '../lib/executions/diff.ts'
import { formatExecutionList, formatOne } from '../lib/executions/format.ts'
import { formatDiff } from '../lib/executions/format-diff.ts'
import { ENDINGS, MetricBound, queryExecutions } from '../lib/executions/query.ts'
import { formatRerun, rerunExecution } from '../lib/executions/rerun.ts'
import { findPrunedRelease, formatRestoration, restoreRelease } from '../lib/executions/restore.ts'
import { exists } from '../lib/files.ts'
import { asCount, asDate, readEachAs } from '../lib/flag-values.ts'
import { executionDir } from '../lib/pipeline/claim.ts'
import { STEPS } from '../lib/pipeline/execution-schema.ts'
import { listAllExecutions, readAnyExecution } from '../lib/pipeline/executions.ts'

const NOTES = `
An execution is named by its number, as in 56 or #56. If two machines took the same number and git merged both, add as many
of the six digits behind it as tell them apart, as in 56-ab.`

const DEFAULT_LIMIT = 20
const OWN_ORDERS = ['number', 'start', 'seconds']

export const createExecutionsCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('executions')
			.description('list, show, compare and repeat what was run')
			.addHelpText('after', NOTES)
			.addCommand(asCommand(createList(effects)))
			.addCommand(asCommand(createShow(effects)))
			.addCommand(asCommand(createDiff(effects)))
			.addCommand(asCommand(createRerun(effects))),
	)

function createList(effects: () => Effects) {
	return new Command('list')
		.description('list executions, the newest last')
		.addOption(new Option('--step <name>', 'only of this step').choices(STEPS))
		.addOption(new Option('--ending <how>', 'only those that ended this way').choices(ENDINGS))
		.option('--since <date>', 'only those started on this day or later', asDate)
		.option('--until <date>', 'only those started before this day', asDate)
		.option(
			'--metric <bound...>',
			'only those with a figure in a range, as in "recall@5>=0.5"',
			readEachAs(MetricBound),
		)
		.option(
			'--sort <by>',
			'number, start, seconds, or the name of a figure, the largest first',
			'number',
		)
		.option('--limit <number>', 'show at most this many', asCount, DEFAULT_LIMIT)
		.option('--json', 'print the records as one JSON array')
		.action(async ({ json, limit, metric = [], ...query }) => {
			const io = effects()
			const found = queryExecutions(await listAllExecutions(io), { ...query, metrics: metric })
			const shown = query.sort === 'number' ? found.slice(-limit) : found.slice(0, limit)
			if (json) return io.out(JSON.stringify(shown))
			io.out(formatExecutionList(shown, figureOf(query.sort, metric)))
			if (shown.length < found.length)
				io.out(`${found.length - shown.length} more; --limit ${found.length} shows them`)
		})
}

/** The figure that people asked for. */
function figureOf(sort: string, metrics: readonly MetricBound[]): string | null {
	return OWN_ORDERS.includes(sort) ? (metrics[0]?.name ?? null) : sort
}

function createShow(effects: () => Effects) {
	return new Command('show')
		.description('show the whole record of an execution')
		.addArgument(executionArgument('execution'))
		.option('--json', 'print the record as one JSON object')
		.action(async (reference, { json }) => {
			const io = effects()
			const execution = await readAnyExecution(io, reference)
			const dir = executionDir(io, execution.folder)
			const folder = (await exists(dir)) ? dir : null
			io.out(json ? JSON.stringify(execution) : formatOne(execution, folder))
		})
}

function createDiff(effects: () => Effects) {
	return new Command('diff')
		.description('show how two executions of a step differ, and how their results do')
		.addArgument(executionArgument('a'))
		.addArgument(executionArgument('b'))
		.option('--json', 'print one JSON object')
		.action(async (a, b, { json }) => {
			const io = effects()
			const pair = { a: await readAnyExecution(io, a), b: await readAnyExecution(io, b) }
			const diff = await diffExecutions(pair, io)
			io.out(json ? JSON.stringify(diff) : formatDiff(diff))
		})
}

function createRerun(effects: () => Effects) {
	return new Command('rerun')
		.description(
			'run an execution again with the same inputs and parameters; exit code 1 if other bytes come out; a publish whose release was pruned brings it back',
		)
		.addArgument(executionArgument('execution'))
		.option('--with-inputs', 'also make the inputs again that are not in the data folder')
		.option('--json', 'print one JSON object')
		.action(async (reference, { json, withInputs }) => {
			const io = effects()
			const pruned = await findPrunedRelease(await readAnyExecution(io, reference), io)
			if (pruned !== null) {
				const restoration = await restoreRelease(pruned, io)
				return io.out(json ? JSON.stringify(restoration) : formatRestoration(restoration))
			}
			const rerun = await rerunExecution(reference, { withInputs }, io)
			io.out(json ? JSON.stringify(rerun) : formatRerun(rerun))
			if (rerun.differences.length > 0)
				throw new AppError('conflict', `other bytes than #${rerun.before.id} made came out`)
		})
}

function executionArgument<Name extends string>(name: Name) {
	return new Argument(`<${name}>`, 'its number')
}
