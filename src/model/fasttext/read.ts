// Bytes of a `.bin` or `.ftz` → a model. Pure: browser and Node. Trusts nothing that the bytes say.
import { AppError } from '../../shared/app-error.ts'
import { splitModelFile } from '../evidence/evidence-file.ts'
import {
	CENTROIDS,
	type DenseMatrix,
	type Entry,
	type FastTextArgs,
	type FastTextModel,
	LOSS_NAMES,
	MAGIC,
	type Matrix,
	type ProductQuantizer,
	type PruneMap,
	type QuantizedMatrix,
	SUPERVISED,
	VERSION,
} from './format.ts'

const MAX_DIM = 10_000
const WORD = 0
const LABEL = 1
/** NUL, count and type. */
const MIN_ENTRY_BYTES = 10

/**
 * Parses fastText's part of a whole file. No input makes it hang, read past the end, or allocate more than a small multiple of its length.
 *
 * @throws AppError `damaged` with the place and what is wrong there, `unsupported` for models that are not supervised
 */
export function readModel(file: Uint8Array): FastTextModel {
	const reader = new Reader(splitModelFile(file).fastText)
	if (reader.int32('magic number') !== MAGIC) reader.fail('this is no fastText model')
	const version = reader.int32('version')
	if (version !== VERSION && version !== VERSION - 1)
		throw new AppError('unsupported', `fastText file of version ${version}; expected ${VERSION}`)
	const args = readArgs(reader)
	const dictionary = readDictionary(reader)
	const quantizedInput = reader.flag('flag of the input matrix')
	const input = readMatrix(reader, quantizedInput)
	if (dictionary.pruned && !quantizedInput)
		reader.fail('a prune map with a dense input matrix, which fastText refuses')
	const quantizedOutput = reader.flag('flag of the output matrix')
	const output = readMatrix(reader, quantizedInput && quantizedOutput)
	reader.end()
	const model = { args, ...dictionary, input, output }
	checkShapes(reader, model)
	return model
}

function readArgs(reader: Reader): FastTextArgs {
	const int = (what: string, least: number, most = 2 ** 31 - 1) => {
		const value = reader.int32(what)
		return value >= least && value <= most ? value : reader.fail(`${what}: ${value}`)
	}
	const dim = int('dim', 1, MAX_DIM)
	int('window', 0)
	const epoch = int('epoch', 0)
	const minCount = int('minCount', 0)
	const neg = int('neg', 0)
	const wordNgrams = int('wordNgrams', 0, 1000)
	const loss = LOSS_NAMES[int('loss', 1, LOSS_NAMES.length) - 1] ?? 'softmax'
	if (int('model', 1, SUPERVISED) !== SUPERVISED)
		throw new AppError('unsupported', 'not a supervised fastText model: it has no labels')
	const bucket = int('bucket', 0)
	int('minn', 0)
	if (int('maxn', 0) > 0)
		throw new AppError('unsupported', 'a fastText model with character n-grams: train without them')
	int('lrUpdateRate', 0)
	reader.skip(8, 'sampling threshold')
	return { dim, epoch, minCount, neg, wordNgrams, loss, bucket }
}

function readDictionary(reader: Reader) {
	const { wordCount, size, tokens, prunedCount } = readDictionaryHead(reader)
	const words: Entry[] = []
	const labels: Entry[] = []
	for (let index = 0; index < size; index += 1) {
		const bytes = reader.zeroTerminated('entry of the dictionary')
		const count = reader.int64('count of an entry')
		const type = reader.byte('type of an entry')
		// fastText takes an output's number from the place after the words.
		if (type !== (index < wordCount ? WORD : LABEL)) reader.fail(`entry ${index} has type ${type}`)
		;(index < wordCount ? words : labels).push({ bytes, count })
	}
	return { words, labels, tokens, pruned: readPruneMap(reader, prunedCount) }
}

function readDictionaryHead(reader: Reader) {
	const size = reader.count32('number of entries', MIN_ENTRY_BYTES)
	const wordCount = reader.int32('number of words')
	const labelCount = reader.int32('number of labels')
	if (wordCount < 0 || labelCount < 0 || wordCount + labelCount !== size)
		reader.fail(`${wordCount} words and ${labelCount} labels, of ${size} entries`)
	const tokens = reader.int64('number of tokens')
	return { size, wordCount, tokens, prunedCount: reader.int64('size of the prune map') }
}

/** The part of a file that names its words, without a string for each of them. */
export interface WordList {
	/** The words' UTF-8 bytes one after the other, in the file's order. */
	readonly bytes: Uint8Array
	/** Word i has the bytes from starts[i] up to starts[i + 1]. */
	readonly starts: Uint32Array
	readonly wordNgrams: number
	readonly bucket: number
	readonly pruned: PruneMap | null
}

/**
 * Reads the dictionary alone, of any supervised model, in a small part of the time that the whole takes.
 *
 * @throws AppError `damaged` where it breaks off
 */
export function readWordList(file: Uint8Array): WordList {
	const reader = new Reader(file)
	if (reader.int32('magic number') !== MAGIC) reader.fail('this is no fastText model')
	// The version, and arguments that say nothing of words.
	reader.skip(24, 'arguments')
	const wordNgrams = reader.int32('wordNgrams')
	reader.skip(8, 'arguments')
	const bucket = reader.int32('bucket')
	reader.skip(20, 'arguments')
	const { size, wordCount, prunedCount } = readDictionaryHead(reader)
	const words = reader.entryBytes(wordCount)
	reader.entryBytes(size - wordCount)
	return { ...words, wordNgrams, bucket, pruned: readPruneMap(reader, prunedCount) }
}

function readPruneMap(reader: Reader, count: number): PruneMap | null {
	if (count < 0) return null
	reader.need(count * 8, 'prune map')
	const ids = new Int32Array(count)
	const rows = new Int32Array(count)
	for (let index = 0; index < count; index += 1) {
		ids[index] = reader.int32('prune map')
		rows[index] = reader.int32('prune map')
	}
	return { ids, rows }
}

function readMatrix(reader: Reader, quantized: boolean): Matrix {
	return quantized ? readQuantized(reader) : readDense(reader)
}

function readDense(reader: Reader): DenseMatrix {
	const rows = reader.int64('rows')
	const columns = reader.int64('columns')
	if (rows < 0 || columns < 1 || columns > MAX_DIM) reader.fail(`a matrix of ${rows} × ${columns}`)
	const data = reader.floats(rows * columns, 'matrix')
	return { kind: 'dense', rows, columns, stride: columns, data }
}

function readQuantized(reader: Reader): QuantizedMatrix {
	const hasNorms = reader.flag('flag of the norms')
	const rows = reader.int64('rows')
	const columns = reader.int64('columns')
	if (rows < 0 || columns < 1 || columns > MAX_DIM) reader.fail(`a matrix of ${rows} × ${columns}`)
	const codeBytes = reader.count32('number of codes', 1)
	const codes = reader.bytes(codeBytes, 'codes')
	const quantizer = readQuantizer(reader)
	if (quantizer.dim !== columns || Math.ceil(columns / quantizer.subDim) * rows !== codeBytes)
		reader.fail(`${codeBytes} codes for a matrix of ${rows} × ${columns}`)
	if (!hasNorms) return { kind: 'quantized', rows, columns, quantizer, codes, norms: null }
	const normCodes = reader.bytes(rows, 'codes of the norms')
	const norms = { codes: normCodes, quantizer: readQuantizer(reader) }
	if (norms.quantizer.dim !== 1) reader.fail('norms of more than one dimension')
	return { kind: 'quantized', rows, columns, quantizer, codes, norms }
}

function readQuantizer(reader: Reader): ProductQuantizer {
	const dim = reader.int32('dim of a quantiser')
	const count = reader.int32('number of sub-vectors')
	const subDim = reader.int32('length of a sub-vector')
	const lastDim = reader.int32('length of the last sub-vector')
	const isWhole =
		dim >= 1 &&
		dim <= MAX_DIM &&
		subDim >= 1 &&
		subDim <= dim &&
		count === Math.ceil(dim / subDim) &&
		lastDim === dim - (count - 1) * subDim
	if (!isWhole) reader.fail(`a quantiser of ${dim} dimensions in ${count} of ${subDim}`)
	return { dim, subDim, centroids: reader.floats(dim * CENTROIDS, 'centroids') }
}

function checkShapes(
	reader: Reader,
	{ args, words, labels, pruned, input, output }: FastTextModel,
) {
	if (input.columns !== args.dim || output.columns !== args.dim)
		reader.fail(`matrices of ${input.columns} and ${output.columns} columns for dim ${args.dim}`)
	if (output.rows !== labels.length)
		reader.fail(`an output matrix of ${output.rows} rows for ${labels.length} labels`)
	const ngramRows = input.rows - words.length
	if (ngramRows < 0) reader.fail(`an input matrix of ${input.rows} rows for ${words.length} words`)
	if (pruned?.rows.some((row) => row < 0 || row >= ngramRows))
		reader.fail('the prune map points behind the input matrix')
	if (!pruned && args.wordNgrams > 1 && ngramRows < args.bucket)
		reader.fail(`an input matrix with ${ngramRows} rows for ${args.bucket} buckets`)
}

/** Reads forwards, and says where it is when something is wrong. */
class Reader {
	readonly #bytes: Uint8Array
	readonly #view: DataView
	#at = 0

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
	}

	fail(what: string): never {
		throw new AppError(
			'damaged',
			`model is damaged: at byte ${this.#at}: ${what}; get or train the file again`,
		)
	}

	need(bytes: number, what: string): void {
		const left = this.#bytes.length - this.#at
		if (bytes > left) this.fail(`${what} needs ${bytes} bytes, and ${left} are left`)
	}

	#take(bytes: number, what: string): number {
		this.need(bytes, what)
		this.#at += bytes
		return this.#at - bytes
	}

	skip(bytes: number, what: string): void {
		this.#take(bytes, what)
	}

	byte(what: string): number {
		return this.#view.getUint8(this.#take(1, what))
	}

	flag(what: string): boolean {
		const value = this.byte(what)
		return value > 1 ? this.fail(`${what}: ${value}`) : value === 1
	}

	int32(what: string): number {
		return this.#view.getInt32(this.#take(4, what), true)
	}

	int64(what: string): number {
		const value = Number(this.#view.getBigInt64(this.#take(8, what), true))
		return Number.isSafeInteger(value) ? value : this.fail(`${what}: ${value}`)
	}

	/** A count of things that take at least `bytesEach` in what follows. */
	count32(what: string, bytesEach: number): number {
		const count = this.int32(what)
		if (count < 0) this.fail(`${what}: ${count}`)
		this.need(count * bytesEach, what)
		return count
	}

	zeroTerminated(what: string): string {
		const end = this.#bytes.indexOf(0, this.#at)
		if (end < 0) this.fail(`${what} has no end`)
		let text = ''
		for (let at = this.#at; at < end; at += 1) text += String.fromCharCode(this.#bytes[at] ?? 0)
		this.#at = end + 1
		return text
	}

	/** The texts of so many entries without what stands between them: a copy, and where each one starts. */
	entryBytes(count: number): { bytes: Uint8Array; starts: Uint32Array } {
		const starts = new Uint32Array(count + 1)
		const file = this.#bytes
		const from = this.#at
		let at = from
		for (let index = 0; index < count; index += 1) {
			const start = at
			while (at < file.length && file[at] !== 0) at += 1
			starts[index + 1] = (starts[index] ?? 0) + at - start
			at += MIN_ENTRY_BYTES
		}
		if (at > file.length) this.fail('the dictionary has no end')
		this.#at = at
		const bytes = new Uint8Array(starts[count] ?? 0)
		for (let index = 0, old = from; index < count; index += 1) {
			const end = starts[index + 1] ?? 0
			for (let to = starts[index] ?? 0; to < end; to += 1, old += 1) bytes[to] = file[old] ?? 0
			old += MIN_ENTRY_BYTES
		}
		return { bytes, starts }
	}

	bytes(length: number, what: string): Uint8Array {
		const start = this.#take(length, what)
		return this.#bytes.subarray(start, start + length)
	}

	/** Finite numbers only: a comparison with NaN would rank anything first. */
	floats(length: number, what: string): Float32Array {
		const start = this.#take(length * 4, what) + this.#bytes.byteOffset
		const floats = new Float32Array(this.#bytes.buffer.slice(start, start + length * 4))
		if (!floats.every(Number.isFinite)) this.fail(`${what} has a value that is not a number`)
		return floats
	}

	end(): void {
		const left = this.#bytes.length - this.#at
		if (left > 0) this.fail(`${left} bytes too many`)
	}
}
