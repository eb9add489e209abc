// Answers many titles with the trainer's kernels, in a fraction of the engine's time. The engine keeps the last word: it is
// asked about some of the titles, too, so that no figure is of anything else than what the page will say. Node.
import { availableParallelism } from 'node:os'
import {
	clampScore,
	countKnown,
	type Engine,
	type Knowledge,
	PROBABILITY_OFFSET,
} from '../../../src/model/engine.ts'
import type { FastTextModel } from '../../../src/model/fasttext/format.ts'
import { FeatureFinder } from '../../../src/model/features.ts'
import { padTitle } from '../../../src/model/padding.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { AnsweringModel, type BatchAnswers } from '../trainer/answering.ts'
import type { Batch, PackedAnswers } from './predict-batch.ts'

const MAX_THREADS = 8
/** Of so many titles the engine is asked about one. */
const CHECKED_EVERY = 128
/** Sums run in another order than the engine's, and in single precision. */
const TOLERANCE = 1e-4

/** What is asked for a title: the rows of its features, none where no word of it is known. */
interface AskedTitle extends Knowledge {
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
	#turn: Promise<unknown> = Promise.resolve()

	private constructor(model: AnsweringModel, finder: FeatureFinder, engine: Engine) {
		this.#model = model
		this.#finder = finder
		this.#engine = engine
		this.#labels = engine.labels()
	}

	/** @param engine with the same model; disposed of with the scorer @throws AppError `out-of-memory` */
	static async start(model: FastTextModel, engine: Engine): Promise<KernelScorer> {
		const threads = Math.min(MAX_THREADS, availableParallelism())
		const answering = await AnsweringModel.start(model, threads)
		return new KernelScorer(answering, new FeatureFinder(model), engine)
	}

	/** @throws AppError `damaged` where a weight of the model is no number */
	async predict({ texts, count }: Batch): Promise<PackedAnswers> {
		const titles = texts.map((text) => this.#ask(text))
		const most = Math.min(count, this.#model.labels)
		const turn = this.#turn.then(() =>
			this.#model.answer(
				titles.map(({ rows }) => rows),
				most,
			),
		)
		this.#turn = turn.catch(() => {})
		const answers = pack(titles, await turn, { count, most })
		for (let index = 0; index < texts.length; index += CHECKED_EVERY)
			this.#check(texts[index] ?? '', answers, index, count)
		return answers
	}

	async close(): Promise<void> {
		this.#engine.dispose()
		await this.#model.stop()
	}

	#ask(text: string): AskedTitle {
		const knowledge = countKnown(text, (word) => this.#finder.knows(word))
		const isKnown = knowledge.knownWords > 0
		const rows = isKnown ? this.#finder.findRows(padTitle(text, this.#engine.padding)) : []
		return { ...knowledge, rows }
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
