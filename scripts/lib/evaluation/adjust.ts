// What a model's predictions need before people see them, chosen on validation posts and never on test posts: a reranker, the prior
// of what it leaves, then the calibration of what the prior leaves.
import { type AnsweredTitle, fitCalibration, type Outcome } from '../../../src/model/calibration.ts'
import { PRIOR_CANDIDATES, PriorIndex } from '../../../src/model/prior.ts'
import { type Adjustment, choosePredictions } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import type { Snapshot } from '../snapshot/snapshot-schema.ts'
import { choosePrior, makePrior } from './choose-prior.ts'
import { chooseReranker, rerankTitles } from './choose-reranker.ts'
import { askAll, type Model } from './evaluate.ts'
import { addMadeTitles, MADE_PER_TITLE } from './made-titles.ts'
import { RankedTitles } from './ranked-titles.ts'
import type { TestSet } from './titles.ts'

/**
 * Learns a reranker where there is enough to learn from, chooses a prior where the snapshot says enough about its labels, then fits a
 * calibration.
 *
 * @throws AppError `bad-input` where there is nothing to fit it on
 */
export async function adjust(
	model: Model,
	validation: TestSet,
	labels: Snapshot['labels'],
	effects: Effects,
): Promise<Adjustment> {
	const asked = await askTitles(model, validation, effects)
	const reranker = (await chooseReranker(model, asked, effects)) ?? undefined
	const titles = reranker ? await rerankTitles({ model, reranker }, asked, effects) : asked
	const prior = choosePrior(titles, labels) ?? undefined
	const answered = outcomesOf(titles, prior ? new PriorIndex(prior, model.labels) : null)
	// Titles without a known word get no suggestions, so they have no part in it.
	if (answered.every(({ outcomes }) => outcomes.length === 0))
		throw new AppError(
			'bad-input',
			`nothing to calibrate on: the ${validation.name} have no title with a known word; make a snapshot with more validation posts`,
		)
	return { reranker, prior, calibration: fitCalibration(answered) }
}

/**
 * The adjustment that was chosen for a twin, for a model of the same recipe: its strengths, and weights of the model's own labels.
 *
 * @param labels of the model @param counts of the labels, from the model's snapshot
 */
export function adoptAdjustment(
	{ calibration, prior, reranker }: Adjustment,
	labels: readonly string[],
	counts: Snapshot['labels'],
): Adjustment {
	return { calibration, prior: prior && makePrior(prior, labels, counts), reranker }
}

async function askTitles(
	model: Model,
	validation: TestSet,
	effects: Effects,
): Promise<RankedTitles> {
	const titles = new RankedTitles(model.labels)
	const asked = {
		model,
		questions: addMadeTitles(validation.read()),
		total: validation.total * (1 + MADE_PER_TITLE),
		count: PRIOR_CANDIDATES,
	}
	const label = `asking ${model.name} about validation titles`
	for await (const answer of askAll(asked, label, effects)) titles.add(answer.item, answer)
	return titles
}

/** What the suggestions that people would see scored, and which were right. */
function outcomesOf(titles: RankedTitles, prior: PriorIndex | null): AnsweredTitle[] {
	return Array.from(titles.read(), (title) => ({
		words: title.words,
		knownWords: title.knownWords,
		outcomes: choosePredictions(title, prior).map(
			({ label, score }): Outcome => ({ score, hit: label === title.subreddit }),
		),
	}))
}
