// The training of wasm.ts once more, as plainly as it can be said: one thread, ordinary numbers, no kernels. It is here to be
// read, and for the tests, which compare the kernels with it.
//
// A title is the mean of the vectors of its features (words, pairs of words); its score for a label is the product of that
// mean and the label's vector; softmax makes probabilities of the scores. Training moves both kinds of vectors against the
// gradient of the cross-entropy, with the steps of Adagrad.
import type { TrainParameters } from '../pipeline/recipes.ts'
import { type ReferenceSample, type ReferenceText, readReferenceText } from './reference-text.ts'

const BATCH = 256
const LAST_RATE = 0.02
const OUTPUT_SHARE = 0.07
const WORD_RATE = 3.3
const NGRAM_RATE = 0.95
const FIRST_SQUARE = 1e-6
const MOST_PIECE_WORDS = 6n

/** One training: call {@link ReferenceTrainer.train}, then read its vectors. */
export class ReferenceTrainer {
	readonly text: ReferenceText
	/** One vector for each feature, one for each label. */
	readonly input: readonly Float64Array[]
	readonly output: readonly Float64Array[]
	/** Adagrad's sums of squared gradients: one for each feature, one for each number of a label. */
	readonly #inputSquares: number[]
	readonly #outputSquares: readonly Float64Array[]
	readonly #options: TrainParameters
	readonly #seed: bigint
	#step = 0

	constructor(lines: readonly string[], options: TrainParameters) {
		const { dim, seed, dilution } = options
		this.text = readReferenceText(lines, options)
		this.#options = options
		this.#seed = BigInt(seed)
		const { words, ngrams, labels } = this.text
		this.input = [...words, ...ngrams].map((_, row) => firstVector(this.#seed, row, dim))
		if (dilution > 0) this.input[words.length - 1]?.fill(0)
		this.output = labels.map(() => new Float64Array(dim))
		this.#inputSquares = this.input.map(() => FIRST_SQUARE)
		this.#outputSquares = labels.map(() => new Float64Array(dim).fill(FIRST_SQUARE))
	}

	/** @returns the mean cross-entropy of the last epoch, in nats */
	train(): number {
		const { samples } = this.text
		const order = [...samples.keys()]
		let loss = 0
		for (let epoch = 0; epoch < this.#options.epochs; epoch += 1) {
			shuffle(order, this.#seed, epoch)
			loss = 0
			for (let first = 0; first < order.length; first += BATCH) {
				const batch = order.slice(first, first + BATCH).map((number) => {
					const { features, label } = samples[number] as ReferenceSample
					return { features: this.#pieceOf(features, number, epoch), label }
				})
				loss += this.#learn(batch, epoch)
				this.#step += 1
			}
		}
		return loss / order.length
	}

	/** One step. @returns the sum of the cross-entropies before it */
	#learn(batch: readonly ReferenceSample[], epoch: number): number {
		const { dim, dilution } = this.#options
		const candidates = this.#chooseCandidates(batch, epoch)
		const passed = batch.map(({ features, label }) => {
			// Forward: a few zero vectors are counted in the mean, so that one word alone decides less.
			const share = 1 / (features.length + dilution)
			const hidden = new Float64Array(dim)
			for (const row of features) add(hidden, share, vectorOf(this.input, row))
			const scores = candidates.map(
				(at) => dot(hidden, vectorOf(this.output, at)) + this.#biasOf(at),
			)
			const exponentials = scores.map(Math.exp)
			const sum = exponentials.reduce((sum, each) => sum + each, 0)
			const loss = Math.log(sum) - (scores[candidates.indexOf(label)] ?? 0)
			// Backward: each label's probability less what it should be, and what that means for the mean.
			const errors = exponentials.map((each, at) => each / sum - (candidates[at] === label ? 1 : 0))
			const gradient = new Float64Array(dim)
			for (const [at, error] of errors.entries())
				add(gradient, error, vectorOf(this.output, candidates[at]))
			return { features, share, hidden, errors, gradient, loss }
		})
		// Labels learn from the whole batch at once, features from one title after the other.
		for (const [at, label] of candidates.entries()) {
			const gradient = new Float64Array(dim)
			for (const { hidden, errors } of passed) add(gradient, errors[at] ?? 0, hidden)
			this.#stepLabel(label, gradient)
		}
		for (const { features, share, gradient } of passed)
			for (const row of features) this.#stepFeature(row, share, gradient)
		return passed.reduce((sum, { loss }) => sum + loss, 0)
	}

	#stepLabel(label: number, gradient: Float64Array): void {
		const rate = this.#rate() * OUTPUT_SHARE
		const vector = vectorOf(this.output, label)
		const squares = vectorOf(this.#outputSquares, label)
		for (const [k, slope] of gradient.entries()) {
			const square = (squares[k] ?? 0) + slope ** 2
			squares[k] = square
			vector[k] = (vector[k] ?? 0) - (rate * slope) / Math.sqrt(square)
		}
	}

	#stepFeature(row: number, share: number, gradient: Float64Array): void {
		// The kernels fill vectors up with zeros to a multiple of 8, which the mean counts.
		const mean = dot(gradient, gradient) / (Math.ceil(gradient.length / 8) * 8)
		const square = (this.#inputSquares[row] ?? 0) + mean * share ** 2
		this.#inputSquares[row] = square
		const rate = this.#rate() * this.#rateOf(row)
		add(vectorOf(this.input, row), (-rate * share) / Math.sqrt(square), gradient)
	}

	/** Rises in the first hundredth of the steps, then falls to a fiftieth. */
	#rate(): number {
		const { epochs, learningRate } = this.#options
		const steps = Math.ceil(this.text.samples.length / BATCH) * epochs
		const warmup = Math.min(100, Math.ceil(steps / 100))
		const decayed = 1 - (1 - LAST_RATE) * (this.#step / steps)
		return learningRate * decayed * Math.min(1, (this.#step + 1) / warmup)
	}

	/** N-grams learn less than words, the frequent less than the rare. */
	#rateOf(row: number): number {
		const { words, wordCounts, ngramCounts } = this.text
		const count = wordCounts[row] ?? ngramCounts[row - words.length] ?? 0
		return (row < words.length ? WORD_RATE : NGRAM_RATE) / count ** 0.125
	}

	/** Of some titles a few neighbouring words stand for the whole, others in each epoch, so that short titles are learnt, too. */
	#pieceOf(features: readonly number[], number: number, epoch: number): readonly number[] {
		const isWord = (row: number) => row < this.text.words.length
		const bits = mix((this.#seed << 40n) ^ (BigInt(epoch) << 32n) ^ BigInt(number))
		const wanted = 1 + Number((bits >> 24n) % MOST_PIECE_WORDS)
		const count = features.filter(isWord).length
		const isPiece = Number(bits % 2n ** 24n) / 2 ** 24 < this.#options.pieces
		if (!isPiece || count <= wanted) return features
		const more = mix(bits)
		const before = more % 2n === 0n ? 0 : Number((more >> 24n) % BigInt(count - wanted + 1))
		let word = 0
		return features.filter((row) => {
			if (isWord(row)) word += 1
			// An n-gram stands behind its last word: with the first word of the piece it reaches out of it.
			return word > before && word <= before + wanted && (isWord(row) || word > before + 1)
		})
	}

	/** The labels of a batch's softmax: its own, and all others or some that are drawn at random. */
	#chooseCandidates(batch: readonly ReferenceSample[], epoch: number): number[] {
		const labels = this.text.labels.length
		const { negatives } = this.#options
		const chosen = new Set(batch.map(({ label }) => label))
		let state = mix((this.#seed << 32n) ^ (BigInt(epoch) << 56n) ^ BigInt(this.#step))
		for (let drawn = 0; drawn < negatives && negatives < labels; drawn += 1) {
			state = mix(state)
			chosen.add(Number(((state >> 32n) * BigInt(labels)) >> 32n))
		}
		return negatives < labels ? [...chosen] : [...this.text.labels.keys()]
	}

	/** Where one label is far more frequent than the others: minus the logarithm of its chance to be a candidate. */
	#biasOf(label: number): number {
		const { labelCounts, samples } = this.text
		const { negatives } = this.#options
		const usual = samples.length / labelCounts.length
		if (negatives >= labelCounts.length || Math.max(...labelCounts) <= 10 * usual) return 0
		const missedByBatch = (1 - (labelCounts[label] ?? 0) / samples.length) ** BATCH
		return -Math.log(1 - missedByBatch * (1 - 1 / labelCounts.length) ** negatives)
	}
}

/** The finaliser of SplitMix64: from a number one that looks random. */
function mix(value: bigint): bigint {
	let z = BigInt.asUintN(64, value + 0x9e3779b97f4a7c15n)
	z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
	z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
	return z ^ (z >> 31n)
}

/** Numbers between -1/dim and 1/dim. */
function firstVector(seed: bigint, row: number, dim: number): Float64Array {
	const start = mix((seed << 32n) | BigInt(row))
	const draw = (k: number) => Number(mix(start + BigInt(k)) >> 40n) / 2 ** 23 - 1
	return Float64Array.from({ length: dim }, (_, k) => draw(k) / dim)
}

/** Fisher and Yates. */
function shuffle(order: number[], seed: bigint, epoch: number): void {
	let state = mix((seed << 32n) | BigInt(epoch))
	for (let last = order.length - 1; last > 0; last -= 1) {
		state = mix(state)
		const other = Number(((state >> 32n) * BigInt(last + 1)) >> 32n)
		;[order[last], order[other]] = [order[other] as number, order[last] as number]
	}
}

function vectorOf(vectors: readonly Float64Array[], at: number | undefined): Float64Array {
	return vectors[at ?? -1] as Float64Array
}

/** target += factor × vector */
function add(target: Float64Array, factor: number, vector: Float64Array): void {
	for (const [k, value] of vector.entries()) target[k] = (target[k] ?? 0) + factor * value
}

function dot(a: Float64Array, b: Float64Array): number {
	return a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0)
}
