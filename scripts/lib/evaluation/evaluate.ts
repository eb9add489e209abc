// Measures a model on posts: one report with its figures for each subreddit. Node.
import { indexPrior, PRIOR_CANDIDATES } from '../../../src/model/prior.ts'
import {
	type Adjustment,
	calibratePredictions,
	choosePredictions,
	type Suggestion,
} from '../../../src/model/suggest.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { Progress } from '../progress.ts'
import { MetricsTally } from './metrics.ts'
import { Report } from './report-schema.ts'
import { type Question, type Scored, scoreAll } from './scoring.ts'
import type { TestSet } from './titles.ts'

/** A model's bytes, checked against their digest, and its labels in the engine's order. */
export interface Model {
	/** As in `release 20200602.0` or `execution #56`. */
	readonly name: string
	readonly bytes: Uint8Array
	readonly labels: readonly string[]
}

export interface AdjustedModel extends Model, Adjustment {}

/** Sees the suggestions for each title, in the order of the posts. */
export type OnSuggestions = (title: LabelledTitle, suggestions: readonly Suggestion[]) => void

/**
 * Measures on all posts of a test set, with the page's normaliser, engine, prior and calibration.
 *
 * @throws AppError `bad-input` where it holds no posts
 */
export async function evaluate(
	model: AdjustedModel,
	testSet: TestSet,
	effects: Effects,
	onSuggestions: OnSuggestions = () => {},
): Promise<Report> {
	const tally = new MetricsTally(model.labels, testSet.sizes)
	const weights = model.prior ? indexPrior(model.prior, model.labels) : null
	const count = weights ? PRIOR_CANDIDATES : SUGGESTION_COUNT
	const asked = { model, questions: testSet.read(), total: testSet.total, count }
	const answers = askAll(asked, `evaluating ${model.name}`, effects)
	for await (const { item, ...answer } of answers) {
		const predictions = choosePredictions(answer.predictions, weights)
		const suggestions = calibratePredictions(model.calibration, predictions, answer)
		tally.add(item.subreddit, suggestions)
		onSuggestions(item, suggestions)
	}
	const { from: testFrom, until: testUntil } = testSet.window()
	const report = { schema: 1, split: testSet.split, testFrom, testUntil, ...tally.finish() }
	return parseWith(Report, report, `evaluation of ${model.name}`)
}

/** Items to ask a model about. */
export interface Asked<Item extends Question> {
	readonly model: Model
	readonly questions: AsyncIterable<Item>
	/** About how many there are. */
	readonly total: number
	/** How many predictions each gets. */
	readonly count: number
}

/** Asks about each item, with a progress bar. */
export async function* askAll<Item extends Question>(
	{ model, questions, total, count }: Asked<Item>,
	label: string,
	effects: Effects,
): AsyncGenerator<Scored<Item>> {
	const progress = new Progress({ label, total, unit: 'posts' }, effects)
	let done = 0
	try {
		for await (const answer of scoreAll(model, questions, count)) {
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
