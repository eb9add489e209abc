// A model's most probable labels for many titles at once, with the trainer's kernels: the engine takes one title after the other
// and has no SIMD.
import type { FastTextModel } from '../../../src/model/fasttext/format.ts'
import { Crew } from './crew.ts'
import { type LabelPanels, packLabels } from './label-panels.ts'
import { ANSWER, SAMPLE_FIELDS } from './layout.ts'
import { loadWeights } from './load-weights.ts'
import type { Weights } from './weights.ts'

const BATCH = 64
const PURPOSE = 'the answers'

/** For n titles with `count` labels each: title i has the places from i · count on. */
export interface BatchAnswers {
	/** Places in the model's list of labels, most probable first. */
	readonly places: Uint32Array
	/** Probabilities; NaN where a weight of the model is no number. */
	readonly scores: Float32Array
}

/** A softmax model in the memory of a crew. */
export class AnsweringModel {
	readonly labels: number
	readonly #crew: Crew
	readonly #weights: Weights
	readonly #panels: LabelPanels

	private constructor(crew: Crew, weights: Weights, panels: LabelPanels) {
		this.labels = weights.labels
		this.#crew = crew
		this.#weights = weights
		this.#panels = panels
	}

	/** @throws AppError `out-of-memory` */
	static async start(model: FastTextModel, threads: number): Promise<AnsweringModel> {
		const crew = await Crew.start(threads, new AbortController().signal)
		try {
			const weights = await loadWeights(crew, model)
			return new AnsweringModel(crew, weights, await packLabels(crew, weights, BATCH))
		} catch (error) {
			await crew.stop()
			throw error
		}
	}

	/**
	 * One call at a time.
	 *
	 * @param titles of each the rows of its features, in any order
	 * @param count at most as many as there are labels
	 */
	async answer(titles: readonly (readonly number[])[], count: number): Promise<BatchAnswers> {
		const { arena } = this.#crew
		const samples = this.#writeSamples(titles)
		const places = arena.take(titles.length * count * 4, PURPOSE)
		const scores = arena.take(titles.length * count * 4, PURPOSE)
		const job = this.#crew.struct(ANSWER, {
			...this.#panels,
			samples: samples.records,
			sampleCount: titles.length,
			input: this.#weights.input,
			dim: this.#weights.stride,
			labels: this.labels,
			batch: BATCH,
			count,
			places,
			scores,
		})
		await this.#crew.runAll((thread) => ({
			mode: 'sweep',
			kernel: 'answerBatch',
			args: [job.address, thread],
			from: thread * BATCH,
			to: titles.length,
			step: BATCH * this.#crew.threads,
		}))
		const answers = {
			places: this.#crew.uint32(places, titles.length * count).slice(),
			scores: this.#crew.float32(scores, titles.length * count).slice(),
		}
		arena.free(samples.records, samples.features, places, scores, job.address)
		return answers
	}

	#writeSamples(titles: readonly (readonly number[])[]): { records: number; features: number } {
		const { arena } = this.#crew
		const total = titles.reduce((sum, rows) => sum + rows.length, 0)
		const features = arena.take(total * 4, PURPOSE)
		const records = arena.take(titles.length * SAMPLE_FIELDS * 4, PURPOSE)
		const rowsView = this.#crew.uint32(features, total)
		const recordsView = this.#crew.uint32(records, titles.length * SAMPLE_FIELDS)
		let at = 0
		for (const [index, rows] of titles.entries()) {
			// Nobody asks for the label that is the right one.
			recordsView.set([features + at * 4, rows.length, 0], index * SAMPLE_FIELDS)
			rowsView.set(rows, at)
			at += rows.length
		}
		return { records, features }
	}

	async stop(): Promise<void> {
		await this.#crew.stop()
	}
}
