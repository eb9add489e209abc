// A model → the bytes of a `.bin` or `.ftz` that fastText 0.9.2 and its WebAssembly builds read. Pure: browser and Node.
import {
	type DenseMatrix,
	type Entry,
	type FastTextModel,
	LOSS_NAMES,
	MAGIC,
	type Matrix,
	type ProductQuantizer,
	type QuantizedMatrix,
	SUPERVISED,
	subVectors,
	VERSION,
} from './format.ts'

const ROWS_A_PART = 8_192
const PAIRS_A_PART = 65_536

/** The file in parts, in order: a dense model is larger than one would want to have in memory twice. */
export function* writeModel(model: FastTextModel): Generator<Uint8Array> {
	const { args, words, labels, tokens, pruned, input, output } = model
	if (pruned && input.kind === 'dense')
		throw new Error('fastText refuses a prune map with a dense input matrix')
	yield join(int32(MAGIC), int32(VERSION), ...writeArgs(args))
	yield join(
		...[words.length + labels.length, words.length, labels.length].map(int32),
		...[tokens, pruned ? pruned.ids.length : -1].map(int64),
	)
	yield writeEntries(words, 0)
	yield writeEntries(labels, 1)
	if (pruned) yield* writePruneMap(pruned.ids, pruned.rows)
	yield flag(input.kind === 'quantized')
	yield* writeMatrix(input)
	yield flag(output.kind === 'quantized')
	yield* writeMatrix(output)
}

function writeArgs(args: FastTextModel['args']): Uint8Array[] {
	const { dim, epoch, minCount, neg, wordNgrams, loss, bucket } = args
	const [window, minn, maxn, updateRate] = [5, 0, 0, 100]
	const numbers = [dim, window, epoch, minCount, neg, wordNgrams, LOSS_NAMES.indexOf(loss) + 1]
	numbers.push(SUPERVISED, bucket, minn, maxn, updateRate)
	return [...numbers.map(int32), new Uint8Array(new Float64Array([1e-4]).buffer)]
}

function writeEntries(entries: readonly Entry[], type: number): Uint8Array {
	const length = entries.reduce((sum, { bytes }) => sum + bytes.length + 10, 0)
	const target = new Uint8Array(length)
	const view = new DataView(target.buffer)
	let at = 0
	for (const { bytes, count } of entries) {
		for (let index = 0; index < bytes.length; index += 1)
			target[at + index] = bytes.charCodeAt(index)
		at += bytes.length + 1
		view.setBigInt64(at, BigInt(count), true)
		target[at + 8] = type
		at += 9
	}
	return target
}

function* writePruneMap(ids: Int32Array, rows: Int32Array): Generator<Uint8Array> {
	for (let from = 0; from < ids.length; from += PAIRS_A_PART) {
		const pairs = new Int32Array(Math.min(PAIRS_A_PART, ids.length - from) * 2)
		for (let i = 0; i < pairs.length / 2; i += 1) {
			pairs[i * 2] = ids[from + i] ?? 0
			pairs[i * 2 + 1] = rows[from + i] ?? 0
		}
		yield new Uint8Array(pairs.buffer)
	}
}

function* writeMatrix(matrix: Matrix): Generator<Uint8Array> {
	if (matrix.kind === 'dense') yield* writeDense(matrix)
	else yield* writeQuantized(matrix)
}

function* writeDense({ rows, columns, stride, data }: DenseMatrix): Generator<Uint8Array> {
	yield join(int64(rows), int64(columns))
	for (let from = 0; from < rows; from += ROWS_A_PART) {
		const count = Math.min(ROWS_A_PART, rows - from)
		const part = new Float32Array(count * columns)
		for (let row = 0; row < count; row += 1) {
			const start = (from + row) * stride
			part.set(data.subarray(start, start + columns), row * columns)
		}
		yield new Uint8Array(part.buffer)
	}
}

function* writeQuantized(matrix: QuantizedMatrix): Generator<Uint8Array> {
	const { rows, columns, quantizer, codes, norms } = matrix
	yield join(flag(norms !== null), int64(rows), int64(columns), int32(codes.length))
	yield codes
	yield writeQuantizer(quantizer)
	if (!norms) return
	yield norms.codes
	yield writeQuantizer(norms.quantizer)
}

function writeQuantizer(quantizer: ProductQuantizer): Uint8Array {
	const { dim, subDim, centroids } = quantizer
	const count = subVectors(quantizer)
	const { buffer, byteOffset, byteLength } = centroids
	return join(
		...[dim, count, subDim, dim - (count - 1) * subDim].map(int32),
		new Uint8Array(buffer, byteOffset, byteLength),
	)
}

function flag(value: boolean): Uint8Array {
	return new Uint8Array([value ? 1 : 0])
}

function int32(value: number): Uint8Array {
	return new Uint8Array(new Int32Array([value]).buffer)
}

function int64(value: number): Uint8Array {
	return new Uint8Array(new BigInt64Array([BigInt(value)]).buffer)
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
	const target = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
	let at = 0
	for (const part of parts) {
		target.set(part, at)
		at += part.length
	}
	return target
}
