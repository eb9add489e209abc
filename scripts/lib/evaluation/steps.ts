// The step `evaluate`: a candidate on its own snapshot is calibrated on the validation posts and measured on the test posts;
// anything else is measured as it is. Node.

import { join } from 'node:path'
import * as v from 'valibot'
import type { Adjustment } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import {
	type EvaluationReport,
	StoredEvaluationReport,
} from '../../../src/shared/evaluation-report.ts'
import { splitOf } from '../../../src/shared/metrics.ts'
import type { Effects } from '../effects.ts'
import { type DescribedFile, describeFile, writeFileAtomic } from '../files.ts'
import { type ArtifactOf, EVALUATION_FILES } from '../pipeline/artifacts.ts'
import { type Execution, executionName } from '../pipeline/execution-schema.ts'
import { findOutput, readMaker } from '../pipeline/outputs.ts'
import { type FinishedStep, runStep } from '../pipeline/run-step.ts'
import { declareStep } from '../pipeline/step.ts'
import { readRecordedFile } from '../recorded-files.ts'
import { readSnapshot } from '../snapshot/read-snapshot.ts'
import { adoptAdjustment } from './adjust.ts'
import { type AdjustedModel, evaluate } from './evaluate.ts'
import {
	adjustCandidate,
	type CandidateRef,
	findModelExecution,
	loadModel,
	type ModelRef,
	readAdjustment,
	readExecutionModel,
	readOutput,
	refCandidate,
	snapshotOf,
} from './models.ts'
import { openSnapshotSet, openTestSet } from './snapshot-sets.ts'
import {
	packSuggestions,
	parseSuggestions,
	type SuggestionList,
	SuggestionRecorder,
} from './suggestions-file.ts'
import type { RecordableSet, TestSet } from './titles.ts'
import { addUnseenRecall, findUnseenMeasurement, readUnseenRecall } from './unseen-figure.ts'

/** The rule of twins, as help texts state it. */
export const TWIN_RULE = `Prior and calibration are chosen on the newest posts of the training window, which the model then never learns. A twin
of it, the same recipe trained on these, too, takes them over (evaluate --adjusted-as). A twin that was trained on the
test posts as well (snapshot --split all) is measured on nothing: it has its twin's figures, and its release says so.`

/** A model's figures on a test set, and what it suggested for each post. */
export interface Measurement {
	readonly report: StoredEvaluationReport
	readonly suggestions: SuggestionList
}

/** One that was made just now. */
interface FreshMeasurement extends Measurement {
	readonly report: EvaluationReport
}

export interface CandidateEvaluation {
	readonly adjustment: Adjustment
	readonly report: StoredEvaluationReport
}

/** What an evaluation found: the adjustment of a candidate on its own snapshot, null of anything else. */
export interface EvaluationResult {
	readonly report: EvaluationReport
	/** Null where the report is that of a twin. */
	readonly suggestions: SuggestionList | null
	readonly adjustment: Adjustment | null
}

export const evaluateStep = declareStep({
	name: 'evaluate',
	inputs: {
		model: { kinds: ['quantized', 'model', 'release'] },
		posts: { kinds: ['snapshot', 'dumps'] },
		/** Of a model that was made in the same way from another split of the posts. */
		beside: { kinds: ['evaluation'], optional: true },
		/** The evaluation whose prior and calibration a candidate takes over, in place of some of its own. */
		twin: { kinds: ['evaluation'], optional: true },
		/** How well subreddits are found that were left out of a candidate's training. */
		unseen: { kinds: ['unseen'], optional: true },
	},
	output: 'evaluation',
	section: null,
	parameters: v.object({}),
	indifferent: [],
	entry: import.meta.filename,
	async work({ inputs: { model, posts, beside, twin, unseen }, dir }, effects) {
		const testSet = await openTestSet(posts, effects)
		const own = model.kind === 'release' ? null : await findOwn(model, testSet, effects)
		const measureIt = () =>
			own ? measureCandidate(own, effects) : measureModel(model, testSet, effects)
		const measured = twin && own ? await adoptTwin(own, twin, effects) : await measureIt()
		const recall = unseen && (await readUnseenRecall(unseen, effects))
		const complete = { ...measured, report: addUnseenRecall(measured.report, recall) }
		const result = beside ? await putBeside(complete, beside, effects) : complete
		const { report, adjustment } = result
		const metrics = { ...report.metrics, ...describePrior(adjustment?.prior) }
		return { files: await writeEvaluation(dir, result), metrics, result }
	},
})

async function putBeside(
	measured: EvaluationResult,
	beside: ArtifactOf<'evaluation'>,
	effects: Effects,
): Promise<EvaluationResult> {
	const evaluation = await readMaker(beside, effects)
	const other = await readOutput(
		evaluation,
		EVALUATION_FILES.report,
		StoredEvaluationReport,
		effects,
	)
	const { metrics, testFrom, testUntil } = other
	const where = { ...splitOf(other), testFrom, testUntil }
	const figures = { name: `execution #${evaluation.id}`, metrics, ...where }
	return { ...measured, report: { ...measured.report, beside: figures } }
}

/** The execution of a candidate that is measured on the snapshot that it was trained on. */
async function findOwn(
	model: CandidateRef,
	{ snapshot }: TestSet,
	effects: Effects,
): Promise<Execution | null> {
	const maker = await readMaker(model, effects)
	return snapshot !== null && snapshot === snapshotOf(maker) ? maker : null
}

async function measureModel(
	ref: ModelRef,
	testSet: TestSet,
	effects: Effects,
): Promise<EvaluationResult> {
	const model = await loadModel(ref, effects)
	const { report, suggestions } = await measure(model, testSet, effects)
	return { report: addUnseenRecall(report, model.unseenRecall), suggestions, adjustment: null }
}

/** Calibrates and measures a candidate on the snapshot that it was trained on. */
export async function measureCandidate(
	candidate: Execution,
	effects: Effects,
): Promise<EvaluationResult & CandidateEvaluation> {
	const model = await readExecutionModel(candidate, effects)
	const snapshot = snapshotOf(candidate)
	const adjustment = await adjustCandidate(model, snapshot, effects)
	const test = await openSnapshotSet(snapshot, 'test', effects)
	return { adjustment, ...(await measure({ ...model, ...adjustment }, test, effects)) }
}

/**
 * Gives a candidate the prior and the calibration of its twin. Without test posts of its own, as where it was trained on all of
 * them, it has its twin's report, too: no figure is measured on posts that a model has seen.
 */
async function adoptTwin(
	candidate: Execution,
	twin: ArtifactOf<'evaluation'>,
	effects: Effects,
): Promise<EvaluationResult> {
	const evaluation = await readMaker(twin, effects)
	await checkTwin(candidate, evaluation, effects)
	const { report, adjustment } = await readEvaluation(evaluation, effects)
	const model = await readExecutionModel(candidate, effects)
	const { snapshot } = await readSnapshot(effects, snapshotOf(candidate))
	const own = adoptAdjustment(adjustment, model.labels, snapshot.labels)
	if (snapshot.counts.test === 0) {
		if (report.schema === 2) return { report, adjustment: own, suggestions: null }
		throw new AppError(
			'bad-input',
			`evaluation #${evaluation.id} is of an older version; evaluate its model again, and name that`,
		)
	}
	const test = await openSnapshotSet(snapshot.hash, 'test', effects)
	return { adjustment: own, ...(await measure({ ...model, ...own }, test, effects)) }
}

/** @throws AppError `bad-input` where the evaluation is of a model of another recipe, or gave it neither prior nor calibration */
async function checkTwin(
	candidate: Execution,
	evaluation: Execution,
	effects: Effects,
): Promise<void> {
	const twin = await findModelExecution(executionName(evaluation), effects)
	const refuse = (why: string) => {
		throw new AppError(
			'bad-input',
			`execution #${candidate.id} is no twin of #${twin.id}: ${why}; name an evaluation of a model with the same recipe`,
		)
	}
	if (!evaluation.outputs.some(({ name }) => name === EVALUATION_FILES.calibration))
		refuse(`evaluation #${evaluation.id} calibrated nothing`)
	if (twin.step !== candidate.step) refuse(`one is a ${candidate.step}, the other a ${twin.step}`)
	const recipes = await Promise.all([candidate, twin].map((one) => recipeOf(one, effects)))
	if (recipes[0] !== recipes[1]) refuse('they were made with different parameters')
}

/** All parameters that a model was made with, as text. How many threads shared the work changes nothing. */
async function recipeOf(execution: Execution, effects: Effects): Promise<string> {
	const { threads: _, ...own } = execution.parameters
	const { model } = execution.inputs
	const before = model?.execution ? await readMaker(model, effects) : null
	return JSON.stringify([own, before && (await recipeOf(before, effects))])
}

/** Asks a model about each post of a test set. */
export async function measure(
	model: AdjustedModel,
	testSet: TestSet,
	effects: Effects,
): Promise<FreshMeasurement> {
	const recorder = new SuggestionRecorder(model.labels)
	const report = await evaluate(model, testSet, effects, ({ subreddit }, suggestions) =>
		recorder.add(subreddit, suggestions),
	)
	return { report, suggestions: recorder.finish() }
}

function describePrior(prior: Adjustment['prior']): Record<string, number> {
	if (!prior) return {}
	const times = (prior.short ?? []).map(({ knownWords, times }) => [
		`prior.times.${knownWords}`,
		times,
	])
	const { alpha, beta, gamma } = prior
	const bySize = beta === undefined ? { 'prior.alpha': alpha } : { 'prior.beta': beta }
	return { ...bySize, 'prior.gamma': gamma, ...Object.fromEntries(times) }
}

async function writeEvaluation(
	dir: string,
	{ report, adjustment, suggestions }: EvaluationResult,
): Promise<DescribedFile[]> {
	const { calibration, prior } = adjustment ?? {}
	const json = (content: object | undefined) => (content ? `${JSON.stringify(content)}\n` : null)
	const contents = {
		[EVALUATION_FILES.report]: json(report),
		[EVALUATION_FILES.calibration]: json(calibration),
		[EVALUATION_FILES.prior]: json(prior),
		[EVALUATION_FILES.suggestions]: suggestions && packSuggestions(suggestions),
	}
	const files: DescribedFile[] = []
	for (const [name, content] of Object.entries(contents)) {
		if (content === null) continue
		await writeFileAtomic(join(dir, name), content)
		files.push(await describeFile(join(dir, name)))
	}
	return files
}

/** Evaluations of other models that have a part in one. */
export interface OtherEvaluations {
	/** Put beside: of another split of the posts. */
	readonly beside?: ArtifactOf<'evaluation'> | undefined
	/** Whose prior and calibration the candidate takes over: of the same recipe. */
	readonly twin?: ArtifactOf<'evaluation'> | undefined
	/** Of the candidate's training. */
	readonly unseen?: ArtifactOf<'unseen'> | undefined
}

/** Evaluates a candidate on its own snapshot, as a step. */
export async function evaluateCandidate(
	candidate: Execution,
	effects: Effects,
	others: OtherEvaluations = {},
): Promise<FinishedStep<EvaluationResult>> {
	const testSet = await openSnapshotSet(snapshotOf(candidate), 'test', effects)
	const unseen = (await findUnseenMeasurement(candidate, effects)) ?? undefined
	return recordEvaluation(refCandidate(candidate), testSet, effects, { unseen, ...others })
}

export async function recordEvaluation(
	model: ModelRef,
	testSet: RecordableSet,
	effects: Effects,
	{ beside, twin, unseen }: OtherEvaluations = {},
): Promise<FinishedStep<EvaluationResult>> {
	const inputs = { model, posts: await testSet.describe(), beside, twin, unseen }
	return runStep(evaluateStep, { inputs, parameters: {} }, effects)
}

/** What a recorded evaluation of a candidate found. @throws AppError `damaged` */
export async function readEvaluation(
	evaluation: Execution,
	effects: Effects,
): Promise<CandidateEvaluation> {
	return {
		adjustment: await readAdjustment(evaluation, effects),
		report: await readOutput(evaluation, EVALUATION_FILES.report, StoredEvaluationReport, effects),
	}
}

/** What a recorded evaluation found out about each post. @throws AppError `damaged` */
export async function readMeasurement(
	evaluation: Execution,
	effects: Effects,
): Promise<Measurement> {
	const file = findOutput(evaluation, EVALUATION_FILES.suggestions, effects)
	return {
		report: await readOutput(evaluation, EVALUATION_FILES.report, StoredEvaluationReport, effects),
		suggestions: parseSuggestions(await readRecordedFile(file), file.path),
	}
}
