// What a model says to validation titles, kept while reranker, prior and calibration are chosen: each is asked about once. Pure.
import type { Knowledge, Prediction } from '../../../src/model/engine.ts'
import { sortLabels } from '../../../src/model/sort-labels.ts'
import type { TitleAnswer } from '../../../src/model/suggest.ts'
import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'

/** Smaller than any score of the engine; keeps the logarithm finite. */
const LEAST_SCORE = 1e-9

export interface RankedTitle extends Knowledge {
	readonly subreddit: string
	/** Normalised. */
	readonly text: string
	/** Whether it is the title as its author wrote it, and no part of it. */
	readonly isWhole: boolean
	/** Places among the labels, most probable first, and their scores. */
	readonly places: Uint32Array
	readonly scores: Float32Array
}

/** The best labels of each title, in typed arrays: 60 labels for each of 100,000 titles would be too many objects. */
export class RankedTitles {
	/** Sorted, as a prior's weights are. */
	readonly labels: readonly string[]
	readonly #places: ReadonlyMap<string, number>
	#titles: RankedTitle[] = []

	/** @param labels those of the model, in any order */
	constructor(labels: readonly string[]) {
		this.labels = sortLabels(labels)
		this.#places = new Map(this.labels.map((label, place) => [label, place]))
	}

	add(
		{ subreddit, text, isWhole }: Pick<RankedTitle, 'subreddit' | 'text' | 'isWhole'>,
		{ predictions, words, knownWords }: Omit<TitleAnswer, 'familiarity'>,
	): void {
		this.#titles.push({
			...{ subreddit, text, isWhole, words, knownWords },
			places: Uint32Array.from(predictions, ({ label }) => this.#places.get(label) ?? 0),
			scores: Float32Array.from(predictions, ({ score }) => score),
		})
	}

	/** Those that a test holds for. */
	filter(test: (title: RankedTitle) => boolean): RankedTitles {
		const titles = new RankedTitles(this.labels)
		titles.#titles = this.#titles.filter(test)
		return titles
	}

	get count(): number {
		return this.#titles.length
	}

	/** Each title with what the model said to it. */
	*read(): Generator<RankedTitle & Pick<TitleAnswer, 'predictions'>> {
		for (const title of this.#titles) {
			const { places, scores } = title
			const predictions = Array.from(scores, (score, index): Prediction => {
				return { label: this.labels[places[index] ?? 0] ?? '', score }
			})
			yield { ...title, predictions }
		}
	}

	/** Where a title's own subreddit stands among its best labels, from 0; −1 where it does not. */
	placeOfRight({ subreddit, places }: Pick<RankedTitle, 'subreddit' | 'places'>): number {
		const own = this.#places.get(subreddit)
		return own === undefined ? -1 : places.indexOf(own)
	}

	/** How many titles have their subreddit among the first five. @param weights one for each of `labels` */
	countHits(weights: readonly number[]): number {
		return this.#titles.filter((title) => this.#isHit(title, weights)).length
	}

	/**
	 * How many titles have their subreddit first, where the first five by `weights` are put in order by `order`.
	 *
	 * @param weights @param order one for each of `labels`
	 */
	countFirst(weights: readonly number[], order: readonly number[]): number {
		return this.#titles.filter((title) => this.#firstOf(title, weights, order) === title.subreddit)
			.length
	}

	#firstOf(
		{ places, scores }: RankedTitle,
		weights: readonly number[],
		order: readonly number[],
	): string | undefined {
		const ranked = Array.from(places, (place, index) => {
			const score = Math.log(Math.max(scores[index] as number, LEAST_SCORE))
			const byOrder = score + (order[place] as number)
			return { place, byWeight: score + (weights[place] as number), byOrder }
		})
		const five = ranked.sort((a, b) => b.byWeight - a.byWeight).slice(0, SUGGESTION_COUNT)
		const [first] = five.sort((a, b) => b.byOrder - a.byOrder)
		return first && this.labels[first.place]
	}

	#isHit(title: RankedTitle, weights: readonly number[]): boolean {
		const { places, scores } = title
		const right = this.placeOfRight(title)
		if (right === -1) return false
		const scoreOf = (index: number) =>
			Math.log(Math.max(scores[index] as number, LEAST_SCORE)) +
			(weights[places[index] as number] as number)
		const ownScore = scoreOf(right)
		let better = 0
		for (let index = 0; index < places.length; index += 1) {
			const score = scoreOf(index)
			// Of equal ones the first stays first.
			if (score > ownScore || (score === ownScore && index < right)) better += 1
		}
		return better < SUGGESTION_COUNT
	}
}
