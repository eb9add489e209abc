// `release publish`: finds or makes the candidate and its figures, and runs the step that makes a release of them.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { readModelMaker } from '../evaluation/adjust-step.ts'
import { measure, readReport } from '../evaluation/evaluate-step.ts'
import {
	adjustCandidate,
	findEvaluation,
	findModelExecution,
	listCandidates,
	readAdjustment,
	readExecutionModel,
	refCandidate,
	snapshotOf,
} from '../evaluation/models.ts'
import { openSnapshotSet } from '../evaluation/snapshot-sets.ts'
import { makeFresh } from '../graph/make.ts'
import { removeDataLeftovers, removeReleaseLeftovers } from '../leftovers.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { latestExecution } from '../pipeline/executions.ts'
import {
	nextVersion,
	type Publication,
	packRelease,
	publishStep,
	type ReleaseParts,
	sealManifest,
	warnOfDirtyCode,
} from '../releases/publish-step.ts'
import { adjustModel, evaluateCandidate, findStandIn, refEvaluation } from './candidates.ts'

export interface PublishOptions {
	/** A quantized model, a candidate, or an evaluation of one (default: the latest quantized model). */
	readonly execution?: number | string | undefined
	readonly why: string
	readonly dryRun: boolean
}

/**
 * Publishes a candidate. A model is adjusted and evaluated first, if it was not yet. No channel changes.
 *
 * A kill at any moment leaves releases.json as it was, or with the whole release.
 *
 * @throws AppError `not-found`, `bad-input` for a model that was not quantized, `damaged`
 */
export async function publish(options: PublishOptions, effects: Effects): Promise<Publication> {
	const { model, candidate: made } = await findCandidate(options.execution, effects)
	const known = made && (await findFigures(made, effects))
	if (options.dryRun) return rehearse({ model, candidate: made, evaluation: known }, effects)
	await removeDataLeftovers(effects)
	await removeReleaseLeftovers(effects)
	const candidate = made ?? (await adjustModel(model, effects))
	const evaluation = known ?? (await evaluateCandidate(candidate, effects))
	const inputs = {
		candidate: refCandidate(candidate),
		evaluation: refEvaluation(evaluation),
	} as const
	const run = { inputs, parameters: { why: options.why } }
	const { execution, result: manifest } = await makeFresh(publishStep, run, effects)
	return { manifest, execution }
}

/** The candidate's own figures, or those of its twin if it has learnt all posts that could test it; null if there are none yet. */
async function findFigures(candidate: Execution, effects: Effects): Promise<Execution | null> {
	const own = await findEvaluation(candidate, effects)
	const twin = own ? null : await findStandIn(candidate, effects)
	return twin ? findEvaluation(twin, effects) : own
}

/** Makes a candidate or figures that are missing, without recording it. */
async function rehearse(made: ReleaseParts, effects: Effects): Promise<Publication> {
	const { model, candidate, evaluation } = made
	const bare = await readExecutionModel(model, effects)
	const snapshot = snapshotOf(model)
	const adjustment = candidate
		? await readAdjustment(candidate, effects)
		: await adjustCandidate(bare, snapshot, effects)
	const measureIt = async () => {
		const testSet = await openSnapshotSet(snapshot, 'test', effects)
		return (await measure({ ...bare, ...adjustment }, testSet, effects)).report
	}
	const report = evaluation ? await readReport(evaluation, effects) : await measureIt()
	const content = await packRelease({ ...made, adjustment, report }, effects)
	warnOfDirtyCode(content, effects)
	return { manifest: sealManifest(content, await nextVersion(effects)), execution: null }
}

async function findCandidate(
	reference: number | string | undefined,
	effects: Effects,
): Promise<Pick<ReleaseParts, 'model' | 'candidate'>> {
	const found =
		reference === undefined
			? await latestExecution(effects, 'quantize')
			: await findModelExecution(reference, effects)
	const model = found.step === 'adjust' ? await readModelMaker(found, effects) : found
	if (model.step !== 'quantize')
		throw new AppError(
			'bad-input',
			`execution #${model.id} is a ${model.step}; run: quantize --execution ${model.id}, then publish the result`,
		)
	const newest = (await listCandidates(model, effects)).at(-1) ?? null
	return { model, candidate: found.step === 'adjust' ? found : newest }
}
