// Measures a model on posts: one report with its figures for each subreddit. Node.
import { fitCalibration, type Outcome } from '../../../src/model/calibration.ts'
import { calibratePredictions, type Suggestion } from '../../../src/model/suggest.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Calibration } from '../../../src/shared/calibration.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { Progress } from '../progress.ts'
import { MetricsTally } from './metrics.ts'
import { Report } from './report-schema.ts'
import { type Scored, scoreAll } from './scoring.ts'
import type { TestSet } from './titles.ts'

/** A model's bytes, checked against their digest, and its labels in the engine's order. */
export interface Model {
	/** As in `release 20200602.0` or `execution #56`. */
	readonly name: string
	readonly bytes: Uint8Array
	readonly labels: readonly string[]
}

export interface CalibratedModel extends Model {
	readonly calibration: Calibration
}

/** Sees the suggestions for each title, in the order of the posts. */
export type OnSuggestions = (title: LabelledTitle, suggestions: readonly Suggestion[]) => void

/**
 * Measures on all posts of a test set, with the page's normaliser, engine and calibration.
 *
 * @throws AppError `bad-input` where it holds no posts
 */
export async function evaluate(
	model: CalibratedModel,
	testSet: TestSet,
	effects: Effects,
	onSuggestions: OnSuggestions = () => {},
): Promise<Report> {
	const tally = new MetricsTally(model.labels)
	const answers = askAll(model, testSet, `evaluating ${model.name}`, effects)
	for await (const { item, predictions } of answers) {
		const suggestions = calibratePredictions(model.calibration, predictions)
		tally.add(item.subreddit, suggestions)
		onSuggestions(item, suggestions)
	}
	const { from: testFrom, until: testUntil } = testSet.window()
	const report = { schema: 1, split: testSet.split, testFrom, testUntil, ...tally.finish() }
	return parseWith(Report, report, `evaluation of ${model.name}`)
}

/**
 * Fits a calibration on validation posts, never on test posts. Titles without a known word get no suggestions, so they
 * have no part in it.
 *
 * @throws AppError `bad-input` where there is nothing to fit it on
 */
export async function calibrateOn(
	model: Model,
	validation: TestSet,
	effects: Effects,
): Promise<Calibration> {
	const posts: Outcome[][] = []
	const answers = askAll(model, validation, `calibrating ${model.name}`, effects)
	for await (const { item, predictions } of answers)
		if (predictions.length > 0)
			posts.push(predictions.map(({ label, score }) => ({ score, hit: label === item.subreddit })))
	if (posts.length === 0)
		throw new AppError(
			'bad-input',
			`nothing to calibrate on: the ${validation.name} have no title with a known word; make a snapshot with more validation posts`,
		)
	return fitCalibration(posts)
}

async function* askAll(
	model: Model,
	testSet: TestSet,
	label: string,
	effects: Effects,
): AsyncGenerator<Scored<LabelledTitle>> {
	const progress = new Progress({ label, total: testSet.total, unit: 'posts' }, effects)
	let done = 0
	try {
		for await (const answer of scoreAll(model, testSet.read())) {
			yield answer
			done += 1
			if (done % 256 !== 0) continue
			throwIfAborted(effects)
			progress.update(done)
		}
	} finally {
		progress.finish()
	}
}
