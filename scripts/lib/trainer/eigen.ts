// Eigenvectors of a symmetric matrix by Jacobi's rotations (Golub and Van Loan, Matrix Computations, 8.5). Pure.

const MAX_SWEEPS = 60
const TOLERANCE = 1e-20

/** Largest eigenvalue first; `vectors[i]` belongs to `values[i]` and has length 1. */
export interface Eigen {
	readonly values: readonly number[]
	readonly vectors: readonly Float64Array[]
}

/** @param matrix symmetric, `size` × `size`, row by row; it is not changed */
export function eigenOf(matrix: Float64Array, size: number): Eigen {
	const a = Float64Array.from(matrix)
	const v = new Float64Array(size * size)
	for (let i = 0; i < size; i += 1) v[i * size + i] = 1
	for (let sweep = 0; sweep < MAX_SWEEPS; sweep += 1) {
		const { off, all } = squareSums(a, size)
		if (off <= TOLERANCE * all) break
		for (let p = 0; p < size - 1; p += 1)
			for (let q = p + 1; q < size; q += 1) rotate(a, v, size, p, q)
	}
	const order = Array.from({ length: size }, (_, i) => i)
	const value = (i: number) => a[i * size + i] ?? 0
	order.sort((i, j) => value(j) - value(i))
	return {
		values: order.map(value),
		vectors: order.map((i) => Float64Array.from({ length: size }, (_, k) => v[k * size + i] ?? 0)),
	}
}

function squareSums(a: Float64Array, size: number): { off: number; all: number } {
	let off = 0
	let all = 0
	for (let i = 0; i < size; i += 1)
		for (let j = 0; j < size; j += 1) {
			const square = (a[i * size + j] ?? 0) ** 2
			all += square
			if (i !== j) off += square
		}
	return { off, all }
}

function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
	const apq = a[p * size + q] ?? 0
	if (apq === 0) return
	const theta = ((a[q * size + q] ?? 0) - (a[p * size + p] ?? 0)) / (2 * apq)
	const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
	const c = 1 / Math.sqrt(t * t + 1)
	const s = t * c
	for (let k = 0; k < size; k += 1) turn(a, k * size + p, k * size + q, c, s)
	for (let k = 0; k < size; k += 1) turn(a, p * size + k, q * size + k, c, s)
	for (let k = 0; k < size; k += 1) turn(v, k * size + p, k * size + q, c, s)
}

function turn(m: Float64Array, i: number, j: number, c: number, s: number): void {
	const x = m[i] ?? 0
	const y = m[j] ?? 0
	m[i] = c * x - s * y
	m[j] = s * x + c * y
}
