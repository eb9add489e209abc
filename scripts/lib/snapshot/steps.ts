// The step `snapshot`: posts and picks of the database become training, validation and test files. Node.
import type { Effects } from '../effects.ts'
import { readChosenTitles } from '../feedback/export.ts'
import { sha256 } from '../files.ts'
import { removeDataLeftovers } from '../leftovers.ts'
import { type ArtifactOf, snapshotName } from '../pipeline/artifacts.ts'
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
	await removeDataLeftovers(effects)
	const { feedback, overridden } = options
	// Feedback that does not come from the database is a test's.
	const step: typeof snapshotStep = feedback
		? { ...snapshotStep, work: (_, io) => finishSnapshot(options, io) }
		: snapshotStep
	const parameters = toRecorded(options, feedbackWeight)
	// Which posts they are is known once they were read.
	const inputs = { posts: refPosts(null), picks: undefined }
	const { execution, result } = await runStep(step, { inputs, parameters, overridden }, effects)
	return { ...result, execution }
}

async function finishSnapshot(
	options: SnapshotOptions,
	effects: Effects,
): Promise<StepOutcome<WrittenSnapshot>> {
	const made = await writeSnapshot(options, effects)
	const { hash, files, counts, database } = made.snapshot
	const { feedback = [] } = options
	return {
		files,
		name: snapshotName(hash),
		sha256: hash,
		metrics: counts,
		inputs: {
			posts: refPosts(database?.sha256 ?? null),
			...(feedback.length > 0 ? { picks: refPicks(feedback) } : {}),
		},
		result: made,
	}
}

function refPosts(digest: string | null): ArtifactOf<'posts'> {
	return { kind: 'posts', name: 'the database', sha256: digest, execution: null, files: [] }
}

function refPicks(titles: NonNullable<SnapshotOptions['feedback']>): ArtifactOf<'picks'> {
	const lines = titles.map(({ subreddit, title, source, time }) =>
		JSON.stringify([subreddit, title, source ?? null, time ?? null]),
	)
	const digest = sha256(lines.sort().join('\n'))
	const name = `${titles.length} titles`
	return { kind: 'picks', name, sha256: digest, execution: null, files: [] }
}
