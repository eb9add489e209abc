// The step `evaluate`: a candidate on its own snapshot is calibrated on the validation posts and measured on the test posts;
// anything else is measured as it is. Node.

import { join } from 'node:path'
import * as v from 'valibot'
import type { Adjustment } from '../../../src/model/suggest.ts'
import {
	type EvaluationReport,
	StoredEvaluationReport,
} from '../../../src/shared/evaluation-report.ts'
import type { Effects } from '../effects.ts'
import { type DescribedFile, describeFile, writeFileAtomic } from '../files.ts'
import { type ArtifactOf, EVALUATION_FILES } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { findOutput, readMaker } from '../pipeline/outputs.ts'
import { runStep } from '../pipeline/run-step.ts'
import { declareStep } from '../pipeline/step.ts'
import { readRecordedFile } from '../recorded-files.ts'
import { type AdjustedModel, evaluate } from './evaluate.ts'
import {
	adjustCandidate,
	type CandidateRef,
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

/** A model's figures on a test set, and what it suggested for each post. */
export interface Measurement {
	readonly report: StoredEvaluationReport
	readonly suggestions: SuggestionList
}

export interface CandidateEvaluation {
	readonly adjustment: Adjustment
	readonly report: StoredEvaluationReport
}

/** What an evaluation found: the adjustment of a candidate on its own snapshot, null of anything else. */
export interface EvaluationResult extends Measurement {
	readonly report: EvaluationReport
	readonly adjustment: Adjustment | null
}

export const evaluateStep = declareStep({
	name: 'evaluate',
	inputs: {
		model: { kinds: ['quantized', 'model', 'release'] },
		posts: { kinds: ['snapshot', 'dumps'] },
		/** Of a model that was made in the same way from another split of the posts. */
		beside: { kinds: ['evaluation'], optional: true },
	},
	output: 'evaluation',
	section: null,
	parameters: v.object({}),
	indifferent: [],
	entry: import.meta.filename,
	async work({ inputs: { model, posts, beside }, dir }, effects) {
		const testSet = await openTestSet(posts, effects)
		const own = model.kind === 'release' ? null : await findOwn(model, testSet, effects)
		const measured = own
			? await measureCandidate(own, effects)
			: await measureModel(model, testSet, effects)
		const result = beside ? await putBeside(measured, beside, effects) : measured
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
	const { metrics, split, testFrom, testUntil } = other
	const figures = { name: `execution #${evaluation.id}`, metrics, split, testFrom, testUntil }
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
	return { ...(await measure(model, testSet, effects)), adjustment: null }
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

/** Asks a model about each post of a test set. */
export async function measure(
	model: AdjustedModel,
	testSet: TestSet,
	effects: Effects,
): Promise<Pick<EvaluationResult, 'report' | 'suggestions'>> {
	const recorder = new SuggestionRecorder(model.labels)
	const report = await evaluate(model, testSet, effects, ({ subreddit }, suggestions) =>
		recorder.add(subreddit, suggestions),
	)
	return { report, suggestions: recorder.finish() }
}

function describePrior(prior: Adjustment['prior']): Record<string, number> {
	return prior ? { 'prior.alpha': prior.alpha, 'prior.gamma': prior.gamma } : {}
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
		[EVALUATION_FILES.suggestions]: packSuggestions(suggestions),
	}
	const files: DescribedFile[] = []
	for (const [name, content] of Object.entries(contents)) {
		if (content === null) continue
		await writeFileAtomic(join(dir, name), content)
		files.push(await describeFile(join(dir, name)))
	}
	return files
}

/** Evaluates a candidate on its own snapshot, as a step. */
export async function evaluateCandidate(
	candidate: Execution,
	effects: Effects,
	beside?: ArtifactOf<'evaluation'>,
): Promise<{ readonly execution: Execution; readonly result: EvaluationResult }> {
	const testSet = await openSnapshotSet(snapshotOf(candidate), 'test', effects)
	return recordEvaluation(refCandidate(candidate), testSet, effects, beside)
}

export async function recordEvaluation(
	model: ModelRef,
	testSet: RecordableSet,
	effects: Effects,
	beside?: ArtifactOf<'evaluation'>,
): Promise<{ readonly execution: Execution; readonly result: EvaluationResult }> {
	const inputs = { model, posts: await testSet.describe(), beside }
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
