// The parts of a packed model, in their order. With an encoder this writes them, with a decoder it reads them: see `Coder`.
// Pure: browser and Node.
import {
	CENTROIDS,
	type Entry,
	type PruneMap,
	type QuantizedMatrix,
} from '../../fasttext/format.ts'
import { damaged } from '../damage.ts'
import { countCodes, type MatrixShape, type PackableModel, walkArgs } from '../walk-shared.ts'
import { Adaptive, AdaptiveNumber, Specialist } from './adaptive.ts'
import type { Coder } from './range-coder.ts'

const BYTES = 256
/** Kinds of rows by how large the codes before are: books are sorted, so that a small code stands for a short vector. */
const SIZES = 12
const LONGEST_CODE = 8

/**
 * @param written the model to write; null when reading
 * @param limit most of anything that can be in the model: bytes of its file
 */
export function walkModel(
	coder: Coder,
	written: PackableModel | null,
	limit: number,
): PackableModel {
	const number = new AdaptiveNumber()
	const count = (value: number | undefined) => {
		const known = number.code(coder, value ?? 0)
		if (known > limit) throw damaged(`it says that there are ${known} of something`)
		return known
	}
	const args = walkArgs((value) => number.code(coder, value), written?.args)
	const tokens = number.code(coder, written?.tokens ?? 0)
	const wordCount = count(written?.words.length)
	const labelCount = count(written?.labels.length)
	const pairs = count(written ? (written.pruned?.ids.length ?? -1) + 1 : 0)
	const words = walkEntries(coder, wordCount, written?.words ?? null, limit)
	const labels = walkEntries(coder, labelCount, written?.labels ?? null, limit)
	const pruned = pairs === 0 ? null : walkPruneMap(coder, pairs - 1, written?.pruned ?? null)
	const shape = (matrix: QuantizedMatrix | undefined) => ({
		rows: count(matrix?.rows),
		dim: count(matrix?.columns),
		subDim: count(matrix?.quantizer.subDim),
		hasNorms: count(matrix?.norms ? 1 : 0) === 1,
	})
	const input = walkMatrix(coder, shape(written?.input), wordCount, written?.input ?? null, limit)
	const output = walkMatrix(coder, shape(written?.output), 0, written?.output ?? null, limit)
	return { args, tokens, words, labels, pruned, input, output }
}

/** Words in the order of their bytes say how much of the one before they repeat; a letter depends on the two before it. */
function walkEntries(
	coder: Coder,
	count: number,
	written: readonly Entry[] | null,
	limit: number,
): Entry[] {
	const models = new WordModels()
	const counts = new AdaptiveNumber()
	const entries: Entry[] = []
	let before = ''
	let bytesLeft = limit
	for (let index = 0; index < count; index += 1) {
		const entry = written?.[index]
		const word = walkWord(coder, { before, limit: bytesLeft }, entry?.bytes ?? '', models)
		before = word.bytes
		bytesLeft -= word.own
		entries.push({ bytes: before, count: counts.code(coder, entry?.count ?? 0) })
	}
	return entries
}

interface WordLimits {
	/** The word before it. */
	readonly before: string
	/** Most bytes besides those that it shares with the word before. */
	readonly limit: number
	/** Most bytes of the whole word. */
	readonly longest?: number
}

/** @param written the word when writing @returns the word, and how many bytes it does not share with the one before */
export function walkWord(
	coder: Coder,
	{ before, limit, longest = Infinity }: WordLimits,
	written: string,
	{ prefixes, letters }: WordModels,
): { readonly bytes: string; readonly own: number } {
	let bytes = before.slice(0, coder.symbol(prefixes, commonPrefix(before, written)))
	const most = Math.min(longest, bytes.length + limit)
	for (let own = 0; ; own += 1) {
		const letter = coder.symbol(letters.after(bytes), written.charCodeAt(bytes.length) || 0)
		if (letter === 0) return { bytes, own }
		if (bytes.length >= most) throw damaged('its words have no end')
		bytes += String.fromCharCode(letter)
	}
}

export class WordModels {
	readonly prefixes = new Adaptive(BYTES)
	readonly letters = new LetterModels()
}

class LetterModels {
	readonly #afterOne: Adaptive[] = []
	readonly #afterTwo = new Map<number, Specialist>()

	after(text: string): Specialist {
		const last = text.charCodeAt(text.length - 1) || 0
		const key = (text.charCodeAt(text.length - 2) || 0) * BYTES + last
		const known = this.#afterTwo.get(key)
		if (known) return known
		this.#afterOne[last] ??= new Adaptive(BYTES)
		const model = new Specialist(this.#afterOne[last])
		this.#afterTwo.set(key, model)
		return model
	}
}

function commonPrefix(a: string, b: string): number {
	let length = 0
	const most = Math.min(a.length, b.length, BYTES - 1)
	while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length += 1
	return length
}

/** Ids ascend, and rows are numbered as they come: a row is new, or one of those before, each as likely. */
function walkPruneMap(coder: Coder, count: number, written: PruneMap | null): PruneMap {
	const gaps = new AdaptiveNumber()
	const isNew = new Adaptive(2)
	const ids = new Int32Array(count)
	const rows = new Int32Array(count)
	let seen = 0
	let id = -1
	for (let index = 0; index < count; index += 1) {
		id += 1 + gaps.code(coder, written ? (written.ids[index] ?? 0) - id - 1 : 0)
		if (id > 2 ** 31 - 1) throw damaged('a pair of words has no id')
		ids[index] = id
		const row = written?.rows[index] ?? 0
		const next = seen === 0 ? 1 : coder.symbol(isNew, row === seen ? 1 : 0)
		rows[index] = next === 1 ? seen : coder.even(seen, row)
		seen += next
	}
	return { ids, rows }
}

function walkMatrix(
	coder: Coder,
	shape: MatrixShape,
	words: number,
	written: QuantizedMatrix | null,
	limit: number,
): QuantizedMatrix {
	const { rows, dim, subDim, hasNorms } = shape
	const subs = countCodes(shape, limit)
	const centroids = walkFloats(coder, dim * CENTROIDS, written?.quantizer.centroids ?? null)
	const norms = hasNorms ? walkNorms(coder, rows, written?.norms ?? null) : null
	const codes = walkCodes(coder, { rows, subs, words }, written?.codes ?? null)
	const quantizer = { dim, subDim, centroids }
	return { kind: 'quantized', rows, columns: dim, quantizer, codes, norms }
}

function walkNorms(
	coder: Coder,
	rows: number,
	written: QuantizedMatrix['norms'],
): NonNullable<QuantizedMatrix['norms']> {
	const centroids = walkFloats(coder, CENTROIDS, written?.quantizer.centroids ?? null)
	const model = new Adaptive(CENTROIDS)
	const codes = new Uint8Array(rows)
	for (let row = 0; row < rows; row += 1) codes[row] = coder.symbol(model, written?.codes[row] ?? 0)
	return { codes, quantizer: { dim: 1, subDim: 1, centroids } }
}

/** Byte by byte, the highest first: of rounded numbers the lower bytes are zeros. */
export function walkFloats(
	coder: Coder,
	count: number,
	written: Float32Array | null,
): Float32Array {
	const floats = new Float32Array(count)
	const view = new DataView(floats.buffer)
	const first = new Adaptive(BYTES)
	const general = new Adaptive(BYTES)
	const second = Array.from({ length: BYTES }, () => new Specialist(general))
	const rest = new Adaptive(BYTES)
	const scratch = new DataView(new ArrayBuffer(4))
	for (let index = 0; index < count; index += 1) {
		scratch.setFloat32(0, written?.[index] ?? 0)
		const bytes = [0, 0, 0, 0]
		for (let place = 0; place < 4; place += 1) {
			const model = [first, second[bytes[0] ?? 0] ?? general][place] ?? rest
			bytes[place] = coder.symbol(model, scratch.getUint8(place))
			view.setUint8(index * 4 + 3 - place, bytes[place] ?? 0)
		}
	}
	return floats
}

interface CodesShape {
	readonly rows: number
	readonly subs: number
	/** Rows of words: those of n-grams are shorter. */
	readonly words: number
}

/** What to expect of a code depends on its place in the row, on the kind of row, and on how large the codes before it are. */
function walkCodes(
	coder: Coder,
	{ rows, subs, words }: CodesShape,
	written: Uint8Array | null,
): Uint8Array {
	const codes = new Uint8Array(rows * subs)
	const general = Array.from({ length: SIZES * 2 }, () => new Adaptive(CENTROIDS))
	const models = Array.from(
		{ length: subs * SIZES * 2 },
		(_, index) => new Specialist(general[index % (SIZES * 2)] as Adaptive),
	)
	for (let row = 0; row < rows; row += 1) {
		const kind = row < words ? 0 : SIZES
		let lengths = 0
		for (let sub = 0; sub < subs; sub += 1) {
			const size =
				sub === 0 ? 0 : 1 + Math.floor((lengths * (SIZES - 1)) / (sub * (LONGEST_CODE + 1)))
			const model = models[sub * SIZES * 2 + kind + size] as Specialist
			const at = row * subs + sub
			const code = coder.symbol(model, written ? (written[at] as number) : 0)
			codes[at] = code
			lengths += 32 - Math.clz32(code)
		}
	}
	return codes
}
