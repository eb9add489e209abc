// unseen.recall@5 of a candidate: measured by a step of its own, because it takes another training.
import type { Effects } from '../effects.ts'
import type { ArtifactOf } from '../pipeline/artifacts.ts'
import { type Execution, isDone, outputRef } from '../pipeline/execution-schema.ts'
import { listAllExecutions } from '../pipeline/executions.ts'
import { readMaker } from '../pipeline/outputs.ts'

/**
 * The draw by which models are measured: so many labels, drawn with this seed, are left out of a training. No weight of the search
 * was chosen on it (docs/unseen.md). Other draws are other figures.
 */
export const UNSEEN_DRAW = { leaveOut: 1_000, seed: 20_261_129 } as const

export const UNSEEN_METRIC = 'unseen.recall@5'

/** How evaluate says how to get the figure. */
export const UNSEEN_RULE = `unseen.recall@5 says how well subreddits are found that the model never saw. It takes another training, so evaluate
reports it where subreddits index --measure was run for the same training before: of ${UNSEEN_DRAW.leaveOut} subreddits of the
list, drawn with seed ${UNSEEN_DRAW.seed} and left out of a training of the same recipe, the share of test posts whose subreddit is
among the five that the index ranks first.`

type Places = Pick<Effects, 'dataDir' | 'recordsDir' | 'err'>

/** The newest measurement for a model's training, by the draw that all models are measured by; null where there is none. */
export async function findUnseenMeasurement(
	model: Execution,
	effects: Places,
): Promise<ArtifactOf<'unseen'> | null> {
	return findMeasurementOf(await describeTraining(model, effects), effects)
}

/** What a measurement is of. */
export interface MeasuredTraining {
	/** The digest of the training's model; null where it is not known. */
	readonly training: string | null
	/** Of the table of evidence beside it; records of before there were such tables do not say it. */
	readonly evidenceBytes: unknown
}

/** The same by what it is of. */
export async function findMeasurementOf(
	{ training, evidenceBytes = 0 }: MeasuredTraining,
	effects: Places,
): Promise<ArtifactOf<'unseen'> | null> {
	if (training === null) return null
	// The figure stands in the record: that of another machine is as good.
	const found = (await listAllExecutions(effects))
		.filter(isDone)
		.findLast(
			({ step, inputs, parameters: { leaveOut, seed, evidenceBytes: measured = 0 } }) =>
				step === 'unseen' &&
				inputs.training?.sha256 === training &&
				measured === evidenceBytes &&
				leaveOut === UNSEEN_DRAW.leaveOut &&
				seed === UNSEEN_DRAW.seed,
		)
	return found ? { ...outputRef(found), kind: 'unseen' } : null
}

/** What was trained, followed from a quantize or an adjust back to the training. A model that was not quantized has no evidence. */
async function describeTraining(
	{ inputs: { model }, output, parameters }: Execution,
	effects: Places,
): Promise<MeasuredTraining> {
	const { evidenceBytes } = parameters
	if (!model) return { training: output.sha256, evidenceBytes: 0 }
	return model.kind === 'model'
		? { training: model.sha256, evidenceBytes }
		: describeTraining(await readMaker(model, effects), effects)
}

/** What such a measurement found. @throws AppError `not-found`, `damaged` */
export async function readUnseenRecall(
	measurement: ArtifactOf<'unseen'>,
	effects: Pick<Effects, 'dataDir' | 'recordsDir'>,
): Promise<number | undefined> {
	return (await readMaker(measurement, effects)).metrics[UNSEEN_METRIC]
}

/** A report with the figure, where it is known. */
export function addUnseenRecall<Report extends { readonly metrics: object }>(
	report: Report,
	recall: number | undefined,
): Report {
	if (recall === undefined) return report
	return { ...report, metrics: { ...report.metrics, [UNSEEN_METRIC]: recall } }
}
