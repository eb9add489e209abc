// The trainer in plain TypeScript, to be read from top to bottom: one thread, ordinary numbers, no kernels. Tests hold the kernels
// to it: from the same text they must learn the same vectors, but for rounding.
//
// A title is the mean of the vectors of its features: words, and pairs of neighbouring words. Its score for a label is the
// product of that mean and the label's vector; softmax makes probabilities of the scores. Training moves both kinds of vectors
// against the gradient of the cross-entropy, in steps of Adagrad, which shrink with the gradients that came before.
import { paddingToken } from '../../../src/model/padding.ts'
import type { TrainParameters } from '../pipeline/recipes.ts'

const BATCH = 256
const FIRST_SQUARE = 1e-6
const OUTPUT_SHARE = 0.07

type Vector = Float64Array
type Sample = { readonly features: readonly number[]; readonly label: number }

/** @param lines as in `__label__cats my kitten`; each has a label and a word that occurs often enough */
export function trainReference(lines: readonly string[], options: TrainParameters) {
	const { epochs, negatives, learningRate, pieces } = options
	const seed = BigInt(options.seed)
	const text = readText(lines, options)
	const model = createModel(text, options)
	const order = [...text.samples.keys()]
	const steps = Math.ceil(order.length / BATCH) * epochs
	let [step, loss] = [0, 0]
	for (let epoch = 0; epoch < epochs; epoch += 1) {
		shuffle(order, seed, epoch)
		loss = 0
		for (let first = 0; first < order.length; first += BATCH, step += 1) {
			const batch = order.slice(first, first + BATCH).map((number) => {
				const { features, label } = at(text.samples, number)
				const bits = mix((seed << 40n) ^ (BigInt(epoch) << 32n) ^ BigInt(number))
				return { features: cutPiece(features, text.words.length, pieces, bits), label }
			})
			const start = mix((seed << 32n) ^ (BigInt(epoch) << 56n) ^ BigInt(step))
			const candidates = chooseCandidates(batch, text.labels.length, negatives, start)
			// The rate rises in the first hundredth of the steps, then falls to a fiftieth.
			const warmup = Math.min(1, (step + 1) / Math.min(100, Math.ceil(steps / 100)))
			loss += learn(model, batch, candidates, learningRate * (1 - 0.98 * (step / steps)) * warmup)
		}
	}
	return { ...text, ...model, loss: loss / order.length }
}

function createModel(text: Text, { dim, seed, dilution, negatives }: TrainParameters) {
	const { words, wordCounts, pairs, pairCounts, labels, labelCounts } = text
	const input = [...words, ...pairs].map((_, row) => firstVector(BigInt(seed), row, dim))
	if (dilution > 0) input[words.length - 1]?.fill(0)
	const output = labels.map(() => new Float64Array(dim))
	// Words learn faster than pairs, and what is rare faster than what is frequent.
	const rates = (counts: readonly number[], rate: number) => counts.map((n) => rate / n ** 0.125)
	return {
		input,
		output,
		dilution,
		rowRates: [...rates(wordCounts, 3.3), ...rates(pairCounts, 0.95)],
		biases: biasesOf(labelCounts, negatives),
		/** Adagrad's sums of squared gradients: one for each feature, one for each number of a label. */
		inputSquares: input.map(() => FIRST_SQUARE),
		outputSquares: output.map(() => new Float64Array(dim).fill(FIRST_SQUARE)),
	}
}

/** One step. @returns the sum of the cross-entropies before it */
function learn(
	model: ReturnType<typeof createModel>,
	batch: readonly Sample[],
	candidates: readonly number[],
	rate: number,
): number {
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

type Text = ReturnType<typeof readText>

/** Counts, and gives numbers to the features that are frequent enough: words first, most frequent first, ties by hash. */
function readText(lines: readonly string[], { minCount, wordNgrams, dilution }: TrainParameters) {
	const pairsOf = (_: string, end: number, words: readonly string[]) =>
		wordNgrams > 1 && end > 0 ? [pairId(at(words, end - 1), at(words, end))] : []
	const titles = lines.map((line) => {
		const tokens = Buffer.from(line).toString('latin1').split(/\s+/).filter(Boolean)
		const label = tokens.find((token) => token.startsWith('__label__')) ?? ''
		return { label, words: tokens.filter((token) => !token.startsWith('__label__')) }
	})
	const allWords = titles.flatMap(({ words }) => words)
	const allPairs = titles.flatMap(({ words }) => words.flatMap(pairsOf))
	const byHash = (a: string, b: string) => hash(a) - hash(b)
	const allLabels = titles.map(({ label }) => label)
	const [labels, labelCounts] = countFrequent(allLabels, 1, byHash)
	const [words, wordCounts] = countFrequent(allWords, minCount, byHash)
	const [pairs, pairCounts] = countFrequent(allPairs, minCount, (a, b) => a - b)
	// A word that no title has, whose vector stays zero: what the model's file says of the dilution.
	if (dilution > 0) words.push(paddingToken(dilution))
	if (dilution > 0) wordCounts.push(0)
	const rows = new Map<string | number, number>([...words, ...pairs].map((key, row) => [key, row]))
	const samples = titles.map(({ label, words }): Sample => {
		const keys = words.flatMap((word, end) => [word, ...pairsOf(word, end, words)])
		const features = keys.flatMap((key) => rows.get(key) ?? [])
		return { features, label: labels.indexOf(label) }
	})
	return { words, wordCounts, pairs, pairCounts, labels, labelCounts, samples }
}

function countFrequent<Key>(all: readonly Key[], least: number, ties: (a: Key, b: Key) => number) {
	const counts = new Map<Key, number>()
	for (const key of all) counts.set(key, (counts.get(key) ?? 0) + 1)
	const kept = [...counts].filter(([, count]) => count >= least)
	kept.sort(([a, countA], [b, countB]) => countB - countA || ties(a, b))
	return [kept.map(([key]) => key), kept.map(([, count]) => count)] as const
}

/** fastText's id of two neighbouring words. */
function pairId(first: string, second: string): number {
	const [a, b] = [first, second].map((word) => BigInt.asIntN(32, BigInt(hash(word)))) as [
		bigint,
		bigint,
	]
	return Number(BigInt.asUintN(64, a * 116049371n + b) % 2n ** 27n)
}

/** fastText's hash of a word: FNV-1a over bytes that have a sign. */
function hash(word: string): number {
	let value = 2166136261
	for (const byte of Buffer.from(word, 'latin1'))
		value = Math.imul(value ^ ((byte << 24) >> 24), 16777619) >>> 0
	return value
}

/** In some epochs a few neighbouring words stand for the whole title, so that short titles are learnt, too. */
function cutPiece(features: readonly number[], words: number, share: number, bits: bigint) {
	const wanted = 1 + Number((bits >> 24n) % 6n)
	const count = features.filter((row) => row < words).length
	if (Number(bits % 2n ** 24n) / 2 ** 24 >= share || count <= wanted) return features
	const more = mix(bits)
	const before = more % 2n === 0n ? 0 : Number((more >> 24n) % BigInt(count - wanted + 1))
	let word = 0
	return features.filter((row) => {
		if (row < words) word += 1
		// A pair stands behind its second word: behind the piece's first word it would reach out of the piece.
		return word > before && word <= before + wanted && (row < words || word > before + 1)
	})
}

/** The labels of a batch's softmax: its own, and all others, or some that are drawn at random. */
function chooseCandidates(
	batch: readonly Sample[],
	labels: number,
	negatives: number,
	start: bigint,
) {
	if (negatives >= labels) return Array.from({ length: labels }, (_, label) => label)
	const chosen = new Set(batch.map(({ label }) => label))
	let state = start
	for (let drawn = 0; drawn < negatives; drawn += 1) {
		state = mix(state)
		chosen.add(Number(((state >> 32n) * BigInt(labels)) >> 32n))
	}
	return [...chosen]
}

/** Where one label is far more frequent than the others: minus the logarithm of each one's chance to be a candidate. */
function biasesOf(counts: readonly number[], negatives: number): number[] {
	const posts = counts.reduce((sum, count) => sum + count, 0)
	const isSkewed = Math.max(...counts) > (10 * posts) / counts.length
	if (negatives >= counts.length || !isSkewed) return counts.map(() => 0)
	const missedByDraws = (1 - 1 / counts.length) ** negatives
	return counts.map((count) => -Math.log(1 - (1 - count / posts) ** BATCH * missedByDraws))
}

/** The finaliser of SplitMix64: from a number one that looks random. */
function mix(value: bigint): bigint {
	let z = BigInt.asUintN(64, value + 0x9e3779b97f4a7c15n)
	z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
	z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
	return z ^ (z >> 31n)
}

/** Numbers between -1/dim and 1/dim. */
function firstVector(seed: bigint, row: number, dim: number): Vector {
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
		;[order[last], order[other]] = [at(order, other), at(order, last)]
	}
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
