// Answers many titles with the trainer's kernels, in a fraction of the engine's time. The engine keeps the last word: it is
// asked about some of the titles, too, so that no figure is of anything else than what the page will say.
import { availableParallelism } from 'node:os'
import { askAbout, type TitleQuestion } from '../../../src/model/completion.ts'
import { clampScore, type Engine, PROBABILITY_OFFSET } from '../../../src/model/engine.ts'
import { EVIDENCE_CANDIDATES } from '../../../src/model/evidence/weigh-evidence.ts'
import type { FastTextModel } from '../../../src/model/fasttext/format.ts'
import { FeatureFinder } from '../../../src/model/features.ts'
import { padTitle } from '../../../src/model/padding.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { AnsweringModel, type BatchAnswers } from '../trainer/answering.ts'
import type { Batch, PackedAnswers, Question } from './predict-batch.ts'

const MAX_THREADS = 8
/** Of so many titles the engine is asked about one. */
const CHECKED_EVERY = 128
/** Sums run in another order than the engine's, and in single precision. */
const TOLERANCE = 1e-4

/** What is asked for a title: the rows of its features, none where no word of it is known. */
interface AskedTitle extends TitleQuestion {
	readonly rows: readonly number[]
}

/** Whether a model's scores are what the kernels compute: those of the other losses are no softmax over all labels. */
export function fitsKernels({ args }: FastTextModel): boolean {
	return args.loss === 'softmax'
}

/** A model in the kernels' memory. */
export class KernelScorer {
	/** The kernels share a batch out among their threads; the next one is prepared meanwhile. */
	readonly threads = 1
	readonly #model: AnsweringModel
	readonly #finder: FeatureFinder
	readonly #engine: Engine
	readonly #labels: readonly string[]
	readonly #places: ReadonlyMap<string, number>
	#turn: Promise<unknown> = Promise.resolve()

	private constructor(model: AnsweringModel, finder: FeatureFinder, engine: Engine) {
		this.#model = model
		this.#finder = finder
		this.#engine = engine
		this.#labels = engine.labels()
		this.#places = new Map(this.#labels.map((label, place) => [label, place]))
	}

	/** @param engine with the same model; disposed of with the scorer @throws AppError `out-of-memory` */
	static async start(model: FastTextModel, engine: Engine): Promise<KernelScorer> {
		const threads = Math.min(MAX_THREADS, availableParallelism())
		const answering = await AnsweringModel.start(model, threads)
		return new KernelScorer(answering, new FeatureFinder(model), engine)
	}

	/** @throws AppError `damaged` where a weight of the model is no number */
	async predict({ questions, count }: Batch): Promise<PackedAnswers> {
		const titles = questions.map((question) => this.#ask(question))
		const asked = this.#engine.evidence ? Math.max(count, EVIDENCE_CANDIDATES) : count
		const most = Math.min(asked, this.#model.labels)
		const turn = this.#turn.then(() =>
			this.#model.answer(
				titles.map(({ rows }) => rows),
				most,
			),
		)
		this.#turn = turn.catch(() => {})
		const texts = titles.map(({ text }) => text)
		const scored = pack(titles, await turn, { count: asked, most })
		const answers = this.#weigh(texts, scored, { asked, count })
		for (let index = 0; index < texts.length; index += CHECKED_EVERY)
			this.#check(texts[index] ?? '', answers, index, count)
		return answers
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

	/** Reranks by the model's evidence, as the engine does, and keeps the best `count` of each title. */
	#weigh(
		texts: readonly string[],
		scored: PackedAnswers,
		{ asked, count }: { readonly asked: number; readonly count: number },
	): PackedAnswers {
		if (!this.#engine.evidence) return scored
		const labels = new Int32Array(texts.length * count).fill(-1)
		const scores = new Float32Array(texts.length * count)
		for (const [index, text] of texts.entries()) {
			if (scored.knownWords[index] === 0) continue
			const candidates = []
			for (let at = index * asked; at < (index + 1) * asked; at += 1) {
				const place = scored.labels[at] ?? -1
				if (place < 0) break
				candidates.push({ label: this.#labels[place] ?? '', score: scored.scores[at] ?? 0 })
			}
			for (const [rank, { label, score }] of this.#engine
				.rerank(text, candidates, count)
				.entries()) {
				labels[index * count + rank] = this.#places.get(label) ?? -1
				scores[index * count + rank] = score
			}
		}
		return { ...scored, labels, scores }
	}

	#check(text: string, answers: PackedAnswers, index: number, count: number): void {
		if (answers.knownWords[index] === 0) return
		const places = answers.labels.subarray(index * count, (index + 1) * count)
		for (const { label, score } of this.#engine.predict(text, count)) {
			const rank = places.findIndex((place) => this.#labels[place] === label)
			// What the one has just within the list and the other just beyond it has the least score of the list.
			const ours = answers.scores[index * count + (rank === -1 ? count - 1 : rank)] ?? 0
			if (Math.abs(ours - score) <= TOLERANCE) continue
			throw new Error(`r/${label} has ${ours} by the kernels and ${score} by the engine`)
		}
	}
}

function pack(
	titles: readonly AskedTitle[],
	{ places, scores }: BatchAnswers,
	{ count, most }: { readonly count: number; readonly most: number },
): PackedAnswers {
	const packed: PackedAnswers = {
		labels: new Int32Array(titles.length * count).fill(-1),
		scores: new Float32Array(titles.length * count),
		words: Uint32Array.from(titles, ({ words }) => words),
		knownWords: Uint32Array.from(titles, ({ knownWords }) => knownWords),
	}
	for (const [index, { knownWords }] of titles.entries()) {
		if (knownWords === 0) continue
		for (let rank = 0; rank < most; rank += 1) {
			const probability = scores[index * most + rank] ?? Number.NaN
			if (!Number.isFinite(probability)) throw noNumber()
			packed.labels[index * count + rank] = places[index * most + rank] ?? -1
			packed.scores[index * count + rank] = clampScore(probability + PROBABILITY_OFFSET)
		}
	}
	return packed
}

function noNumber(): AppError {
	return new AppError('damaged', 'a weight of the model is not a number; it must be trained again')
}
