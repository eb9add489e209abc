// A quantised matrix, where it lies in the file: each part of a row is one of 256 centroids, by a code of one byte.
import { byte, int32, int64, take } from './cursor'
import { allocate } from '../../model/kernels/memory'

export const CENTROIDS: usize = 256

@unmanaged
export class Matrix {
	rows: usize
	columns: usize
	/** Parts of a row, and how long each is; the last may be shorter. */
	parts: usize
	partLength: usize
	codes: usize
	centroids: usize
	/** 0: the rows have no norms of their own. */
	normCodes: usize
	normCentroids: usize
}

/** @returns null where it is none that fits into the file */
export function readMatrix(): Matrix | null {
	const matrix = changetype<Matrix>(allocate(offsetof<Matrix>()))
	const hasNorms = byte() == 1
	const rows = int64()
	const columns = int64()
	const codeBytes = int32()
	if (rows < 0 || rows > 0x7fffffff || columns < 1 || columns > 10000 || codeBytes < 0) return null
	matrix.rows = <usize>rows
	matrix.columns = <usize>columns
	matrix.codes = take(codeBytes)
	if (!readQuantizer(matrix)) return null
	if (<u64>matrix.parts * <u64>rows != <u64>codeBytes) return null
	if (!hasNorms) return matrix
	matrix.normCodes = take(rows)
	if (int32() != 1 || int32() != 1 || int32() != 1 || int32() != 1) return null
	matrix.normCentroids = take(CENTROIDS << 2)
	return matrix
}

function readQuantizer(matrix: Matrix): bool {
	const dim = <usize>int32()
	const parts = <usize>int32()
	const partLength = <usize>int32()
	const lastLength = <usize>int32()
	if (dim != matrix.columns || partLength < 1 || partLength > dim) return false
	if (parts != (dim + partLength - 1) / partLength) return false
	if (lastLength != dim - (parts - 1) * partLength) return false
	matrix.parts = parts
	matrix.partLength = partLength
	matrix.centroids = take((dim * CENTROIDS) << 2)
	return true
}

/** Adds a row to a vector: each number in single precision, as fastText does. */
export function addRow(matrix: Matrix, row: usize, vector: usize): void {
	const norm: f32 = matrix.normCodes
		? load<f32>(matrix.normCentroids + (<usize>load<u8>(matrix.normCodes + row) << 2))
		: 1
	const codes = matrix.codes + row * matrix.parts
	for (let part: usize = 0; part < matrix.parts; part++) {
		const from = part * matrix.partLength
		const length = min(matrix.partLength, matrix.columns - from)
		const centroid = matrix.centroids + ((from * CENTROIDS + <usize>load<u8>(codes + part) * length) << 2)
		for (let k: usize = 0; k < length; k++) {
			const place = vector + ((from + k) << 2)
			store<f32>(place, load<f32>(place) + norm * load<f32>(centroid + (k << 2)))
		}
	}
}

/**
 * Products of a vector with all rows of a matrix without norms. Each number of the vector meets 256 others at most: what they give
 * is computed once, and then summed up for each row in the order of fastText. `products` has 256 places for each number.
 */
export function multiplyRows(matrix: Matrix, vector: usize, products: usize, sums: usize): void {
	computeProducts(matrix, vector, products)
	const rows = matrix.rows
	let row: usize = 0
	if (matrix.partLength == 1)
		for (; row + 4 <= rows; row += 4) sumFour(matrix, row, products, sums + (row << 2))
	for (; row < rows; row++) sumOne(matrix, row, products, sums + (row << 2))
}

function computeProducts(matrix: Matrix, vector: usize, products: usize): void {
	for (let part: usize = 0; part < matrix.parts; part++) {
		const from = part * matrix.partLength
		const length = min(matrix.partLength, matrix.columns - from)
		for (let k: usize = 0; k < length; k++) {
			const number = load<f32>(vector + ((from + k) << 2))
			const into = products + (((from + k) * CENTROIDS) << 2)
			for (let code: usize = 0; code < CENTROIDS; code++) {
				const centroid = matrix.centroids + ((from * CENTROIDS + code * length + k) << 2)
				store<f32>(into + (code << 2), number * load<f32>(centroid))
			}
		}
	}
}

/** Four rows beside each other: a sum waits for the one before it. */
function sumFour(matrix: Matrix, row: usize, products: usize, sums: usize): void {
	const parts = matrix.parts
	const a = matrix.codes + row * parts
	const b = a + parts
	const c = b + parts
	const d = c + parts
	let sumA: f32 = 0
	let sumB: f32 = 0
	let sumC: f32 = 0
	let sumD: f32 = 0
	for (let part: usize = 0; part < parts; part++) {
		sumA += load<f32>(products + (<usize>load<u8>(a + part) << 2))
		sumB += load<f32>(products + (<usize>load<u8>(b + part) << 2))
		sumC += load<f32>(products + (<usize>load<u8>(c + part) << 2))
		sumD += load<f32>(products + (<usize>load<u8>(d + part) << 2))
		products += CENTROIDS << 2
	}
	store<f32>(sums, sumA)
	store<f32>(sums, sumB, 4)
	store<f32>(sums, sumC, 8)
	store<f32>(sums, sumD, 12)
}

function sumOne(matrix: Matrix, row: usize, products: usize, sum: usize): void {
	const codes = matrix.codes + row * matrix.parts
	let total: f32 = 0
	for (let k: usize = 0; k < matrix.columns; k++) {
		const code = <usize>load<u8>(codes + k / matrix.partLength)
		total += load<f32>(products + ((k * CENTROIDS + code) << 2))
	}
	store<f32>(sum, total)
}
