// Suggestions for many titles: the same as the suggester gives to each of them alone, in a fraction of the time.
import { readModel } from '../../../src/model/fasttext/read.ts'
import { padTitle } from '../../../src/model/padding.ts'
import type { AskedTitle, Suggester, Suggestions } from '../../../src/model/suggest.ts'
import type { Reading } from '../../../src/shared/reading.ts'
import type { ReleasesPlace } from '../release-files/elsewhere.ts'
import { type OpenSuggester, openSuggester } from './suggester.ts'
import { canBatch, VectorBatch } from './vector-batch.ts'

export class BatchSuggester {
	readonly #opened: OpenSuggester
	/** Null for a model that only the engine can ask. */
	readonly #vectors: VectorBatch | null

	private constructor(opened: OpenSuggester, vectors: VectorBatch | null) {
		this.#opened = opened
		this.#vectors = vectors
	}

	/** @throws AppError as {@link openSuggester} */
	static async open(place: ReleasesPlace, name: string): Promise<BatchSuggester> {
		return BatchSuggester.around(await openSuggester(place, name))
	}

	/** @param opened disposed of with it */
	static async around(opened: OpenSuggester): Promise<BatchSuggester> {
		const model = readModel(opened.model)
		return new BatchSuggester(opened, canBatch(model) ? await VectorBatch.open(model) : null)
	}

	get suggester(): Suggester {
		return this.#opened.suggester
	}

	suggest(titles: readonly string[], reading: Reading): Suggestions[] {
		const { suggester } = this
		if (!this.#vectors) return titles.map((title) => suggester.suggest(title, reading))
		return this.#answer(
			titles.map((title) => suggester.ask(title, reading)),
			this.#vectors,
		)
	}

	#answer(asked: readonly AskedTitle[], vectors: VectorBatch): Suggestions[] {
		const { engine, suggester } = this.#opened
		const known = asked.filter(({ question }) => question.knownWords > 0)
		const texts = known.map(({ question }) => padTitle(question.text, engine.padding))
		const candidates = vectors.predict(texts, engine.candidatesFor(asked[0]?.count ?? 1))
		return asked.map((one) => {
			const { question, count } = one
			if (question.knownWords === 0) return suggester.finish(one, [])
			const { value } = candidates.next()
			return suggester.finish(one, value ? engine.rerank(question.text, value, count) : [])
		})
	}

	dispose(): void {
		this.#opened.engine.dispose()
	}
}
