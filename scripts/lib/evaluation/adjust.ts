// What a model's predictions need before people see them, chosen on validation posts and never on test posts: the prior, then
// the calibration of what the prior leaves. Node.
import { type AnsweredTitle, fitCalibration, type Outcome } from '../../../src/model/calibration.ts'
import { indexPrior, PRIOR_CANDIDATES } from '../../../src/model/prior.ts'
import { type Adjustment, choosePredictions } from '../../../src/model/suggest.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import type { Snapshot } from '../snapshot/snapshot-schema.ts'
import { choosePrior, makePrior, RankedTitles } from './choose-prior.ts'
import { askAll, type Model } from './evaluate.ts'
import { addMadeTitles, MADE_PER_TITLE } from './made-titles.ts'
import type { TestSet } from './titles.ts'

/**
 * Chooses a prior where the snapshot says enough about its labels, then fits a calibration.
 *
 * @throws AppError `bad-input` where there is nothing to fit it on
 */
export async function adjust(
	model: Model,
	validation: TestSet,
	labels: Snapshot['labels'],
	effects: Effects,
): Promise<Adjustment> {
	const ranked = new RankedTitles(model.labels)
	const whole = { model, questions: validation.read(), total: validation.total }
	const answers = askAll(
		{ ...whole, count: PRIOR_CANDIDATES },
		`choosing a prior for ${model.name}`,
		effects,
	)
	for await (const { item, predictions } of answers) ranked.add(item.subreddit, predictions)
	const prior = choosePrior(ranked, labels) ?? undefined
	return { prior, calibration: await calibrate({ ...model, prior }, validation, effects) }
}

/**
 * The adjustment that was chosen for a twin, for a model of the same recipe: its strengths, and weights of the model's own labels.
 *
 * @param labels of the model @param counts of the labels, from the model's snapshot
 */
export function adoptAdjustment(
	{ calibration, prior }: Adjustment,
	labels: readonly string[],
	counts: Snapshot['labels'],
): Adjustment {
	return { calibration, prior: prior && makePrior(prior, labels, counts) }
}

// Titles without a known word get no suggestions, so they have no part in it.
async function calibrate(
	model: Model & Pick<Adjustment, 'prior'>,
	validation: TestSet,
	effects: Effects,
) {
	const weights = model.prior ? indexPrior(model.prior, model.labels) : null
	const titles: AnsweredTitle[] = []
	const asked = {
		model,
		questions: addMadeTitles(validation.read()),
		total: validation.total * (1 + MADE_PER_TITLE),
		count: PRIOR_CANDIDATES,
	}
	for await (const answer of askAll(asked, `calibrating ${model.name}`, effects)) {
		const { item, words, knownWords } = answer
		const predictions = choosePredictions(answer.predictions, weights)
		titles.push({ words, knownWords, outcomes: predictions.map((one) => outcomeOf(item, one)) })
	}
	if (titles.every(({ outcomes }) => outcomes.length === 0))
		throw new AppError(
			'bad-input',
			`nothing to calibrate on: the ${validation.name} have no title with a known word; make a snapshot with more validation posts`,
		)
	return fitCalibration(titles)
}

function outcomeOf(
	{ subreddit }: LabelledTitle,
	{ label, score }: { label: string; score: number },
): Outcome {
	return { score, hit: label === subreddit }
}
