// The parts of a packed model, in their order. With an encoder this writes them, with a decoder it reads them: see `Coder`.
// Pure: browser and Node.
import {
	CENTROIDS,
	type Entry,
	type FastTextModel,
	type PruneMap,
	type QuantizedMatrix,
} from '../fasttext/format.ts'
import type { Coder } from './coder.ts'
import { damaged } from './damage.ts'
import { WORD_CONTEXTS, WordWalk, walkFloats } from './walk-parts.ts'
import { countCodes, type MatrixShape, type PackableModel, walkArgs } from './walk-shared.ts'

export function isPackable(model: FastTextModel): model is PackableModel {
	const { input, output, pruned } = model
	if (input.kind === 'dense' || output.kind === 'dense') return false
	return pruned === null || isInOrder(pruned)
}

function isInOrder({ ids, rows }: PruneMap): boolean {
	let seen = 0
	return ids.every((id, index) => {
		const row = rows[index] ?? 0
		const isKnown = row < seen
		if (row === seen) seen += 1
		return id >= 0 && (index === 0 || id > (ids[index - 1] ?? 0)) && (isKnown || row === seen - 1)
	})
}

/**
 * @param written the model to write; null when reading
 * @param words of its table of evidence, which are most of its own
 * @param limit most of anything that can be in the model: bytes of its file
 */
export function walkModel(
	coder: Coder,
	written: PackableModel | null,
	{ words: known, limit }: { readonly words: readonly string[]; readonly limit: number },
): PackableModel {
	const count = (value: number | undefined) => {
		const known = coder.plain(value ?? 0)
		if (known > limit) throw damaged(`it says that there are ${known} of something`)
		return known
	}
	const args = walkArgs((value) => coder.plain(value), written?.args)
	const tokens = coder.plain(written?.tokens ?? 0)
	const wordCount = count(written?.words.length)
	const labelCount = count(written?.labels.length)
	const pairs = count(written ? (written.pruned?.ids.length ?? -1) + 1 : 0)
	const words = walkEntries(coder, { count: wordCount, known, limit }, written?.words)
	const labels = walkEntries(coder, { count: labelCount, known: [], limit }, written?.labels)
	const pruned = pairs === 0 ? null : walkPruneMap(coder, pairs - 1, written?.pruned)
	const shape = (matrix: QuantizedMatrix | undefined) => ({
		rows: count(matrix?.rows),
		dim: count(matrix?.columns),
		subDim: count(matrix?.quantizer.subDim),
		hasNorms: count(matrix?.norms ? 1 : 0) === 1,
		limit,
	})
	const input = walkMatrix(coder, { ...shape(written?.input), words: wordCount }, written?.input)
	const output = walkMatrix(coder, { ...shape(written?.output), words: 0 }, written?.output)
	return { args, tokens, words, labels, pruned, input, output }
}

interface EntriesShape {
	readonly count: number
	readonly known: readonly string[]
	readonly limit: number
}

function walkEntries(
	coder: Coder,
	{ count, known, limit }: EntriesShape,
	written: readonly Entry[] | undefined,
): Entry[] {
	return coder.part(WORD_CONTEXTS, (part) => {
		const walk = new WordWalk(part, known, { limit })
		const entries: Entry[] = []
		for (let index = 0; index < count; index += 1) {
			const bytes = walk.word(written?.[index]?.bytes ?? '')
			entries.push({ bytes, count: walk.count(written?.[index]?.count ?? 0) })
		}
		return entries
	})
}

/** Contexts of pairs: of the distance to the next id, and of whether its row is new. */
const DISTANCE = 0
const IS_NEW = 1
const PAIR_CONTEXTS = 2

/** Ids ascend, and rows are numbered as they come: a row is new, or one of those before, each as likely. */
function walkPruneMap(coder: Coder, count: number, written: PruneMap | null | undefined): PruneMap {
	return coder.part(PAIR_CONTEXTS, (part) => {
		const ids = new Int32Array(count)
		const rows = new Int32Array(count)
		let seen = 0
		let id = -1
		for (let index = 0; index < count; index += 1) {
			id += 1 + part.number(DISTANCE, written ? (written.ids[index] ?? 0) - id - 1 : 0)
			if (id > 2 ** 31 - 1) throw damaged('a pair of words has no id')
			ids[index] = id
			const row = written?.rows[index] ?? 0
			const isNew = seen === 0 || part.symbol(IS_NEW, row === seen ? 1 : 0) === 1
			rows[index] = isNew ? seen : part.even(seen, row)
			if (isNew) seen += 1
		}
		return { ids, rows }
	})
}

interface Shape extends MatrixShape {
	/** Rows of words: those of n-grams are shorter. */
	readonly words: number
	readonly limit: number
}

function walkMatrix(
	coder: Coder,
	{ words, limit, ...shape }: Shape,
	written: QuantizedMatrix | undefined,
): QuantizedMatrix {
	const { rows, dim, subDim, hasNorms } = shape
	const subs = countCodes(shape, limit)
	const centroids = walkFloats(coder, dim * CENTROIDS, written?.quantizer.centroids ?? null)
	const norms = hasNorms ? walkNorms(coder, rows, written?.norms) : null
	const codes = walkCodes(coder, { rows, subs, words }, written?.codes)
	const quantizer = { dim, subDim, centroids }
	return { kind: 'quantized', rows, columns: dim, quantizer, codes, norms }
}

function walkNorms(
	coder: Coder,
	rows: number,
	written: QuantizedMatrix['norms'] | undefined,
): NonNullable<QuantizedMatrix['norms']> {
	const centroids = walkFloats(coder, CENTROIDS, written?.quantizer.centroids ?? null)
	const codes = coder.part(1, (part) =>
		Uint8Array.from({ length: rows }, (_, row) => part.symbol(0, written?.codes[row] ?? 0)),
	)
	return { codes, quantizer: { dim: 1, subDim: 1, centroids } }
}

interface CodesShape {
	readonly rows: number
	readonly subs: number
	readonly words: number
}

/** So many rows are walked side by side, so that a decoder need not wait for the code before. */
const ROWS_AT_ONCE = 4
/** Kinds of rows by how large the codes before are: books are sorted, so that a small code stands for a short vector. */
const SIZES = 32
const LONGEST_CODE = 8
const FRACTION_BITS = 16

/** What to expect of a code depends on the kind of row, and on how large the codes before it are. */
function walkCodes(
	coder: Coder,
	{ rows, subs, words }: CodesShape,
	written: Uint8Array | undefined,
): Uint8Array {
	return coder.part(SIZES * 2, (part) => {
		const codes = new Uint8Array(rows * subs)
		const scales = Uint32Array.from({ length: subs }, (_, sub) => scaleOf(sub))
		for (let first = 0; first < rows; first += ROWS_AT_ONCE) {
			const lengths = new Uint32Array(ROWS_AT_ONCE)
			const after = Math.min(rows, first + ROWS_AT_ONCE)
			for (let sub = 0; sub < subs; sub += 1)
				for (let row = first; row < after; row += 1) {
					const sum = lengths[row - first] as number
					const size = (sum * (scales[sub] as number)) >>> FRACTION_BITS
					const context = (row < words ? 0 : SIZES) + size
					const at = row * subs + sub
					const code = part.symbol(context, written ? (written[at] as number) : 0)
					codes[at] = code
					lengths[row - first] = sum + 32 - Math.clz32(code)
				}
		}
		return codes
	})
}

/** What the sum of the lengths of `sub` codes is multiplied by for a size below {@link SIZES}. */
function scaleOf(sub: number): number {
	return sub === 0 ? 0 : Math.floor((SIZES * 2 ** FRACTION_BITS - 1) / (sub * LONGEST_CODE))
}
