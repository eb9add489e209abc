// Resolves a name to the model that answers: the one that is named or, for a release that has learnt the posts, its twin (the same
// recipe trained without them). Twins are chosen only here, and no model is compared on posts that it has learnt.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Manifest } from '../../../src/shared/manifest.ts'
import type { Effects } from '../effects.ts'
import { isAfter } from '../evaluation/learnt-posts.ts'
import {
	describeModel,
	findModelExecution,
	type ModelRef,
	readReleaseManifest,
	refCandidate,
	refModel,
	refRelease,
} from '../evaluation/models.ts'
import type { TestSet } from '../evaluation/titles.ts'
import { executionName } from '../pipeline/execution-schema.ts'
import { isExecutionReference } from '../pipeline/executions.ts'
import { findCopy } from '../pipeline/outputs.ts'
import { ensureCandidate } from './candidates.ts'

export interface Resolved {
	/** The model that was named. */
	readonly shown: ModelRef
	/** The model that is asked about the posts. A twin names its release in `twinOf`. */
	readonly asked: ModelRef
}

/** What must be known about posts before a model is asked about them; `own`: the test posts of the model itself. */
export type AskedPosts = Pick<TestSet, 'snapshot' | 'newest' | 'window'> | 'own'

/**
 * @param name a version, a channel or an execution
 * @throws AppError `not-found`; if the twin's files are not in this data folder, it says how to make them
 */
export async function resolve(
	name: string,
	posts: AskedPosts,
	effects: Effects,
): Promise<Resolved> {
	if (isExecutionReference(name)) {
		const model = await findModelExecution(name, effects)
		const candidate = refCandidate(await ensureCandidate(model, effects))
		return { shown: candidate, asked: candidate }
	}
	const shown = await refRelease(name, effects)
	const manifest = await readReleaseManifest(shown.name, effects)
	if (!manifest.twin || !isWithin(manifest.data.until, posts)) return { shown, asked: shown }
	const asked = { ...(await refTwinHere(manifest, effects)), twinOf: shown.name }
	effects.err(
		`release ${shown.name} has learnt the test posts, so its twin is measured, the same recipe trained without them: ${(await describeModel(asked, effects)).name}`,
	)
	return { shown, asked }
}

/** Whether a release that was trained until an instant has learnt posts. For dumps, that is known only after reading them. */
function isWithin(until: string, posts: AskedPosts): boolean {
	if (posts === 'own') return true
	return posts.snapshot !== null && isAfter(until, posts.window().from)
}

async function refTwinHere(manifest: Manifest, effects: Effects): Promise<ModelRef> {
	const execution = await findModelExecution(manifest.twin?.execution ?? '', effects)
	const copy = await findCopy(execution, effects)
	if (copy) return refModel(copy)
	throw new AppError(
		'not-found',
		`release ${manifest.version} has learnt these posts, and its twin (execution #${execution.id}), which has not, is not in ${effects.dataDir}; make it again: executions rerun ${executionName(execution)} --with-inputs`,
	)
}
