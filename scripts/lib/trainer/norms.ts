// Vectors → lengths, of which a file knows a few, and directions: the codes of product quantisation then serve long and short
// vectors alike. fastText reads it as the `-qnorm` of its own quantiser (gain-shape vector quantisation; Gersho and Gray 1992).
import { CENTROIDS, type QuantizedMatrix } from '../../../src/model/fasttext/format.ts'
import { shortFloat } from './coder.ts'

/** A length is this many times the next one: directions make up for what is rounded off. */
const STEP = Math.sqrt(Math.sqrt(2))

export type Norms = NonNullable<QuantizedMatrix['norms']>

/**
 * Divides each vector by its rounded length, in place; a vector of zeros stays exactly that.
 *
 * @param data `rows` vectors, `stride` floats apart, zeros behind the dimensions
 */
export function takeNorms(data: Float32Array, rows: number, stride: number): Norms {
	const lengths = Float64Array.from({ length: rows }, (_, row) =>
		lengthOf(data.subarray(row * stride, (row + 1) * stride)),
	)
	const centroids = makeCentroids(lengths.reduce((most, length) => Math.max(most, length), 0))
	const codes = Uint8Array.from(lengths, (length) => nearestCode(centroids, length))
	for (const [row, code] of codes.entries()) {
		const norm = centroids[code] ?? 0
		const vector = data.subarray(row * stride, (row + 1) * stride)
		for (let k = 0; k < stride; k += 1) vector[k] = norm === 0 ? 0 : (vector[k] ?? 0) / norm
	}
	return { codes, quantizer: { dim: 1, subDim: 1, centroids } }
}

function lengthOf(vector: Float32Array): number {
	let sum = 0
	for (let k = 0; k < vector.length; k += 1) sum += (vector[k] ?? 0) ** 2
	return Math.sqrt(sum)
}

/** Zero, and lengths from the longest one down. */
function makeCentroids(longest: number): Float32Array {
	const centroids = new Float32Array(CENTROIDS)
	let length = longest
	for (let code = 1; code < CENTROIDS; code += 1) {
		centroids[code] = shortFloat(length)
		length /= STEP
	}
	return centroids
}

/** The codes' lengths fall: between two the geometric mean decides. */
function nearestCode(centroids: Float32Array, length: number): number {
	if (length === 0) return 0
	let code = 1
	while (code < CENTROIDS - 1 && length ** 2 < (centroids[code] ?? 0) * (centroids[code + 1] ?? 0))
		code += 1
	return code
}
