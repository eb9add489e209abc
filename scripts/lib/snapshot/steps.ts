// The step `snapshot`: posts and picks of the database become training, validation and test files.
import * as v from 'valibot'
import type { Effects } from '../effects.ts'
import { readChosenTitles } from '../feedback/export.ts'
import { makeFolder, sha256 } from '../files.ts'
import { removeDataLeftovers } from '../leftovers.ts'
import { snapshotName } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { runStep } from '../pipeline/run-step.ts'
import { declareStep, type StepOutcome } from '../pipeline/step.ts'
import { RecordedParameters, toOptions, toRecorded } from './recorded-parameters.ts'
import {
	checkSnapshotOptions,
	type SnapshotOptions,
	type WrittenSnapshot,
	writeSnapshot,
} from './snapshot.ts'
import { readPicksSource, readPostsSource, refPicks } from './sources.ts'

export interface MadeSnapshot extends WrittenSnapshot {
	readonly execution: Execution
}

/** Posts and picks of the database become the files of a snapshot. */
export const snapshotStep = declareStep({
	name: 'snapshot',
	inputs: {
		posts: { kinds: ['posts'] },
		/** What people picked on the page; read where a picked title has a weight. */
		picks: { kinds: ['picks'], optional: true },
	},
	output: 'snapshot',
	section: 'snapshot',
	parameters: RecordedParameters,
	indifferent: [],
	entry: import.meta.filename,
	async work({ parameters }, effects) {
		const { feedbackWeight: weight } = parameters
		const picks = weight === 0 ? null : await readChosenTitles(effects)
		const feedback = picks?.titles.map((title) => ({ ...title, weight })) ?? []
		return { ...(await finishSnapshot({ ...toOptions(parameters), feedback }, effects)) }
	},
})

/** What a snapshot with recorded parameters reads, as it is now. */
export async function readSnapshotInputs(parameters: object, effects: Effects) {
	const recorded = v.parse(RecordedParameters, parameters)
	const { ref: posts } = await readPostsSource(toOptions(recorded), effects)
	const picks = await readPicksSource(recorded.feedbackWeight, effects)
	return { posts, ...(picks ? { picks: picks.ref } : {}) }
}

export interface MakeOptions {
	/** Lines of the training file that a picked title becomes; 0: picks have no part in it. */
	readonly feedbackWeight?: number
}

/**
 * Makes a snapshot and records the step. The same posts and options give the same bytes on any machine.
 *
 * @throws AppError `bad-input` for options that leave nothing to train on or to test with, and what there is
 */
export async function makeSnapshot(
	options: SnapshotOptions,
	effects: Effects,
	{ feedbackWeight = 0 }: MakeOptions = {},
): Promise<MadeSnapshot> {
	checkSnapshotOptions(options)
	await makeFolder(effects.dataDir)
	await removeDataLeftovers(effects)
	const { feedback, overridden } = options
	// Feedback that does not come from the database is a test's.
	const step: typeof snapshotStep = feedback
		? { ...snapshotStep, work: (_, io) => finishSnapshot(options, io) }
		: snapshotStep
	const parameters = toRecorded(options, feedbackWeight)
	const { ref: posts } = await readPostsSource(options, effects)
	const picks = feedback ? refGiven(feedback) : await readPicksSource(feedbackWeight, effects)
	const inputs = { posts, picks: picks?.ref }
	const { execution, result } = await runStep(step, { inputs, parameters, overridden }, effects)
	return { ...result, execution }
}

async function finishSnapshot(
	options: SnapshotOptions,
	effects: Effects,
): Promise<StepOutcome<WrittenSnapshot>> {
	const made = await writeSnapshot(options, effects)
	const { hash, files, counts } = made.snapshot
	return { files, name: snapshotName(hash), sha256: hash, metrics: counts, result: made }
}

function refGiven(titles: NonNullable<SnapshotOptions['feedback']>) {
	const lines = titles.map((title) => JSON.stringify(title))
	return { ref: refPicks(titles.length, sha256(lines.sort().join('\n'))) }
}
