// Dense weights → the quantised model that fits into a number of bytes on the wire, with as many bits as there is room for.
import type { FastTextModel, QuantizedMatrix } from '../../../src/model/fasttext/format.ts'
import { measureModel } from '../../../src/model/packed/packed-model.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { formatBytes } from '../progress.ts'
import { type Books, Coder } from './coder.ts'
import type { Crew } from './crew.ts'
import { createModel, type Provenance } from './model-file.ts'
import { takeNorms } from './norms.ts'
import type { Vocabulary } from './vocabulary.ts'
import type { Weights } from './weights.ts'

/** How often a feature is used says how much an error in its vector costs; the root keeps the rare ones readable. */
const WEIGHT_POWER = 0.5
const SUB_DIM = 2
/** An error in a label's vector is in every title's score of it, where those of features cancel each other out. */
const LABEL_SUB_DIM = 1
/** What a bit costs in label vectors, in shares of their variance. */
const LABEL_PRICE = 0.01
const FIRST_ROUNDS = 8
const NEXT_ROUNDS = 2
/** Steps of the search for the price of a bit at which the model has the size that is wanted. */
const SEARCH_STEPS = 8
const SEARCH_TOLERANCE = 0.005
/** What share of a pair's weighted variance a bit costs at first, and the most that it may cost. */
const FIRST_PRICE = 0.03
const LAST_PRICE = 4

export interface PackingJob {
	readonly vocabulary: Vocabulary
	readonly weights: Weights
	/** How often each row is used. */
	readonly uses: Float32Array
	readonly provenance: Provenance
	/** Bytes of the packed file; null: all codes at their best. */
	readonly maxBytes: number | null
}

export interface Packed {
	readonly model: FastTextModel
	/** Bytes of the packed file. */
	readonly wireBytes: number
}

/** From where the books for a price are learnt: those of the highest price that is known to be too low. */
interface Start {
	readonly price: number
	readonly books: Books
	readonly rounds: number
}

/** @throws AppError `bad-input` where even the coarsest codes do not fit, with the bytes that they need */
export async function packModel(crew: Crew, job: PackingJob): Promise<Packed> {
	const { weights } = job
	const norms = takeNorms(inputOf(crew, weights), weights.rows, weights.stride)
	const importance = job.uses.map((count, row) => {
		const norm = norms.quantizer.centroids[norms.codes[row] ?? 0] ?? 0
		return Math.max(1, count) ** WEIGHT_POWER * norm ** 2
	})
	const labelCodes = await encodeOutput(crew, weights)
	const coder = new Coder(crew, {
		rows: weights.input,
		rowCount: weights.rows,
		stride: weights.stride,
		dim: weights.dim,
		subDim: SUB_DIM,
		weights: importance,
	})
	try {
		const unit = varianceOfPairs(crew, weights, importance)
		let start: Start = { price: 0, books: coder.keepBooks(), rounds: FIRST_ROUNDS }
		const pack = async (price: number): Promise<Packed> => {
			// Codes that are too dear at a price are lost to the books: only a cheaper price leads to a higher one.
			coder.restoreBooks(start.books)
			await coder.learn(price * unit, start.rounds)
			const input = { ...(await coder.encode(price * unit)), norms }
			const matrices = { input, output: labelCodes }
			const model = createModel(withoutCounts(job.vocabulary), matrices, job.provenance)
			const wireBytes = wireBytesOf(model)
			const isTooLarge = wireBytes > (job.maxBytes ?? Infinity)
			if (isTooLarge && price > start.price)
				start = { price, books: coder.keepBooks(), rounds: NEXT_ROUNDS }
			return { model, wireBytes }
		}
		return job.maxBytes === null ? await pack(0) : await searchPrice(pack, job.maxBytes)
	} finally {
		coder.free()
	}
}

/** A price that was tried, and the size that came of it. */
interface Tried {
	readonly price: number
	readonly bytes: number
}

/** The cheapest price at which the model fits. */
async function searchPrice(
	pack: (price: number) => Promise<Packed>,
	maxBytes: number,
): Promise<Packed> {
	let best: Packed | null = null
	let low: Tried | null = null
	let high: Tried | null = null
	let price = FIRST_PRICE
	for (let step = 0; step < SEARCH_STEPS; step += 1) {
		const packed = await pack(price)
		const tried = { price, bytes: packed.wireBytes }
		if (tried.bytes <= maxBytes) {
			if (!best || tried.bytes > best.wireBytes) best = packed
			high = tried
			if (tried.bytes >= maxBytes * (1 - SEARCH_TOLERANCE) || price < 1e-4) break
		} else {
			if (price >= LAST_PRICE) throw tooSmall(maxBytes, tried.bytes)
			low = tried
		}
		price = nextPrice(low, high, maxBytes * (1 - SEARCH_TOLERANCE / 2))
	}
	// A search that ran out of steps above the size: the dearest bits still give a model.
	if (best) return best
	const coarsest = await pack(LAST_PRICE)
	if (coarsest.wireBytes > maxBytes) throw tooSmall(maxBytes, coarsest.wireBytes)
	return coarsest
}

/** Between two prices the size is nearly on a line with the logarithm of the price; not so near that the search stands still. */
function nextPrice(low: Tried | null, high: Tried | null, bytes: number): number {
	if (!low) return (high?.price ?? FIRST_PRICE) / 3
	if (!high) return Math.min(LAST_PRICE, low.price * 3)
	const share = (low.bytes - bytes) / (low.bytes - high.bytes)
	return low.price * (high.price / low.price) ** Math.min(0.9, Math.max(0.1, share))
}

function tooSmall(maxBytes: number, needed: number): AppError {
	return new AppError(
		'bad-input',
		`a model of ${formatBytes(maxBytes)}: the coarsest of these features and labels takes ${formatBytes(needed)}; raise --max-bytes or lower --cutoff`,
	)
}

/** Bytes of a model as they go over the wire. */
function wireBytesOf(model: FastTextModel): number {
	const bytes = measureModel(model)
	if (bytes === null) throw new Error('a quantised model of a form that the packing does not know')
	return bytes
}

/** Label vectors at a code for each dimension. */
async function encodeOutput(crew: Crew, weights: Weights): Promise<QuantizedMatrix> {
	const { labels, stride, dim, output } = weights
	const coder = new Coder(crew, {
		rows: output,
		rowCount: labels,
		stride,
		dim,
		subDim: LABEL_SUB_DIM,
		weights: new Float32Array(labels).fill(1),
	})
	try {
		const price = LABEL_PRICE * meanSquare(crew.float32(output, labels * stride), labels * dim)
		await coder.learn(price, FIRST_ROUNDS)
		return await coder.encode(price)
	} finally {
		coder.free()
	}
}

function varianceOfPairs(crew: Crew, weights: Weights, importance: Float32Array): number {
	const { rows, stride, dim } = weights
	const data = inputOf(crew, weights)
	let sum = 0
	for (let row = 0; row < rows; row += 1)
		for (let at = row * stride; at < row * stride + dim; at += 1)
			sum += (importance[row] ?? 0) * (data[at] ?? 0) ** 2
	return sum / rows / (dim / SUB_DIM)
}

function inputOf(crew: Crew, { input, rows, stride }: Weights): Float32Array {
	return crew.float32(input, rows * stride)
}

function meanSquare(values: Float32Array, count: number): number {
	return values.reduce((sum, value) => sum + value ** 2, 0) / count
}

/** A softmax model does not use the counts, and each would take its place in the file. */
function withoutCounts(vocabulary: Vocabulary): Vocabulary {
	return {
		...vocabulary,
		wordCounts: vocabulary.words.map(() => 1),
		labelCounts: vocabulary.labels.map(() => 1),
	}
}
