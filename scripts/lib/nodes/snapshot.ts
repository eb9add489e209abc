// `snapshot`: identifies the posts and picks that are here now, and runs the step.
import type { Effects } from '../effects.ts'
import { makeFolder } from '../files.ts'
import { makeFresh } from '../graph/make.ts'
import { removeDataLeftovers } from '../leftovers.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import type { RecordedParameters } from '../snapshot/recorded-parameters.ts'
import type { WrittenSnapshot } from '../snapshot/snapshot.ts'
import { readSources } from '../snapshot/sources.ts'
import { snapshotStep } from '../snapshot/step.ts'

export interface MadeSnapshot extends WrittenSnapshot {
	readonly execution: Execution
}

export interface SnapshotRun {
	readonly parameters: RecordedParameters
	/** Those that a flag gave another value than the parameters file. */
	readonly overridden?: readonly string[]
}

/**
 * Makes a snapshot and records the step. The same posts and parameters give the same bytes on any machine.
 *
 * @throws AppError `bad-input` for parameters that leave nothing to train on or to test with; it says what there is
 */
export async function makeSnapshot(
	{ parameters, overridden }: SnapshotRun,
	effects: Effects,
): Promise<MadeSnapshot> {
	await makeFolder(effects.dataDir)
	await removeDataLeftovers(effects)
	const { posts, picks } = await readSources(parameters, effects)
	const inputs = { posts: posts.ref, picks: picks?.ref }
	const run = { inputs, parameters, overridden }
	const { execution, result } = await makeFresh(snapshotStep, run, effects)
	return { ...result, execution }
}
