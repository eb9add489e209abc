// The five suggestions for a title: normalise, ask the engine, rerank, weigh by the prior, calibrate. The page's worker, `predict` and
// evaluation all ask through here, so that the same title gets the same suggestions in each of them. (Evaluation gets many
// predictions at once from scripts/lib/evaluation/kernel-scorer.ts, which the engine checks as it goes.)
import { type Calibration, SUGGESTION_COUNT } from '../shared/calibration.ts'
import { countCovered, type Doubt } from '../shared/doubt.ts'
import type { Prior } from '../shared/prior.ts'
import type { Reading } from '../shared/reading.ts'
import type { Reranker } from '../shared/reranker.ts'
import { calibrateAll, curvesFor } from './calibration.ts'
import { askAbout, endsInOpenWord, type TitleQuestion } from './completion.ts'
import type { Engine, Knowledge, Prediction } from './engine.ts'
import { temper } from './familiarity.ts'
import { normalizeTitle } from './normalize.ts'
import { PRIOR_CANDIDATES, PriorIndex, weighPredictions } from './prior.ts'
import { explainWords } from './reasons.ts'
import { TitleReranker } from './reranker.ts'
import type { UnseenMatch, UnseenSearch } from './unseen/search.ts'

/** The page shows no suggestion that rounds to 0%. */
export const MIN_SHOWN_PROBABILITY = 0.005

/** Where fewer of a hundred titles belong to one of the five, these are more of a guess than an answer. */
const UNSURE_BELOW = 20
/** A title of which the model can read less is guessed at, whatever it says. */
const UNFAMILIAR_BELOW = 0.5

export interface Suggestion {
	/** Without `r/`. */
	readonly subreddit: string
	/**
	 * Calibrated: of a hundred suggestions with 0.3, thirty are right. Never higher than the one before it; all five add
	 * up to how often one of them is right. Less where the model can read little of the title.
	 */
	readonly probability: number
	/** What the calibration looked up: the engine's raw probability, weighed by the prior where there is one. */
	readonly score: number
}

export interface Suggestions {
	/** What the model was asked: the normalised title. */
	readonly normalized: string
	/** False for an empty title or one without a known word, or a beginning of one that is being typed. */
	readonly known: boolean
	/** Words of the title that the model has not learnt, each once, normalised; not one that may still become a known word. */
	readonly unknownWords: readonly string[]
	/** At most five, most probable first; none where `known` is false, or where one letter is all that there is. */
	readonly suggestions: readonly Suggestion[]
	/** Why the suggestions are more of a guess; null where they are not, or there are none. */
	readonly doubt: Doubt | null
	/** Subreddits that the model has not learnt, where the evidence for them is strong; none without an index. */
	readonly unseen: readonly UnseenMatch[]
}

/** What turns a model's predictions into suggestions; a release's manifest has both. */
export interface Adjustment {
	readonly calibration: Calibration
	/** Absent in releases from before there was one. */
	readonly prior?: Prior | undefined
	/** Absent where there were too few validation posts to learn from, or in releases from before there was one. */
	readonly reranker?: Reranker | undefined
}

/** What of a manifest turns predictions into suggestions. */
export function adjustmentOf({ calibration, prior, reranker }: Adjustment): Adjustment {
	return { calibration, prior, reranker }
}

/** A loaded model with its adjustment. */
export class Suggester {
	readonly #engine: Engine
	readonly #calibration: Calibration
	readonly #prior: PriorIndex | null
	readonly #reranker: TitleReranker | null
	#unseen: UnseenSearch | null = null
	#withheld: ReadonlySet<string> = new Set()
	/** As the model spells them. */
	#withheldLabels: ReadonlySet<string> = new Set()

	/** @throws AppError `bad-data` where prior or reranker do not fit the model */
	constructor(engine: Engine, { calibration, prior, reranker }: Adjustment) {
		this.#engine = engine
		this.#calibration = calibration
		this.#prior = prior ? new PriorIndex(prior, engine.labels()) : null
		this.#reranker = reranker ? new TitleReranker(reranker, engine.evidence) : null
	}

	/** From now on suggests subreddits beside those that the model has learnt. */
	addUnseen(search: UnseenSearch): void {
		this.#unseen = search
	}

	/** From now on never suggests these. @param names in lower case */
	withhold(names: Iterable<string>): void {
		const withheld = new Set(names)
		const isNew = [...withheld].some((name) => !this.#withheld.has(name))
		if (!isNew && withheld.size === this.#withheld.size) return
		this.#withheld = withheld
		const labels = withheld.size === 0 ? [] : this.#engine.labels()
		this.#withheldLabels = new Set(labels.filter((label) => !this.mayName(label)))
	}

	/** Whether a subreddit may be named. */
	mayName(subreddit: string): boolean {
		return !this.#withheld.has(subreddit.toLowerCase())
	}

	/** The suggestions for a title as a person writes it. @param reading `typing`: its last word may be unfinished */
	suggest(title: string, reading: Reading = 'whole'): Suggestions {
		const asked = this.ask(title, reading)
		return this.finish(asked, predict(this.#engine, asked))
	}

	/** The suggestions alone for a finished title, where many are asked: the search among what was not learnt takes longer. */
	suggestLearnt(title: string): readonly Suggestion[] {
		const asked = this.ask(title)
		return this.#choose(asked, predict(this.#engine, asked)).suggestions
	}

	/** What each word of a finished title adds for suggestions: see {@link explainWords}. */
	explain(title: string, subreddits: readonly string[]): ReturnType<typeof explainWords> {
		const model = { engine: this.#engine, reranker: this.#reranker }
		return explainWords(model, normalizeTitle(title), subreddits)
	}

	/** What the engine is to be asked for a title: half of {@link suggest}, for who asks it about many titles at once. */
	ask(title: string, reading: Reading = 'whole'): AskedTitle {
		const normalized = normalizeTitle(title)
		const isTyped = reading === 'typing' && endsInOpenWord(title)
		const isReranked = this.#reranker || this.#prior || this.#unseen || this.#withheld.size > 0
		return {
			normalized,
			question: askAbout(normalized, isTyped ? 'typing' : 'whole', this.#engine),
			count: isReranked ? PRIOR_CANDIDATES : SUGGESTION_COUNT,
		}
	}

	/** The other half of {@link suggest}. @param predictions of the engine; none where it knows no word */
	finish(asked: AskedTitle, predictions: readonly Prediction[]): Suggestions {
		const { normalized, question } = asked
		const { chosen, suggestions } = this.#choose(asked, predictions)
		const unseen = this.#unseen?.suggest(normalized, predictions) ?? []
		return {
			normalized,
			known: question.isOpen || chosen.length > 0,
			unknownWords: question.unknownWords,
			suggestions,
			doubt: doubtOf(suggestions, question.familiarity),
			unseen: unseen.filter(({ subreddit }) => this.mayName(subreddit)),
		}
	}

	#choose({ question }: AskedTitle, predictions: readonly Prediction[]) {
		const reranked = this.#reranker?.rerank(question.text, predictions) ?? predictions
		const allowed =
			this.#withheldLabels.size === 0
				? reranked
				: reranked.filter(({ label }) => !this.#withheldLabels.has(label))
		const chosen = choosePredictions({ ...question, predictions: allowed }, this.#prior)
		return { chosen, suggestions: calibratePredictions(this.#calibration, chosen, question) }
	}
}

/** A title, and what the engine is asked for it. */
export interface AskedTitle {
	readonly normalized: string
	readonly question: TitleQuestion
	/** How many predictions are wanted. */
	readonly count: number
}

function predict(engine: Engine, { question, count }: AskedTitle): readonly Prediction[] {
	return question.knownWords > 0 ? engine.predict(question.text, count) : []
}

function doubtOf(suggestions: readonly Suggestion[], familiarity: number): Doubt | null {
	if (suggestions.length === 0) return null
	if (familiarity < UNFAMILIAR_BELOW) return 'unfamiliar'
	return countCovered(suggestions) < UNSURE_BELOW ? 'scattered' : null
}

/** What the model says to a title of which it knows so much. */
export interface TitleAnswer extends Knowledge {
	/** See measureFamiliarity. */
	readonly familiarity: number
	/** Most probable first. */
	readonly predictions: readonly Prediction[]
}

/**
 * What the model says to a normalised title: its `count` most probable labels. None where it knows no word of the title: the
 * engine then gives the same confident-looking answer to any title.
 */
export function answerTitle(
	engine: Engine,
	normalized: string,
	count: number,
	reading: Reading = 'whole',
): TitleAnswer & TitleQuestion {
	const question = askAbout(normalized, reading, engine)
	const predictions = question.knownWords > 0 ? engine.predict(question.text, count) : []
	return { ...question, predictions }
}

/**
 * The five that are suggested, in their order. The prior may be stronger in the order than in the choice: a small subreddit of the
 * very subject is worth a place, and the one where most people are comes first.
 *
 * @param prior null: as the model has them
 */
export function choosePredictions(
	{ predictions, knownWords }: Pick<TitleAnswer, 'predictions' | 'knownWords'>,
	prior: PriorIndex | null,
): Prediction[] {
	if (!prior) return predictions.slice(0, SUGGESTION_COUNT)
	const chosen = weighPredictions(predictions, prior.weightsFor(knownWords), {
		most: SUGGESTION_COUNT,
	})
	const order = prior.orderFor(knownWords)
	if (!order) return chosen
	const names = new Set(chosen.map(({ label }) => label))
	return weighPredictions(predictions, order, { isWanted: (label) => names.has(label) })
}

/** From scores to probabilities. */
export function calibratePredictions(
	calibration: Calibration,
	predictions: readonly Prediction[],
	title: Omit<TitleAnswer, 'predictions'>,
): Suggestion[] {
	const scores = predictions.map(({ score }) => score)
	const probabilities = calibrateAll(curvesFor(calibration, title), scores)
	return predictions.map(({ label, score }, rank) => ({
		subreddit: label,
		probability: temper(probabilities[rank] as number, title.familiarity),
		score,
	}))
}
