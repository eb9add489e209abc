// Measures a model on posts: one report with its figures for each subreddit.
import type { Knowledge } from '../../../src/model/engine.ts'
import { PRIOR_CANDIDATES, PriorIndex } from '../../../src/model/prior.ts'
import {
	type Adjustment,
	calibratePredictions,
	choosePredictions,
	type Suggestion,
} from '../../../src/model/suggest.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'
import { EvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { splitOf } from '../../../src/shared/metrics.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Reranker } from '../../../src/shared/reranker.ts'
import type { Effects } from '../effects.ts'
import { withProgress } from '../progress.ts'
import type { Question } from './kernel-scorer.ts'
import { type AnsweredPost, ReportTally } from './report-tally.ts'
import { type Scored, scoreAll } from './scoring.ts'
import type { DatedTitle, TestSet } from './titles.ts'

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
 * Measures on all posts of a test set, with the page's normaliser, engine, reranker, prior and calibration.
 *
 * @throws AppError `bad-input` where it holds no posts
 */
export async function evaluate(
	model: AdjustedModel,
	testSet: TestSet,
	effects: Effects,
	onSuggestions: OnSuggestions = () => {},
): Promise<EvaluationReport> {
	const tally = new ReportTally(model.labels, testSet.sizes)
	for await (const post of suggestForPosts(model, testSet, effects)) {
		tally.add(post)
		onSuggestions(post, post.suggestions)
	}
	const { from: testFrom, until: testUntil } = testSet.window()
	const figures = tally.finish(testFrom)
	// Of the newest posts of each subreddit, a week says which subreddits fell silent in it, and nothing of time.
	const weeks = testSet.split === 'newest' ? [] : figures.weeks
	const { name, prior, reranker } = model
	const report = {
		...{ schema: 2, ...splitOf(testSet), testFrom, testUntil, ...figures, weeks },
		...(prior ? { prior } : {}),
		...(reranker ? { reranker: sizeOf(reranker) } : {}),
	}
	return parseWith(EvaluationReport, report, `evaluation of ${name}`)
}

function sizeOf({ bias, temperature }: Reranker): EvaluationReport['reranker'] {
	return { hiddenUnits: bias.length, temperature }
}

/** Each post with what the model suggests for it, in their order. */
export function suggestForPosts(
	model: AdjustedModel,
	testSet: Pick<TestSet, 'read' | 'total'>,
	effects: Effects,
): AsyncGenerator<AnsweredPost & DatedTitle> {
	const questions = spellAs(model.labels, testSet.read())
	return suggestForAll(model, { questions, total: testSet.total }, effects)
}

/** Reddit takes names in any case, and dumps of other years write some in another one: a post is of the label all the same. */
async function* spellAs(
	labels: readonly string[],
	titles: AsyncIterable<DatedTitle>,
): AsyncGenerator<DatedTitle> {
	const known = new Set(labels)
	const byKey = new Map(labels.map((label) => [label.toLowerCase(), label]))
	for await (const title of titles) {
		const label = known.has(title.subreddit) ? undefined : byKey.get(title.subreddit.toLowerCase())
		yield label === undefined ? title : { ...title, subreddit: label }
	}
}

/** Each item with what the model suggests for its text, in their order. */
export async function* suggestForAll<Item extends Question>(
	model: AdjustedModel,
	items: Pick<Asked<Item>, 'questions' | 'total'>,
	effects: Effects,
): AsyncGenerator<Item & Knowledge & { readonly suggestions: readonly Suggestion[] }> {
	const prior = model.prior ? new PriorIndex(model.prior, model.labels) : null
	const count = prior || model.reranker ? PRIOR_CANDIDATES : SUGGESTION_COUNT
	const asked = { ...items, model, count }
	for await (const answer of askAll(asked, `evaluating ${model.name}`, effects)) {
		const { item, words, knownWords } = answer
		const predictions = choosePredictions(answer, prior)
		const suggestions = calibratePredictions(model.calibration, predictions, answer)
		yield { ...item, words, knownWords, suggestions }
	}
}

/** Items to ask a model about. */
export interface Asked<Item extends Question> {
	/** With its reranker where that one's scores are wanted. */
	readonly model: Model & Pick<Adjustment, 'reranker'>
	readonly questions: AsyncIterable<Item>
	/** About how many there are. */
	readonly total: number
	/** How many predictions each gets. */
	readonly count: number
}

/** Asks about each item, with a progress bar. */
export function askAll<Item extends Question>(
	{ model, questions, total, count }: Asked<Item>,
	label: string,
	effects: Effects,
): AsyncGenerator<Scored<Item>> {
	const answers = scoreAll(model, questions, count)
	return withProgress(answers, { label, total, unit: 'posts' }, effects)
}
