// Answers many titles with the trainer's kernels, in a fraction of the engine's time. The engine keeps the last word: it is
// asked about some of the titles, too, so that no figure is of anything else than what the page will say.
import { availableParallelism } from 'node:os'
import { readCandidates } from '../../../src/model/candidates.ts'
import { askAbout, type TitleQuestion } from '../../../src/model/completion.ts'
import type { Engine, Prediction } from '../../../src/model/engine.ts'
import type { FastTextModel } from '../../../src/model/fasttext/format.ts'
import { PROBABILITY_OFFSET } from '../../../src/model/fasttext/probability-offset.ts'
import { FeatureFinder } from '../../../src/model/features.ts'
import { padTitle } from '../../../src/model/padding.ts'
import type { TitleReranker } from '../../../src/model/reranker.ts'
import type { TitleAnswer } from '../../../src/model/suggest.ts'
import type { Reading } from '../../../src/shared/reading.ts'
import { AnsweringModel } from '../trainer/answering.ts'

const MAX_THREADS = 8
/** Of so many titles the engine is asked about one. */
const CHECKED_EVERY = 128
/** Sums run in another order than the engine's, and in single precision. */
const TOLERANCE = 1e-4
/** A label that is the last of the one's candidates may be just beyond the other's: evidence then weighs it from another score. */
const TOLERANCE_WITH_EVIDENCE = 1e-3

/** A title to ask a model about. */
export interface Question {
	/** Normalised. */
	readonly text: string
	/** `typing`: its last word is unfinished; it is finished without. */
	readonly reading?: Reading
}

/** Answers titles, in the order in which it is asked. */
export interface Scorer {
	/** @param count how many predictions each title gets */
	predict(questions: readonly Question[], count: number): Promise<TitleAnswer[]>
	close(): Promise<void>
}

/** Scores have single precision, whoever computes them. */
export function roundScore({ label, score }: Prediction): Prediction {
	return { label, score: Math.fround(score) }
}

/** What is asked for a title: the rows of its features, none where no word of it is known. */
interface AskedTitle extends TitleQuestion {
	readonly rows: readonly number[]
}

/** Whether a model's scores are what the kernels compute: those of the other losses are no softmax over all labels. */
export function fitsKernels({ args }: FastTextModel): boolean {
	return args.loss === 'softmax'
}

/** Who answers: the kernels' features, the engine that they are checked against, and what puts their answers into a better order. */
interface ScorerParts {
	readonly finder: FeatureFinder
	readonly engine: Engine
	readonly reranker: TitleReranker | null
}

/** A model in the kernels' memory. */
export class KernelScorer implements Scorer {
	readonly #model: AnsweringModel
	readonly #finder: FeatureFinder
	readonly #engine: Engine
	readonly #reranker: TitleReranker | null
	#turn: Promise<unknown> = Promise.resolve()

	private constructor(model: AnsweringModel, { finder, engine, reranker }: ScorerParts) {
		this.#model = model
		this.#finder = finder
		this.#engine = engine
		this.#reranker = reranker
	}

	/** @param engine with the same model; disposed of with the scorer @throws AppError `out-of-memory` */
	static async start(
		model: FastTextModel,
		engine: Engine,
		reranker: TitleReranker | null = null,
	): Promise<KernelScorer> {
		const threads = Math.min(MAX_THREADS, availableParallelism())
		const answering = await AnsweringModel.start(model, threads)
		return new KernelScorer(answering, { finder: new FeatureFinder(model), engine, reranker })
	}

	/** @throws AppError `damaged` where a weight of the model is no number */
	async predict(questions: readonly Question[], count: number): Promise<TitleAnswer[]> {
		const titles = questions.map((question) => this.#ask(question))
		const most = Math.min(this.#engine.candidatesFor(count), this.#model.labels)
		const turn = this.#turn.then(() =>
			this.#model.answer(
				titles.map(({ rows }) => rows),
				most,
			),
		)
		this.#turn = turn.catch(() => {})
		const { places, scores } = await turn
		// What fastText predicts, as the engine says it.
		const probabilities = scores.map((probability) => probability + PROBABILITY_OFFSET)
		return titles.map(({ text, words, knownWords, familiarity }, index) => {
			const known = { words, knownWords, familiarity }
			if (knownWords === 0) return { predictions: [], ...known }
			const [from, until] = [index * most, (index + 1) * most]
			const candidates = readCandidates(
				places.subarray(from, until),
				probabilities.subarray(from, until),
			)
			const predictions = this.#engine.rerank(text, candidates, count).map(roundScore)
			if (index % CHECKED_EVERY === 0) this.#check(text, predictions, count)
			return { predictions: this.#reranker?.rerank(text, predictions) ?? predictions, ...known }
		})
	}

	async close(): Promise<void> {
		this.#engine.dispose()
		await this.#model.stop()
	}

	#ask({ text, reading = 'whole' }: Question): AskedTitle {
		const question = askAbout(text, reading, this.#engine)
		const isKnown = question.knownWords > 0
		const padded = padTitle(question.text, this.#engine.padding)
		return { ...question, rows: isKnown ? this.#finder.findRows(padded) : [] }
	}

	#check(text: string, predictions: readonly Prediction[], count: number): void {
		const tolerance = this.#engine.evidence ? TOLERANCE_WITH_EVIDENCE : TOLERANCE
		for (const { label, score } of this.#engine.predict(text, count)) {
			const same = predictions.find((one) => one.label === label)
			// What the one has just within the list and the other just beyond it has the least score of the list.
			const ours = (same ?? predictions[count - 1])?.score ?? 0
			if (Math.abs(ours - score) <= tolerance) continue
			throw new Error(`r/${label} has ${ours} by the kernels and ${score} by the engine`)
		}
	}
}
