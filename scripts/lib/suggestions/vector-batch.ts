// What a model's vectors say to many titles: the engine's own answers to the last bit, in a tenth of its time.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Candidates, readCandidates } from '../../../src/model/candidates.ts'
import { decodeRow, type FastTextModel, type Matrix } from '../../../src/model/fasttext/format.ts'
import { FeatureFinder } from '../../../src/model/features.ts'
import { compileAssemblyScript } from '../assemblyscript.ts'

const KERNELS = resolve(import.meta.dirname, 'batch-kernels')
/** Titles that are multiplied with the labels at once: a multiple of 4. */
const BATCH = 32
const PAGE = 65_536

interface Kernels {
	readonly memory: Pick<WebAssembly.Memory, 'buffer' | 'grow'>
	heapBase(): number
	packPanels(vectors: number, labels: number, dim: number, panels: number): void
	multiply(
		hidden: number,
		titles: number,
		dim: number,
		panels: number,
		width: number,
		products: number,
	): void
	answer(scores: number, labels: number, count: number, best: number, scratch: number): void
}

/** Where things lie in the kernels' memory. */
interface Places {
	readonly panels: number
	readonly hidden: number
	readonly products: number
	readonly best: number
	readonly scratch: number
}

/**
 * Whether the kernels compute what the engine does with a model. Other losses are no softmax over all labels, and the norm of a
 * label's vector is multiplied in at the end.
 */
export function canBatch({ args, output }: FastTextModel): boolean {
	return args.loss === 'softmax' && (output.kind === 'dense' || !output.norms)
}

export async function compileBatchKernels(): Promise<WebAssembly.Module> {
	const path = await compileAssemblyScript(KERNELS, ['--enable=simd'])
	return WebAssembly.compile(await readFile(path))
}

export class VectorBatch {
	readonly #kernels: Kernels
	readonly #finder: FeatureFinder
	readonly #input: Matrix
	/** How many it has. */
	readonly #labels: number
	readonly #width: number
	readonly #places: Places

	private constructor(kernels: Kernels, model: FastTextModel) {
		this.#kernels = kernels
		this.#finder = new FeatureFinder(model)
		this.#input = model.input
		this.#labels = model.labels.length
		this.#width = Math.ceil(this.#labels / 8) * 8
		this.#places = this.#takePlaces()
		this.#pack(model.output)
	}

	/** @param model for which {@link canBatch} holds */
	static async open(model: FastTextModel): Promise<VectorBatch> {
		const { exports } = new WebAssembly.Instance(await compileBatchKernels())
		return new VectorBatch(exports as unknown as Kernels, model)
	}

	/**
	 * As `Engine.predictByVectors` for each.
	 *
	 * @param texts as the engine is asked, with their padding; each with a word that the model knows
	 * @throws AppError `damaged` where a weight of the model is no number
	 */
	*predict(texts: readonly string[], count: number): Generator<Candidates> {
		for (let from = 0; from < texts.length; from += BATCH) {
			const batch = texts.slice(from, from + BATCH)
			this.#multiply(batch)
			for (const index of batch.keys()) yield this.#answer(index, count)
		}
	}

	#multiply(texts: readonly string[]): void {
		const { hidden, panels, products } = this.#places
		const dim = this.#input.columns
		for (const [index, text] of texts.entries()) this.#average(text, hidden + index * dim * 4)
		const titles = Math.ceil(texts.length / 4) * 4
		this.#kernels.multiply(hidden, titles, dim, panels, this.#width, products)
	}

	/** The mean of the vectors of a title's features. */
	#average(text: string, address: number): void {
		const rows = this.#finder.findRows(text)
		const hidden = this.#floats(address, this.#input.columns).fill(0)
		const vector = new Float32Array(hidden.length)
		for (const row of rows) {
			decodeRow(this.#input, row, vector)
			for (let k = 0; k < hidden.length; k += 1)
				hidden[k] = (hidden[k] as number) + (vector[k] as number)
		}
		const share = Math.fround(1 / rows.length)
		for (let k = 0; k < hidden.length; k += 1) hidden[k] = (hidden[k] as number) * share
	}

	#answer(index: number, count: number): Candidates {
		const { products, best, scratch } = this.#places
		const found = Math.min(count, this.#labels)
		this.#kernels.answer(products + index * this.#width * 4, this.#labels, found, best, scratch)
		const places = new Uint32Array(this.#kernels.memory.buffer, best, found)
		return readCandidates(places, this.#floats(best + found * 4, found))
	}

	#takePlaces(): Places {
		const dim = this.#input.columns
		const count = this.#labels
		const start = Math.ceil(this.#kernels.heapBase() / 16) * 16
		const panels = start
		const hidden = panels + this.#width * dim * 4
		const products = hidden + BATCH * dim * 4
		const best = products + BATCH * this.#width * 4
		const scratch = Math.ceil((best + count * 8) / 16) * 16
		const end = scratch + (count + 1) * 8
		const { memory } = this.#kernels
		memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / PAGE)))
		return { panels, hidden, products, best, scratch }
	}

	/** The products' place holds the rows meanwhile. */
	#pack(output: Matrix): void {
		const { panels, products } = this.#places
		const dim = this.#input.columns
		const lines = 8
		for (let row = 0; row < output.rows; row += lines) {
			const count = Math.min(lines, output.rows - row)
			for (let line = 0; line < count; line += 1)
				decodeRow(output, row + line, this.#floats(products + line * dim * 4, dim))
			this.#kernels.packPanels(products, count, dim, panels + row * dim * 4)
		}
	}

	#floats(address: number, length: number): Float32Array {
		return new Float32Array(this.#kernels.memory.buffer, address, length)
	}
}
