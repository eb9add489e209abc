// `whichsub compare`: two releases or candidates on the same posts.
import { Command, Option } from '@commander-js/extra-typings'
import { AppError } from '../../src/shared/app-error.ts'
import { asCommand, type CreateCommand, PARAMETERS_NOTE } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { EvaluationParameters } from '../lib/evaluation/parameters.ts'
import { type CompareOptions, recordComparison } from '../lib/nodes/compare.ts'
import { addParameterFlags, type ParsedCommand, resolveParameters } from '../lib/parameter-flags.ts'
import { comparisonParameters, readParameters } from '../lib/parameters/parameters.ts'
import { formatText } from '../lib/reports/document.ts'
import { comparisonSections } from '../lib/reports/sections.ts'
import { resolveLockedModel } from '../lib/run/lock-file.ts'

const NOTES = `
A and B are versions, channels, executions by number ("compare 56 81"), or "locked": the model that whichsub.lock names.
No model is compared on posts that it has learnt: a release that has learnt them is measured by its twin, the same recipe
trained without them, and any other model is refused.

Differences of recall come with a 95% confidence interval for paired samples (Agresti & Min 2005), as both models
classify the same posts. If the interval includes 0, the difference may be chance.

--gate checks B against the limits of whichsub.yaml (section gate): recall@5 on the test posts, recall@5 of the named groups,
calibration, size of the download, subreddits that vanish, suggestions that change on older posts. If a rule does not hold,
the exit code is 1. The verdict on one release over another is kept in the folder of releases, where release promote looks
for it.

${PARAMETERS_NOTE}`

export const createCompareCommand: CreateCommand = (effects) =>
	asCommand(
		addParameterFlags(
			new Command('compare')
				.description('compare two releases or candidates on the same posts')
				.argument('<a>', 'the current model')
				.argument('<b>', 'the model that may replace it')
				.addOption(new Option('--posts <file...>', 'dumps to compare on').conflicts('snapshot'))
				.option(
					'--snapshot <hash>',
					'compare on the test posts of this snapshot (default: the one that B was trained on)',
				)
				.option(
					'--history <file...>',
					'dumps of older posts to compare suggestions on (default: months of the database)',
				),
			EvaluationParameters.entries,
		)
			.option('--gate', 'decide whether production may serve B')
			.option('--json', 'print one JSON object')
			.addHelpText('after', NOTES)
			.action((a, b, options, command) => compare({ a, b, ...options }, command, effects())),
	)

interface Options extends Pick<CompareOptions, 'a' | 'b' | 'posts' | 'snapshot' | 'history'> {
	readonly gate?: true | undefined
	readonly json?: true | undefined
}

async function compare(
	{ json, ...options }: Options,
	command: ParsedCommand,
	io: Effects,
): Promise<void> {
	const recorded = await recordComparison(await completeOptions(options, command, io), io)
	io.out(json ? toJson(recorded) : format(recorded))
	checkGate(recorded)
}

/** With the parameters of the file, and the models by names that the lock file does not change. */
async function completeOptions(
	{ a, b, gate, ...posts }: Omit<Options, 'json'>,
	command: ParsedCommand,
	io: Effects,
): Promise<CompareOptions> {
	const file = await readParameters(io)
	const { values } = resolveParameters(EvaluationParameters.entries, file.evaluate, command)
	return {
		a: await resolveLockedModel(a, io),
		b: await resolveLockedModel(b, io),
		...posts,
		parameters: { ...comparisonParameters(file), ...values, gate: gate ? file.gate : null },
	}
}

type Recorded = Awaited<ReturnType<typeof recordComparison>>

function toJson({ comparison, execution }: Recorded): string {
	return JSON.stringify({ ...comparison, execution: execution.id })
}

function format({ comparison, execution }: Recorded): string {
	return `${formatText(comparisonSections(comparison))}\n\nrecorded as #${execution.id}`
}

/** @throws AppError `conflict` where the gate is shut */
function checkGate({ comparison: { a, b, gate }, execution }: Recorded): void {
	if (gate?.passed === false)
		throw new AppError(
			'conflict',
			`the gate refuses ${b.name} over ${a.name}; see the rules above, or #${execution.id}`,
		)
}
