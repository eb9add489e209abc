// Turns the space of the vectors so that rounding them costs least: the model stays the same, its numbers pack better.
import { type Eigen, eigenOf } from './eigen.ts'

/** A share of the largest eigenvalue below which a direction counts as empty. */
const FLOOR = 1e-7
const SAMPLE_ROWS = 50_000

/** Vectors of `dim` floats, `stride` apart. */
export interface Vectors {
	readonly count: number
	readonly dim: number
	readonly stride: number
	readonly data: Float32Array
}

/**
 * Changes `input` and `output` in place such that every product of the two stays what it was, up to a constant for all
 * labels, which softmax does not see.
 *
 * In the new space an error in a feature's vector is as large as what it does to the scores of the labels, and the
 * dimensions are not correlated (the Karhunen-Loève transform of transform coding, in the metric of the output matrix).
 * Dimensions come in pairs of a wide and a narrow one, so that all pairs carry about as much (optimised product
 * quantisation; Ge et al. 2013).
 *
 * @param weights how much each feature's vector counts
 */
export function alignForCoding(input: Vectors, output: Vectors, weights: Float32Array): void {
	const { dim } = input
	centerColumns(output)
	const metric = eigenOf(secondMoments(output, null), dim)
	const scales = metric.values.map((value) =>
		Math.sqrt(Math.max(value, FLOOR * (metric.values[0] ?? 1))),
	)
	const whiten = rowsOf(metric, (i) => scales[i] ?? 1)
	const moments = conjugate(secondMoments(input, weights), whiten, dim)
	const principal = eigenOf(moments, dim)
	const turn = wideWithNarrow(dim).map((i) => principal.vectors[i] ?? new Float64Array(dim))
	// Columns of the inverse of whitening, as rows: the eigenvectors over their scales.
	const unwhiten = rowsOf(metric, (i) => 1 / (scales[i] ?? 1))
	applyRows(input, multiply(turn, whiten, dim))
	applyRows(output, multiply(turn, unwhiten, dim))
}

/** 0, last, 1, last but one, … */
function wideWithNarrow(dim: number): number[] {
	return Array.from({ length: dim }, (_, i) => (i % 2 === 0 ? i / 2 : dim - 1 - (i - 1) / 2))
}

function centerColumns({ count, dim, stride, data }: Vectors): void {
	for (let k = 0; k < dim; k += 1) {
		let sum = 0
		for (let row = 0; row < count; row += 1) sum += data[row * stride + k] ?? 0
		const mean = sum / count
		for (let at = k; at < count * stride; at += stride) data[at] = (data[at] ?? 0) - mean
	}
}

/** Σ weight · x xᵀ over all rows, or over a sample of many. */
function secondMoments({ count, dim, stride, data }: Vectors, weights: Float32Array | null) {
	const moments = new Float64Array(dim * dim)
	const step = Math.max(1, Math.floor(count / SAMPLE_ROWS))
	for (let row = 0; row < count; row += step) {
		const weight = weights ? (weights[row] ?? 0) : 1
		const x = data.subarray(row * stride, row * stride + dim)
		for (let i = 0; i < dim; i += 1) {
			const scaled = weight * (x[i] ?? 0)
			for (let j = i; j < dim; j += 1)
				moments[i * dim + j] = (moments[i * dim + j] ?? 0) + scaled * (x[j] ?? 0)
		}
	}
	for (let i = 0; i < dim; i += 1)
		for (let j = 0; j < i; j += 1) moments[i * dim + j] = moments[j * dim + i] ?? 0
	return moments
}

function rowsOf({ vectors }: Eigen, scale: (i: number) => number): Float64Array[] {
	return vectors.map((vector, i) => vector.map((value) => value * scale(i)))
}

/** a · b for lists of rows. */
function multiply(a: readonly Float64Array[], b: readonly Float64Array[], dim: number) {
	return a.map((row) => {
		const target = new Float64Array(dim)
		for (let i = 0; i < dim; i += 1) {
			const factor = row[i] ?? 0
			const other = b[i]
			if (!other) continue
			for (let k = 0; k < dim; k += 1) target[k] = (target[k] ?? 0) + factor * (other[k] ?? 0)
		}
		return target
	})
}

/** rows · moments · rowsᵀ. */
function conjugate(
	moments: Float64Array,
	rows: readonly Float64Array[],
	dim: number,
): Float64Array {
	const list = Array.from({ length: dim }, (_, i) => moments.subarray(i * dim, (i + 1) * dim))
	const half = multiply(rows, list, dim)
	const result = new Float64Array(dim * dim)
	for (const [i, row] of half.entries())
		for (const [j, other] of rows.entries()) {
			let sum = 0
			for (let k = 0; k < dim; k += 1) sum += (row[k] ?? 0) * (other[k] ?? 0)
			result[i * dim + j] = sum
		}
	return result
}

/** Each vector x becomes rows · x. */
function applyRows({ count, dim, stride, data }: Vectors, rows: readonly Float64Array[]): void {
	const matrix = Float32Array.from(rows.flatMap((row) => [...row]))
	const x = new Float32Array(dim)
	for (let row = 0; row < count; row += 1) {
		const from = row * stride
		x.set(data.subarray(from, from + dim))
		for (let i = 0; i < dim; i += 1) {
			let sum = 0
			const at = i * dim
			for (let k = 0; k < dim; k += 1) sum += (matrix[at + k] ?? 0) * (x[k] ?? 0)
			data[from + i] = sum
		}
	}
}
