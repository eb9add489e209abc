// A full-precision model with exact n-grams in a file that fastText itself reads and predicts with.
//
// fastText takes a prune map, which exact n-grams need, with a quantised input matrix only. So each float becomes three
// codes of 8 bits: its place on a grid of 256 steps, the place within the step, and once more, 24 bits in all. As columns
// of their own they make vectors of three times the dimensions, and label vectors that are repeated three times add them
// up again: the products are the same as with the floats.
import {
	CENTROIDS,
	type DenseMatrix,
	decodeRow,
	type FastTextModel,
	type Matrix,
	type QuantizedMatrix,
} from '../../../src/model/fasttext/format.ts'
import { columnRanges, sweepRows } from './columns.ts'
import type { Crew } from './crew.ts'
import type { Weights } from './weights.ts'

const STAGES = 3

/** Floats to 24 bits: the error is at most the width of a column's range / 2^25. */
export async function encodePrecise(
	crew: Crew,
	{ rows, dim, stride, input }: Weights,
): Promise<QuantizedMatrix> {
	const { lows, highs } = await columnRanges(crew, input, rows, stride)
	const ranges = lows.map((low, column) => Math.max((highs[column] ?? 0) - low, 1e-20))
	const width = dim * STAGES
	const codes = crew.arena.take(rows * width, 'the codes of the model')
	const table = crew.arena.take(dim * 2 * 8, 'bookkeeping')
	const view = new Float64Array(crew.buffer, table, dim * 2)
	view.set(lows.subarray(0, dim))
	view.set(ranges.subarray(0, dim), dim)
	await sweepRows(crew, rows, () => ({
		kernel: 'encodeRows',
		args: [input, rows, stride, dim, table, codes],
	}))
	crew.arena.free(table)
	return {
		kind: 'quantized',
		rows,
		columns: width,
		norms: null,
		codes: new Uint8Array(crew.buffer, codes, rows * width),
		quantizer: { dim: width, subDim: 1, centroids: preciseCentroids(dim, lows, ranges) },
	}
}

function preciseCentroids(dim: number, lows: Float64Array, ranges: Float64Array): Float32Array {
	const centroids = new Float32Array(dim * STAGES * CENTROIDS)
	for (let at = 0; at < centroids.length; at += 1) {
		const column = Math.floor(at / CENTROIDS)
		const stage = Math.floor(column / dim)
		const step = (ranges[column % dim] ?? 0) / CENTROIDS ** (stage + 1)
		// The middle of the last, finest step.
		const offset = stage === 0 ? (lows[column] ?? 0) + step / CENTROIDS ** 2 / 2 : 0
		centroids[at] = offset + step * (at % CENTROIDS)
	}
	return centroids
}

/** The label vectors that go with {@link encodePrecise}. */
export function repeatOutput({ rows, columns, stride, data }: DenseMatrix): DenseMatrix {
	const width = columns * STAGES
	const repeated = new Float32Array(rows * width)
	for (let row = 0; row < rows; row += 1)
		for (let stage = 0; stage < STAGES; stage += 1)
			repeated.set(
				data.subarray(row * stride, row * stride + columns),
				row * width + stage * columns,
			)
	return { kind: 'dense', rows, columns: width, stride: width, data: repeated }
}

/** Dimensions of the vectors behind a model's matrices. */
export function preciseDim({ input, output }: FastTextModel): number {
	return isPrecise(input, output) ? input.columns / STAGES : input.columns
}

/** Reads row by row what a model's vectors are, whichever way its matrices stand in the file. */
export function createRowReader(
	model: FastTextModel,
): (matrix: 'input' | 'output', row: number, target: Float32Array) => void {
	const dim = preciseDim(model)
	const isStaged = dim !== model.input.columns
	const whole = new Float32Array(model.input.columns)
	return (name, row, target) => {
		decodeRow(model[name], row, whole)
		for (let k = 0; k < dim; k += 1) {
			let sum = whole[k] ?? 0
			if (isStaged && name === 'input')
				for (let stage = 1; stage < STAGES; stage += 1) sum += whole[stage * dim + k] ?? 0
			target[k] = sum
		}
	}
}

function isPrecise(input: Matrix, output: Matrix): boolean {
	if (input.kind !== 'quantized' || output.kind !== 'dense') return false
	if (input.quantizer.subDim !== 1 || input.norms || input.columns % STAGES !== 0) return false
	const dim = input.columns / STAGES
	for (let row = 0; row < output.rows; row += 1)
		for (let at = row * output.stride; at < row * output.stride + dim; at += 1)
			for (let stage = 1; stage < STAGES; stage += 1)
				if (output.data[at] !== output.data[at + stage * dim]) return false
	return true
}
