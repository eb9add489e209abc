// `adjust` and `evaluate`: find the model and the posts, and run the step.
import { AppError } from '../../../src/shared/app-error.ts'
import type { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import type { Effects } from '../effects.ts'
import { readReport } from '../evaluation/evaluate-step.ts'
import {
	describeModel,
	findEvaluation,
	findModelExecution,
	refCandidate,
	refRelease,
} from '../evaluation/models.ts'
import { openOwnTestSet, openSnapshotSet } from '../evaluation/snapshot-sets.ts'
import { openDumps } from '../evaluation/titles.ts'
import { UNSEEN_METRIC } from '../evaluation/unseen-figure.ts'
import type { ArtifactOf } from '../pipeline/artifacts.ts'
import { type Execution, executionName } from '../pipeline/execution-schema.ts'
import { latestExecution } from '../pipeline/executions.ts'
import {
	adjustModel,
	ensureCandidate,
	evaluateModel,
	findStandIn,
	refEvaluation,
} from './candidates.ts'

/** The rule of twins, as help texts state it. */
export const TWIN_RULE = `Reranker, prior and calibration are chosen on the newest posts of the training window, which the model then never learns. A
model of the same recipe that also learnt those posts copies them from this one, its twin (--twin). A model that was trained on the
test posts as well (snapshot --split all) can't be measured: it has the figures of its twin, and its release says so.`

export interface EvaluationOptions {
	/** A version or a channel. */
	readonly release?: string | undefined
	/** A train, quantize or adjust execution; the latest quantized model where neither is given. */
	readonly execution?: number | string | undefined
	/** Dumps; without them, the test posts of the model's own snapshot. */
	readonly posts?: readonly string[] | undefined
	/** An evaluated model that was trained on another split of the posts, to show its figures beside these. */
	readonly beside?: number | string | undefined
}

export interface Evaluation {
	/** Such as `release 20200602.0 on test posts of snapshot 1a2b3c4d, recorded as #5`. */
	readonly name: string
	readonly report: StoredEvaluationReport
}

/** @throws AppError `bad-input` where there are no posts, `not-found`, `damaged` */
export async function runEvaluation(
	{ release, execution, posts, beside }: EvaluationOptions,
	effects: Effects,
): Promise<Evaluation> {
	// A release has its own adjustment.
	const candidate =
		release === undefined
			? await ensureCandidate(await findNamed(execution, effects), effects)
			: null
	const twin = candidate && !posts ? await findStandIn(candidate, effects) : null
	if (candidate && twin) return adoptFigures(candidate, twin, effects)
	const model = candidate ? refCandidate(candidate) : await refRelease(release ?? '', effects)
	const described = await describeModel(model, effects)
	const openOwn = () =>
		candidate
			? openSnapshotSet(described.snapshot, 'test', effects)
			: openOwnTestSet(described, effects)
	const testSet = posts ? openDumps(posts, effects) : await openOwn()
	const other = beside === undefined ? undefined : await findBeside(beside, effects)
	const record = await evaluateModel(model, testSet, effects, { beside: other, fresh: true })
	const report = await readReport(record, effects)
	if (candidate && !posts && report.metrics[UNSEEN_METRIC] === undefined)
		effects.err(
			`${UNSEEN_METRIC} was not measured for this training with this code and this list of subreddits: run subreddits index --measure, then evaluate again`,
		)
	return { name: `${described.name} on ${testSet.name}, recorded as #${record.id}`, report }
}

export interface AdjustOptions extends Pick<EvaluationOptions, 'execution'> {
	/** A candidate, or an evaluation of it, from which reranker, prior and calibration are copied. */
	readonly twin?: number | string | undefined
}

/** Adjusts a model, for the command `adjust`. */
export async function adjustFor(
	{ execution, twin: named }: AdjustOptions,
	effects: Effects,
): Promise<Execution> {
	const twin =
		named === undefined
			? undefined
			: await ensureCandidate(await findModelExecution(named, effects), effects)
	const model = await findNamed(execution, effects)
	return adjustModel(model, effects, { twin, fresh: true })
}

async function findNamed(
	reference: EvaluationOptions['execution'],
	effects: Effects,
): Promise<Execution> {
	const name = reference ?? (await latestExecution(effects, 'quantize')).id
	return findModelExecution(name, effects)
}

/** A candidate that has learnt all its posts has the figures of its twin, because none are measured on posts that a model has seen. */
async function adoptFigures(
	candidate: Execution,
	twin: Execution,
	effects: Effects,
): Promise<Evaluation> {
	const evaluation = await requireEvaluation(twin, effects)
	const name = `execution #${candidate.id} has learnt its test posts and is not asked them. The figures are those of its twin, the same recipe trained without these posts (evaluation #${executionName(evaluation)})`
	return { name, report: await readReport(evaluation, effects) }
}

async function findBeside(
	reference: number | string,
	effects: Effects,
): Promise<ArtifactOf<'evaluation'>> {
	const model = await findModelExecution(reference, effects)
	return refEvaluation(await requireEvaluation(model, effects))
}

/** The newest evaluation of a model. @throws AppError `not-found` if there is none */
export async function requireEvaluation(model: Execution, effects: Effects): Promise<Execution> {
	const evaluation = await findEvaluation(model, effects)
	if (evaluation) return evaluation
	throw new AppError(
		'not-found',
		`execution #${model.id} was not evaluated; run: evaluate --execution ${model.id}`,
	)
}
