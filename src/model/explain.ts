// Why a title gets its suggestions: what each word and pair of it adds to and takes from each of them. Pure: browser and Node.
import { decodeRow, type FastTextModel } from './fasttext/format.ts'
import { type Feature, FeatureFinder, isFiller } from './features.ts'
import { paddingOf, padTitle } from './padding.ts'
import { type LabelWeights, PRIOR_CANDIDATES } from './prior.ts'
import { labelName } from './training-text.ts'

/** What a word or a pair of a title says. */
export interface Part {
	/** One token, or neighbours parted by spaces; as often as it stands in the title. */
	readonly text: string
	/** For each suggestion: what it adds to the natural logarithm of the suggestion's score, beside the average label. */
	readonly adds: readonly number[]
}

/**
 * A title's suggestions taken apart. For each of them
 *
 *     log(score) = sum of the parts + padding + prior − rivals
 *
 * exactly, as scores are a softmax over the mean of the title's vectors, weighed by the prior. (The engine adds 0.00001 to
 * each probability; this does not.)
 */
export interface Explanation {
	/** Without `r/`, in the order that was asked for. */
	readonly subreddits: readonly string[]
	/** In the title's order: words, then pairs. */
	readonly parts: readonly Part[]
	/** For each suggestion what the prior adds; zeros where there is none. */
	readonly prior: readonly number[]
	/** The logarithm of what the scores of all rivals add up to, these included: the same for each suggestion. */
	readonly rivals: number
	/** The zero vectors that share the mean with the parts, and what rounding and accidents of hashing let them add. */
	readonly padding: { readonly count: number; readonly adds: readonly number[] }
}

/** Explains with one model; decodes its label vectors once. */
export class Explainer {
	readonly #model: FastTextModel
	readonly #finder: FeatureFinder
	readonly #padding: number
	readonly #labels: readonly string[]
	/** [labels][columns], less the mean of all: what speaks for every label alike decides nothing. */
	readonly #vectors: readonly Float64Array[]

	constructor(model: FastTextModel) {
		this.#model = model
		this.#finder = new FeatureFinder(model)
		this.#padding = paddingOf((token) => model.words.some(({ bytes }) => bytes === token))
		this.#labels = model.labels.map(({ bytes }) => labelName(decodeUtf8(bytes)))
		this.#vectors = centre(readRows(model.output, model.labels.length))
	}

	/**
	 * @param normalized a normalised title with at least one known word
	 * @param subreddits its suggestions
	 * @param weights what the prior adds to a label's log-probability; null: no prior
	 */
	explain(
		normalized: string,
		subreddits: readonly string[],
		weights: LabelWeights | null,
	): Explanation {
		const features = this.#finder.find(padTitle(normalized, this.#padding))
		const said = features.map((feature) => this.#contributions(feature, features.length))
		const scores = this.#labels.map((_, label) => sumAt(said, label))
		const places = subreddits.map((name) => this.#labels.indexOf(name))
		const addsOf = (all: readonly Float64Array[]) => places.map((label) => sumAt(all, label))
		const isOwn = features.map((feature) => !isFiller(feature))
		return {
			subreddits,
			parts: features.flatMap(({ text }, index) =>
				isOwn[index] ? [{ text, adds: addsOf(said.slice(index, index + 1)) }] : [],
			),
			prior: subreddits.map((name) => weights?.get(name) ?? 0),
			rivals: this.#sumRivals(scores, weights),
			padding: { count: this.#padding, adds: addsOf(said.filter((_, index) => !isOwn[index])) },
		}
	}

	/** For each label what a feature adds to the logarithm of its probability, as one of so many in the mean. */
	#contributions({ row }: Feature, features: number): Float64Array {
		const vector = new Float32Array(this.#model.input.columns)
		decodeRow(this.#model.input, row, vector)
		return Float64Array.from(this.#vectors, (label) => dot(label, vector) / features)
	}

	#sumRivals(scores: readonly number[], weights: LabelWeights | null): number {
		if (!weights) return logSumExp(scores)
		const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
		// The prior weighs the engine's best labels, and scales them to a sum of 1.
		return logSumExp(
			order
				.slice(0, PRIOR_CANDIDATES)
				.map((label) => (scores[label] ?? 0) + (weights.get(this.#labels[label] ?? '') ?? 0)),
		)
	}
}

/** The natural logarithm of the score that an explanation adds up to. */
export function totalOf(
	{ parts, padding, prior, rivals }: Explanation,
	suggestion: number,
): number {
	const said = [...parts, padding].reduce((sum, { adds }) => sum + (adds[suggestion] ?? 0), 0)
	return said + (prior[suggestion] ?? 0) - rivals
}

function sumAt(arrays: readonly Float64Array[], index: number): number {
	return arrays.reduce((sum, array) => sum + (array[index] ?? 0), 0)
}

function readRows(matrix: FastTextModel['output'], count: number): Float64Array[] {
	const row = new Float32Array(matrix.columns)
	return Array.from({ length: count }, (_, index) => {
		decodeRow(matrix, index, row)
		return Float64Array.from(row)
	})
}

function centre(vectors: readonly Float64Array[]): Float64Array[] {
	const mean = new Float64Array(vectors[0]?.length ?? 0)
	for (const vector of vectors)
		for (const [k, value] of vector.entries()) mean[k] = (mean[k] ?? 0) + value / vectors.length
	return vectors.map((vector) => vector.map((value, k) => value - (mean[k] ?? 0)))
}

function dot(a: Float64Array, b: Float32Array): number {
	let sum = 0
	for (const [k, value] of a.entries()) sum += value * (b[k] ?? 0)
	return sum
}

function logSumExp(values: readonly number[]): number {
	const most = Math.max(...values)
	return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0))
}

function decodeUtf8(bytes: string): string {
	return decodeURIComponent(
		Array.from(bytes, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''),
	)
}
