// `evaluate`: picks the model and the posts, and records what it finds. Node.
import { AppError } from '../../../src/shared/app-error.ts'
import type { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import type { Effects } from '../effects.ts'
import type { ArtifactOf } from '../pipeline/artifacts.ts'
import { outputRef } from '../pipeline/execution-schema.ts'
import { latestExecution } from '../pipeline/executions.ts'
import {
	describeModel,
	findEvaluation,
	findModel,
	findModelExecution,
	refCandidate,
} from './models.ts'
import { openOwnTestSet } from './snapshot-sets.ts'
import { evaluateCandidate, recordEvaluation } from './steps.ts'
import { openDumps } from './titles.ts'
import { UNSEEN_METRIC } from './unseen-figure.ts'

export interface EvaluationOptions {
	/** A version or a channel. */
	readonly release?: string | undefined
	/** A train or quantize execution; the latest quantized model where neither is given. */
	readonly execution?: number | string | undefined
	/** Dumps; the test posts of the model's own snapshot where there are none. */
	readonly posts?: readonly string[] | undefined
	/** A model that was trained on another split of the posts, and evaluated: its figures stand beside. */
	readonly beside?: number | string | undefined
	/** An evaluation of a twin, whose prior and calibration are taken over. */
	readonly adjustedAs?: number | string | undefined
}

export interface Evaluation {
	/** As in `release 20200602.0 on test posts of snapshot 1a2b3c4d, recorded as #5`. */
	readonly name: string
	readonly report: StoredEvaluationReport
}

/** @throws AppError `bad-input` where there are no posts, `not-found`, `damaged` */
export async function runEvaluation(
	{ release, execution, posts, beside, adjustedAs }: EvaluationOptions,
	effects: Effects,
): Promise<Evaluation> {
	if (release !== undefined) return evaluateRelease(release, posts, effects)
	const reference = execution ?? (await latestExecution(effects, 'quantize')).id
	const candidate = await findModelExecution(reference, effects)
	const of = `execution #${candidate.id}`
	if (!posts) {
		const others = {
			beside: beside === undefined ? undefined : await refEvaluation(beside, effects),
			twin: adjustedAs === undefined ? undefined : await refEvaluation(adjustedAs, effects),
		}
		const { execution: record, result } = await evaluateCandidate(candidate, effects, others)
		const where = result.suggestions
			? 'on the test posts of its snapshot,'
			: `has learnt its test posts and is not asked them. The figures are those of its twin, the same recipe trained without these posts (evaluation #${others.twin?.execution});`
		const name = `${of} ${where} recorded as #${record.id}`
		if (result.report.metrics[UNSEEN_METRIC] === undefined)
			effects.err(
				`${UNSEEN_METRIC} was not measured for this training: run subreddits index --measure, then evaluate again`,
			)
		return { name, report: result.report }
	}
	const dumps = openDumps(posts, effects)
	const found = await recordEvaluation(refCandidate(candidate), dumps, effects)
	const name = `${of} on ${dumps.name}, recorded as #${found.execution.id}`
	return { name, report: found.result.report }
}

// No calibration comes of it: a release has its own, and other posts than a snapshot's fit none.
async function evaluateRelease(
	release: string,
	posts: readonly string[] | undefined,
	effects: Effects,
): Promise<Evaluation> {
	const ref = await findModel(release, effects)
	const model = await describeModel(ref, effects)
	const testSet = posts ? openDumps(posts, effects) : await openOwnTestSet(model, effects)
	const { execution, result } = await recordEvaluation(ref, testSet, effects)
	const name = `${model.name} on ${testSet.name}, recorded as #${execution.id}`
	return { name, report: result.report }
}

async function refEvaluation(
	reference: number | string,
	effects: Effects,
): Promise<ArtifactOf<'evaluation'>> {
	const candidate = await findModelExecution(reference, effects)
	const evaluation = await findEvaluation(candidate, effects)
	if (evaluation) return { ...outputRef(evaluation), kind: 'evaluation' }
	throw new AppError(
		'not-found',
		`execution #${candidate.id} was not evaluated; run: evaluate --execution ${candidate.id}`,
	)
}
