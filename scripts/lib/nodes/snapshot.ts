// `snapshot`: names the posts and picks that there are now, and has their snapshot made.
import * as v from 'valibot'
import type { Effects } from '../effects.ts'
import { makeFolder, sha256 } from '../files.ts'
import { makeFresh } from '../graph/make.ts'
import { removeDataLeftovers } from '../leftovers.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { RecordedParameters, toOptions, toRecorded } from '../snapshot/recorded-parameters.ts'
import {
	checkSnapshotOptions,
	type SnapshotOptions,
	type WrittenSnapshot,
} from '../snapshot/snapshot.ts'
import { readPicksSource, readPostsSource, refPicks } from '../snapshot/sources.ts'
import { finishSnapshot, snapshotStep } from '../snapshot/step.ts'

export interface MadeSnapshot extends WrittenSnapshot {
	readonly execution: Execution
}

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
	const { execution, result } = await makeFresh(step, { inputs, parameters, overridden }, effects)
	return { ...result, execution }
}

function refGiven(titles: NonNullable<SnapshotOptions['feedback']>) {
	const lines = titles.map((title) => JSON.stringify(title))
	return { ref: refPicks(titles.length, sha256(lines.sort().join('\n'))) }
}
