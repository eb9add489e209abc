// `evaluate`: picks the model and the posts, and records what it finds. Node.
import { join } from 'node:path'
import type { Effects } from '../effects.ts'
import { describeFile, writeFileAtomic } from '../files.ts'
import { latestExecution, runStep } from '../pipeline/executions.ts'
import { evaluateCandidate, REPORT_FILE, readEvaluation } from './candidate.ts'
import { evaluate } from './evaluate.ts'
import {
	describeModel,
	findModelExecution,
	loadModel,
	type MeasurableModel,
	type ModelRef,
} from './models.ts'
import type { Report } from './report-schema.ts'
import { openOwnTestSet } from './snapshot-sets.ts'
import { openDumps, type RecordableSet } from './titles.ts'

export interface EvaluationOptions {
	/** A version or a channel. */
	readonly release?: string | undefined
	/** A train or quantize execution; the latest quantized model where neither is given. */
	readonly execution?: number | undefined
	/** Dumps; the test posts of the model's own snapshot where there are none. */
	readonly posts?: readonly string[] | undefined
}

export interface Evaluation {
	/** As in `release 20200602.0 on test posts of snapshot 1a2b3c4d, recorded as #5`. */
	readonly name: string
	readonly report: Report
}

/** @throws AppError `bad-input` where there are no posts, `not-found`, `damaged` */
export async function runEvaluation(
	options: EvaluationOptions,
	effects: Effects,
): Promise<Evaluation> {
	const ref = await chooseModel(options, effects)
	if ('execution' in ref && !options.posts) return recordEvaluation(ref.execution, effects)
	const model = await loadModel(ref, effects)
	const testSet = options.posts
		? openDumps(options.posts, effects)
		: await openOwnTestSet(model, effects)
	const { report, id } = await recordReport(model, testSet, effects)
	return { name: `${model.name} on ${testSet.name}, recorded as #${id}`, report }
}

// No calibration comes of it: a release has its own, and other posts than a snapshot's fit none.
async function recordReport(
	model: MeasurableModel,
	testSet: RecordableSet,
	effects: Effects,
): Promise<{ readonly report: Report; readonly id: number }> {
	let report: Report | undefined
	const plan = {
		step: 'evaluate',
		parameters: { model: model.name, posts: testSet.name },
		parents: model.execution === null ? [] : [model.execution],
	} as const
	const { id } = await runStep(plan, effects, async (dir) => {
		report = await evaluate(model, testSet, effects)
		const path = join(dir, REPORT_FILE)
		await writeFileAtomic(path, `${JSON.stringify(report)}\n`)
		return {
			inputs: [describeModel(model), ...(await testSet.inputs())],
			outputs: [await describeFile(path)],
			metrics: report.metrics,
		}
	})
	if (!report) throw new Error('the step ended without a report')
	return { report, id }
}

async function recordEvaluation(id: number, effects: Effects): Promise<Evaluation> {
	const candidate = await findModelExecution(id, effects)
	const evaluation = await evaluateCandidate(candidate, effects)
	const { report } = await readEvaluation(evaluation, effects)
	const name = `execution #${candidate.id} on the test posts of its snapshot, recorded as #${evaluation.id}`
	return { name, report }
}

async function chooseModel(
	{ release, execution }: EvaluationOptions,
	effects: Effects,
): Promise<ModelRef> {
	if (release !== undefined) return { release }
	return { execution: execution ?? (await latestExecution(effects, 'quantize')).id }
}
