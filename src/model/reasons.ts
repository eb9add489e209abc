// What each word of a title adds for one subreddit: quick enough to be asked while a pointer moves. Pure: browser and Node.
// (`explain.ts` takes whole scores apart, for all suggestions at once.)
import { decodeRow, type FastTextModel } from './fasttext/format.ts'
import { FeatureFinder, isFiller } from './features.ts'
import { paddingOf, padTitle } from './padding.ts'
import { labelName } from './training-text.ts'

/** A word of a title, and what it and its half of each pair add to the logarithm of a subreddit's score. */
export interface WordReason {
	/** A token of the normalised title; each stands once. */
	readonly text: string
	/** Beside what it adds to the average label; below zero it speaks against. */
	readonly adds: number
}

export class Reasons {
	readonly #model: FastTextModel
	readonly #finder: FeatureFinder
	readonly #padding: number
	readonly #labels: ReadonlyMap<string, number>
	/** Of all label vectors: what speaks for every label alike decides nothing. */
	readonly #mean: Float64Array

	constructor(model: FastTextModel) {
		this.#model = model
		this.#finder = new FeatureFinder(model)
		this.#padding = paddingOf((token) => model.words.some(({ bytes }) => bytes === token))
		// Names of subreddits are ASCII.
		this.#labels = new Map(model.labels.map(({ bytes }, row) => [labelName(bytes), row]))
		this.#mean = meanRow(model)
	}

	/** In the title's order; none for a subreddit that the model has not learnt. */
	explain(normalized: string, subreddit: string): WordReason[] {
		const place = this.#labels.get(subreddit)
		if (place === undefined) return []
		const label = this.#readLabel(place)
		const features = this.#finder.find(padTitle(normalized, this.#padding))
		const vector = new Float32Array(this.#model.input.columns)
		const sums = new Map<string, number>()
		for (const feature of features) {
			if (isFiller(feature)) continue
			decodeRow(this.#model.input, feature.row, vector)
			const tokens = feature.text.split(' ')
			const share = dot(label, vector) / features.length / tokens.length
			for (const token of tokens) sums.set(token, (sums.get(token) ?? 0) + share)
		}
		const words = new Set(normalized.split(' ').filter(Boolean))
		return [...words].map((text) => ({ text, adds: sums.get(text) ?? 0 }))
	}

	#readLabel(place: number): Float64Array {
		const row = new Float32Array(this.#model.output.columns)
		decodeRow(this.#model.output, place, row)
		return this.#mean.map((mean, k) => (row[k] as number) - mean)
	}
}

function meanRow({ output, labels }: FastTextModel): Float64Array {
	const mean = new Float64Array(output.columns)
	const row = new Float32Array(output.columns)
	for (let place = 0; place < labels.length; place += 1) {
		decodeRow(output, place, row)
		for (const [k, value] of row.entries()) mean[k] = (mean[k] as number) + value / labels.length
	}
	return mean
}

function dot(a: Float64Array, b: Float32Array): number {
	let sum = 0
	for (const [k, value] of a.entries()) sum += value * (b[k] as number)
	return sum
}
