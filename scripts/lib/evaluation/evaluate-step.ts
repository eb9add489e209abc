// The step `evaluate`: the figures of a candidate or a release on a test set.
import * as v from 'valibot'
import {
	type EvaluationReport,
	StoredEvaluationReport,
} from '../../../src/shared/evaluation-report.ts'
import { splitOf } from '../../../src/shared/metrics.ts'
import type { Effects } from '../effects.ts'
import { writeOutputs } from '../files.ts'
import { type ArtifactOf, EVALUATION_FILES } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { findOutput, readMaker } from '../pipeline/outputs.ts'
import { declareStep } from '../pipeline/step.ts'
import { readRecordedFile } from '../recorded-files.ts'
import { type AdjustedModel, evaluate } from './evaluate.ts'
import { loadModel, readOutput } from './models.ts'
import { openTestSet } from './snapshot-sets.ts'
import {
	packSuggestions,
	parseSuggestions,
	type SuggestionList,
	SuggestionRecorder,
} from './suggestions-file.ts'
import type { TestSet } from './titles.ts'
import { UNSEEN_METRIC } from './unseen-figure.ts'

/** A model's figures on a test set, and what it suggested for each post. */
export interface Measurement {
	readonly report: StoredEvaluationReport
	readonly suggestions: SuggestionList
}

/** One that was made just now. */
interface FreshMeasurement extends Measurement {
	readonly report: EvaluationReport
}

export const evaluateStep = declareStep({
	name: 'evaluate',
	inputs: {
		/** The last two: twins of releases from before there were candidates. */
		model: { kinds: ['candidate', 'release', 'quantized', 'model'] },
		posts: { kinds: ['snapshot', 'dumps'] },
		/** Of a model that was made in the same way from another split of the posts. */
		beside: { kinds: ['evaluation'], optional: true },
		/** How well subreddits are found that were left out of a candidate's training. */
		unseen: { kinds: ['unseen'], optional: true },
	},
	output: 'evaluation',
	section: null,
	parameters: v.object({}),
	indifferent: [],
	entry: import.meta.filename,
	async work({ inputs: { model: ref, posts, beside, unseen }, dir }, effects) {
		const testSet = await openTestSet(posts, effects)
		const model = await loadModel(ref, effects)
		const { report, suggestions } = await measure(model, testSet, effects)
		const recall = unseen
			? (await readMaker(unseen, effects)).metrics[UNSEEN_METRIC]
			: model.unseenRecall
		const found = recall === undefined ? {} : { [UNSEEN_METRIC]: recall }
		const complete = { ...report, metrics: { ...report.metrics, ...found } }
		const result = beside ? await putBeside(complete, beside, effects) : complete
		const files = await writeOutputs(dir, {
			[EVALUATION_FILES.report]: `${JSON.stringify(result)}\n`,
			[EVALUATION_FILES.suggestions]: packSuggestions(suggestions),
		})
		return { files, metrics: result.metrics, result }
	},
})

async function putBeside(
	report: EvaluationReport,
	beside: ArtifactOf<'evaluation'>,
	effects: Effects,
): Promise<EvaluationReport> {
	const evaluation = await readMaker(beside, effects)
	const { metrics, ...other } = await readReport(evaluation, effects)
	const { testFrom, testUntil } = other
	const where = { ...splitOf(other), testFrom, testUntil }
	return { ...report, beside: { name: `execution #${evaluation.id}`, metrics, ...where } }
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

/** The report of a recorded evaluation. @throws AppError `damaged` */
export async function readReport(
	evaluation: Execution,
	effects: Effects,
): Promise<StoredEvaluationReport> {
	return readOutput(evaluation, EVALUATION_FILES.report, StoredEvaluationReport, effects)
}

/** What a recorded evaluation found out about each post. @throws AppError `damaged` */
export async function readMeasurement(
	evaluation: Execution,
	effects: Effects,
): Promise<Measurement> {
	const file = findOutput(evaluation, EVALUATION_FILES.suggestions, effects)
	return {
		report: await readReport(evaluation, effects),
		suggestions: parseSuggestions(await readRecordedFile(file), file.path),
	}
}
