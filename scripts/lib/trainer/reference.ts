// The trainer in plain TypeScript, to be read from top to bottom: one thread, ordinary numbers, no kernels. Tests hold the kernels
// to it: from the same text they must learn the same vectors, but for rounding.
//
// A title is the mean of the vectors of its features: words, and pairs of neighbouring words. Its score for a label is the
// product of that mean and the label's vector; softmax makes probabilities of the scores. Training moves both kinds of vectors
// against the gradient of the cross-entropy, in steps of Adagrad, which shrink with the gradients that came before. What is read and
// what is drawn at random stand in reference-text.ts and reference-draws.ts.
import type { TrainParameters } from './parameters.ts'
import { cutPiece, drawCandidates, drawVector, shuffle } from './reference-draws.ts'
import { readText, type Sample, type Text } from './reference-text.ts'

const BATCH = 256
const FIRST_SQUARE = 1e-6
const OUTPUT_SHARE = 0.07

type Vector = Float64Array

/** @param lines as in `__label__cats my kitten`; each has a label and a word that occurs often enough */
export function trainReference(lines: readonly string[], options: TrainParameters) {
	const { epochs, negatives, learningRate, pieces: share, seed } = options
	const text = readText(lines, options)
	const model = createModel(text, options)
	const [words, labels] = [text.words.length, text.labels.length]
	const order = [...text.samples.keys()]
	const steps = Math.ceil(order.length / BATCH) * epochs
	let [step, loss] = [0, 0]
	for (let epoch = 0; epoch < epochs; epoch += 1) {
		shuffle(order, { seed, epoch })
		loss = 0
		for (let first = 0; first < order.length; first += BATCH, step += 1) {
			const batch = order.slice(first, first + BATCH).map((sample) => {
				const { features, label } = at(text.samples, sample)
				return { features: cutPiece(features, { words, share }, { seed, epoch, sample }), label }
			})
			const own = batch.map(({ label }) => label)
			const candidates = drawCandidates(own, { labels, negatives }, { seed, epoch, step })
			// The rate rises in the first hundredth of the steps, then falls to a fiftieth.
			const warmup = Math.min(1, (step + 1) / Math.min(100, Math.ceil(steps / 100)))
			loss += learn(model, batch, candidates, learningRate * (1 - 0.98 * (step / steps)) * warmup)
		}
	}
	return { ...text, ...model, loss: loss / order.length }
}

function createModel(text: Text, options: TrainParameters) {
	const { dim, seed, dilution } = options
	const { words, wordCounts, pairs, pairCounts, labels, labelCounts } = text
	const input = [...words, ...pairs].map((_, row) => drawVector(seed, row, dim))
	if (dilution > 0) input[words.length - 1]?.fill(0)
	const output = labels.map(() => new Float64Array(dim))
	// Words learn faster than pairs, and what is rare faster than what is frequent.
	const rates = (counts: readonly number[], rate: number) => counts.map((n) => rate / n ** 0.125)
	return {
		...{ input, output, dilution, biases: biasesOf(labelCounts, options) },
		rowRates: [...rates(wordCounts, 3.3), ...rates(pairCounts, 0.95)],
		/** Adagrad's sums of squared gradients: one for each feature, one for each number of a label. */
		inputSquares: input.map(() => FIRST_SQUARE),
		outputSquares: output.map(() => new Float64Array(dim).fill(FIRST_SQUARE)),
	}
}

/**
 * What a label's score gets while it is learnt: how many posts it has beside the mean, so that its vector need not say it; and where
 * one label is far more frequent than the others, minus the logarithm of each one's chance to be a candidate.
 */
function biasesOf(counts: readonly number[], { negatives, balance }: TrainParameters): number[] {
	const posts = counts.reduce((sum, count) => sum + count, 0)
	const mean = posts / counts.length
	const isSampled = negatives < counts.length && Math.max(...counts) > 10 * mean
	const missedByDraws = (1 - 1 / counts.length) ** negatives
	return counts.map((count) => {
		const chance = 1 - (1 - count / posts) ** BATCH * missedByDraws
		return balance * Math.log(count / mean) - (isSampled ? Math.log(chance) : 0)
	})
}

type Model = ReturnType<typeof createModel>

/** One step. @returns the sum of the cross-entropies before it */
function learn(
	model: Model,
	batch: readonly Sample[],
	candidates: readonly number[],
	rate: number,
) {
	const { input, output, biases, rowRates, inputSquares, outputSquares } = model
	const dim = output[0]?.length ?? 0
	let loss = 0
	const passed = batch.map(({ features, label }) => {
		// Forward. The mean counts some zero vectors, too, so that one word alone decides less.
		const share = 1 / (features.length + model.dilution)
		const hidden = new Float64Array(dim)
		for (const row of features) add(hidden, share, at(input, row))
		const scores = candidates.map((each) => dot(hidden, at(output, each)) + at(biases, each))
		const exponentials = scores.map(Math.exp)
		const sum = exponentials.reduce((total, each) => total + each, 0)
		loss += Math.log(sum) - at(scores, candidates.indexOf(label))
		// Backward: each label's probability less what it should be, and what that means for the mean.
		const errors = exponentials.map((each, i) => each / sum - (candidates[i] === label ? 1 : 0))
		const gradient = new Float64Array(dim)
		for (const [i, each] of candidates.entries()) add(gradient, at(errors, i), at(output, each))
		return { features, share, hidden, errors, gradient }
	})
	// Labels learn from the whole batch at once, with a rate for each of their numbers.
	for (const [i, label] of candidates.entries()) {
		const gradient = new Float64Array(dim)
		for (const { hidden, errors } of passed) add(gradient, at(errors, i), hidden)
		const [vector, squares] = [at(output, label), at(outputSquares, label)]
		for (const [k, slope] of gradient.entries()) {
			squares[k] = at(squares, k) + slope ** 2
			vector[k] = at(vector, k) - (rate * OUTPUT_SHARE * slope) / Math.sqrt(at(squares, k))
		}
	}
	// Features learn from one title after the other, with one rate for all their numbers.
	for (const { features, share, gradient } of passed)
		for (const row of features) {
			// The kernels fill vectors up with zeros to a multiple of 8, which this mean counts.
			const mean = dot(gradient, gradient) / (Math.ceil(dim / 8) * 8)
			inputSquares[row] = at(inputSquares, row) + mean * share ** 2
			const size = (rate * at(rowRates, row) * share) / Math.sqrt(at(inputSquares, row))
			add(at(input, row), -size, gradient)
		}
	return loss
}

/** target += factor × vector */
function add(target: Vector, factor: number, vector: Vector): void {
	for (const [k, value] of vector.entries()) target[k] = at(target, k) + factor * value
}

function dot(a: Vector, b: Vector): number {
	return a.reduce((sum, value, k) => sum + value * at(b, k), 0)
}

function at<Item>(list: { readonly [index: number]: Item }, index: number): Item {
	return list[index] as Item
}
