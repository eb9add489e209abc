// The network of a reranker while it learns: forward and backward through one title's candidates, without allocating anything.
import type { RankedExamples } from './ranked-examples.ts'
import type { Standardisation } from './standardisation.ts'

/** All numbers that are learned, in one array for the optimiser, and views of its parts. */
export class Parameters {
	readonly all: Float64Array
	/** One number. */
	readonly temperature: Float64Array
	/** [units][features] */
	readonly hidden: Float64Array
	/** [units] */
	readonly bias: Float64Array
	/** [units] */
	readonly output: Float64Array

	constructor(
		readonly units: number,
		readonly featureCount: number,
	) {
		const weights = units * featureCount
		this.all = new Float64Array(1 + weights + 2 * units)
		this.temperature = this.all.subarray(0, 1)
		this.hidden = this.all.subarray(1, 1 + weights)
		this.bias = this.all.subarray(1 + weights, 1 + weights + units)
		this.output = this.all.subarray(1 + weights + units)
	}
}

/** Scores candidates as `src/shared/reranker.ts` says, on standardised features. */
export class RankingNetwork {
	readonly parameters: Parameters
	/** What {@link addGradient} adds to. */
	readonly gradient: Parameters
	readonly #examples: RankedExamples
	readonly #standardisation: Standardisation
	/** Of one title's candidates: standardised features, hidden units, scores and then gradients of the loss by them. */
	readonly #inputs: Float64Array
	readonly #activations: Float64Array
	readonly #scores: Float64Array

	constructor(examples: RankedExamples, standardisation: Standardisation, units: number) {
		const { width, featureCount } = examples
		this.parameters = new Parameters(units, featureCount)
		this.gradient = new Parameters(units, featureCount)
		this.#examples = examples
		this.#standardisation = standardisation
		this.#inputs = new Float64Array(width * featureCount)
		this.#activations = new Float64Array(width * units)
		this.#scores = new Float64Array(width)
	}

	/**
	 * Adds the gradient of a title's loss to {@link gradient}. The loss is the cross-entropy of the softmax over the title's
	 * candidates: ListNet's top-one loss (Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach", 2007).
	 *
	 * @param title one with a right candidate @returns its loss
	 */
	addGradient(title: number): number {
		this.#standardise(title)
		this.#forward(title)
		const loss = this.#compare(title)
		this.#backward(title)
		return loss
	}

	#standardise(title: number): void {
		const { features, featureCount, width, counts } = this.#examples
		const { means, scales } = this.#standardisation
		const inputs = this.#inputs
		const start = title * width * featureCount
		const end = (counts[title] as number) * featureCount
		for (let at = 0; at < end; at += featureCount)
			for (let feature = 0; feature < featureCount; feature += 1)
				inputs[at + feature] =
					((features[start + at + feature] as number) - (means[feature] as number)) *
					(scales[feature] as number)
	}

	#forward(title: number): void {
		const { units, featureCount, hidden, bias, output } = this.parameters
		const temperature = this.parameters.temperature[0] as number
		const { base, width, counts } = this.#examples
		const [inputs, activations] = [this.#inputs, this.#activations]
		const count = counts[title] as number
		for (let candidate = 0; candidate < count; candidate += 1) {
			const input = candidate * featureCount
			let score = temperature * (base[title * width + candidate] as number)
			for (let unit = 0, weight = 0; unit < units; unit += 1, weight += featureCount) {
				let sum = bias[unit] as number
				for (let feature = 0; feature < featureCount; feature += 1)
					sum += (hidden[weight + feature] as number) * (inputs[input + feature] as number)
				const activation = Math.max(sum, 0)
				activations[candidate * units + unit] = activation
				score += (output[unit] as number) * activation
			}
			this.#scores[candidate] = score
		}
	}

	/** Replaces the scores by the gradients of the loss by them: each candidate's probability, less 1 for the right one. */
	#compare(title: number): number {
		const count = this.#examples.counts[title] as number
		const right = this.#examples.right[title] as number
		const scores = this.#scores
		let most = Number.NEGATIVE_INFINITY
		for (let candidate = 0; candidate < count; candidate += 1)
			most = Math.max(most, scores[candidate] as number)
		const margin = most - (scores[right] as number)
		let sum = 0
		for (let candidate = 0; candidate < count; candidate += 1) {
			const share = Math.exp((scores[candidate] as number) - most)
			scores[candidate] = share
			sum += share
		}
		for (let candidate = 0; candidate < count; candidate += 1)
			scores[candidate] = (scores[candidate] as number) / sum
		scores[right] = (scores[right] as number) - 1
		return margin + Math.log(sum)
	}

	#backward(title: number): void {
		const { units, featureCount, output } = this.parameters
		const { temperature, hidden, bias, output: outputGradient } = this.gradient
		const { base, width, counts } = this.#examples
		const [inputs, activations] = [this.#inputs, this.#activations]
		const count = counts[title] as number
		for (let candidate = 0; candidate < count; candidate += 1) {
			const input = candidate * featureCount
			const byScore = this.#scores[candidate] as number
			temperature[0] =
				(temperature[0] as number) + byScore * (base[title * width + candidate] as number)
			for (let unit = 0, weight = 0; unit < units; unit += 1, weight += featureCount) {
				const activation = activations[candidate * units + unit] as number
				if (activation === 0) continue
				outputGradient[unit] = (outputGradient[unit] as number) + byScore * activation
				const bySum = byScore * (output[unit] as number)
				bias[unit] = (bias[unit] as number) + bySum
				for (let feature = 0; feature < featureCount; feature += 1)
					hidden[weight + feature] =
						(hidden[weight + feature] as number) + bySum * (inputs[input + feature] as number)
			}
		}
	}
}
