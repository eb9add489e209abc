// What stands in a fastText model file (`.bin`, `.ftz`), as fastText 0.9.2 reads and writes it. Pure: browser and Node.
// Layout: fastText.cc, dictionary.cc, densematrix.cc, quantmatrix.cc and productquantizer.cc of its sources.

export const MAGIC = 793_712_314
export const VERSION = 12
/** Centroids of a sub-quantiser: a code is one byte. */
export const CENTROIDS = 256

/** In the order of fastText's numbers, which start at 1. */
export const LOSS_NAMES = ['hs', 'ns', 'softmax', 'ova'] as const
export type LossName = (typeof LOSS_NAMES)[number]
export const SUPERVISED = 3

/** The arguments that a file keeps. Only supervised models are read and written. */
export interface FastTextArgs {
	readonly dim: number
	readonly epoch: number
	readonly minCount: number
	readonly neg: number
	readonly wordNgrams: number
	readonly loss: LossName
	/** What an n-gram's hash is taken modulo of. */
	readonly bucket: number
}

/** A word or a label. */
export interface Entry {
	/** UTF-8 bytes, one in each character (as Latin-1 does): not all files hold valid UTF-8. */
	readonly bytes: string
	readonly count: number
}

/** Which n-grams have a row: ids (hash modulo bucket) and, at the same places, rows counted from the first after the words. */
export interface PruneMap {
	readonly ids: Int32Array
	readonly rows: Int32Array
}

/** Floats, `stride` of them a row, of which the first `columns` count. */
export interface DenseMatrix {
	readonly kind: 'dense'
	readonly rows: number
	readonly columns: number
	readonly stride: number
	readonly data: Float32Array
}

/** Sub-vectors of `subDim` dimensions (the last may be shorter), 256 centroids for each (Jégou et al. 2011). */
export interface ProductQuantizer {
	readonly dim: number
	readonly subDim: number
	/** For each sub-vector 256 centroids of its length. */
	readonly centroids: Float32Array
}

/** Rows as codes. With `norms` a row is its decoded direction times its decoded norm. */
export interface QuantizedMatrix {
	readonly kind: 'quantized'
	readonly rows: number
	readonly columns: number
	readonly quantizer: ProductQuantizer
	/** `rows` × number of sub-vectors. */
	readonly codes: Uint8Array
	readonly norms: { readonly quantizer: ProductQuantizer; readonly codes: Uint8Array } | null
}

export type Matrix = DenseMatrix | QuantizedMatrix

/**
 * A supervised model. A prune map goes with a quantised input matrix only: fastText refuses it with a dense one. The
 * output matrix may be quantised where the input matrix is.
 */
export interface FastTextModel {
	readonly args: FastTextArgs
	readonly words: readonly Entry[]
	readonly labels: readonly Entry[]
	/** Tokens of the training text. */
	readonly tokens: number
	readonly pruned: PruneMap | null
	readonly input: Matrix
	readonly output: Matrix
}

/** Sub-vectors of a quantiser. */
export function subVectors({ dim, subDim }: ProductQuantizer): number {
	return Math.ceil(dim / subDim)
}

/** Decodes `row` into `target`, which has room for the matrix's columns. */
export function decodeRow(matrix: Matrix, row: number, target: Float32Array): void {
	if (matrix.kind === 'dense') {
		const start = row * matrix.stride
		target.set(matrix.data.subarray(start, start + matrix.columns))
		return
	}
	const { quantizer, codes, norms } = matrix
	const { dim, subDim, centroids } = quantizer
	const count = subVectors(quantizer)
	const norm = norms ? (norms.quantizer.centroids[norms.codes[row] ?? 0] ?? 0) : 1
	for (let sub = 0; sub < count; sub += 1) {
		const from = sub * subDim
		const length = Math.min(subDim, dim - from)
		const place = from * CENTROIDS + (codes[row * count + sub] ?? 0) * length
		for (let k = 0; k < length; k += 1) target[from + k] = norm * (centroids[place + k] ?? 0)
	}
}
