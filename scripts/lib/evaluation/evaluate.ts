// Measures a model on posts: one report with its figures for each subreddit. Node.
import { calibrateAll, fitCalibration, type Outcome } from '../../../src/model/calibration.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Calibration } from '../../../src/shared/calibration.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { Progress } from '../progress.ts'
import { AnswerTally } from './metrics.ts'
import { Report } from './report-schema.ts'
import { type Scored, scoreAll } from './scoring.ts'
import type { LabelledTitle, TestSet } from './titles.ts'

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

/** Sees each answer, in the order of the posts. */
export type OnAnswer = (answer: Scored<LabelledTitle>) => void

/**
 * Measures on all posts of a test set, with the page's normaliser, engine and calibration.
 *
 * @throws AppError `bad-input` where it holds no posts
 */
export async function evaluate(
	model: CalibratedModel,
	testSet: TestSet,
	effects: Effects,
	onAnswer: OnAnswer = () => {},
): Promise<Report> {
	const tally = new AnswerTally(model.labels)
	for await (const answer of askAll(model, testSet, `evaluating ${model.name}`, effects)) {
		const probabilities = calibrateAll(model.calibration, answer.scores)
		const p1 = probabilities[0] ?? 0
		const p5 = Math.min(
			1,
			probabilities.reduce((sum, probability) => sum + probability, 0),
		)
		tally.add({ actual: answer.item.subreddit, ranked: answer.ranked, p1, p5 })
		onAnswer(answer)
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
	for await (const { item, ranked, scores } of askAll(
		model,
		validation,
		`calibrating ${model.name}`,
		effects,
	))
		if (scores.length > 0)
			posts.push(scores.map((score, rank) => ({ score, hit: ranked[rank] === item.subreddit })))
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
