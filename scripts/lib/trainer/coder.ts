// Vectors → codes of product quantisation, where a code is cheaper the more often it is used: what the packing makes of
// them counts, not eight bits each.
import { CENTROIDS, type QuantizedMatrix } from '../../../src/model/fasttext/format.ts'
import type { Crew } from './crew.ts'
import { QUANTIZE } from './layout.ts'
import type { Struct } from './struct.ts'

const SAMPLE_ROWS = 20_000
const MIN_BITS = 0.1
const MAX_BITS = 15
const START_BITS = 5

export interface CoderOptions {
	/** Address of the vectors, `stride` floats apart. */
	readonly rows: number
	readonly rowCount: number
	readonly stride: number
	readonly dim: number
	readonly subDim: number
	/** How much an error in each vector counts. */
	readonly weights: Float32Array
}

/** The books of all parts of a vector, with what each code costs. */
export interface Books {
	readonly books: Float32Array<ArrayBuffer>
	readonly bits: Float32Array<ArrayBuffer>
}

/** Learns books of codes and writes vectors with them. Free it at the end. */
export class Coder {
	readonly #crew: Crew
	readonly #options: CoderOptions
	readonly #job: Struct<typeof QUANTIZE>
	readonly #subs: number
	readonly #bookFloats: number
	readonly #places: { books: number; prices: number; weights: number; codes: number }
	#bits = new Float32Array(CENTROIDS).fill(START_BITS)

	constructor(crew: Crew, options: CoderOptions) {
		const { rowCount, dim, subDim, weights } = options
		this.#crew = crew
		this.#options = options
		this.#subs = Math.ceil(dim / subDim)
		this.#bookFloats = CENTROIDS * (4 + 2 * subDim)
		const take = (bytes: number) => crew.arena.take(bytes, 'the codes')
		this.#places = {
			books: take(this.#subs * this.#bookFloats * 4),
			prices: take(rowCount * 4),
			weights: take(rowCount * 4),
			codes: take(rowCount * this.#subs),
		}
		crew.float32(this.#places.weights, rowCount).set(weights)
		const { books, prices } = this.#places
		const { rows, stride } = options
		this.#job = crew.struct(QUANTIZE, {
			rows,
			rowCount,
			stride,
			prices,
			weights: this.#places.weights,
			books,
			bookFloats: this.#bookFloats,
			subDim,
			dim,
			subCount: this.#subs,
		})
		this.#fillBooks()
	}

	/** Moves the centroids `rounds` times. @param price of a bit, in weighted squared distance */
	async learn(price: number, rounds: number): Promise<void> {
		this.#setPrice(price)
		const step = Math.max(1, Math.floor(this.#options.rowCount / SAMPLE_ROWS))
		this.#job.set({ step, codes: 0, learn: 1 })
		for (let round = 0; round < rounds; round += 1) {
			await this.#sweep()
			this.#sortBooks()
		}
	}

	/** What {@link learn} has learnt so far. */
	keepBooks(): Books {
		return { books: Float32Array.from(this.#allBooks()), bits: this.#bits }
	}

	/** Goes back to what was learnt before. */
	restoreBooks({ books, bits }: Books): void {
		this.#allBooks().set(books)
		this.#bits = bits
	}

	/** Codes of all vectors. */
	async encode(price: number): Promise<QuantizedMatrix> {
		this.#setPrice(price)
		this.#job.set({ step: 1, codes: this.#places.codes, learn: 0 })
		await this.#sweep()
		const { rowCount, dim, subDim } = this.#options
		const codes = new Uint8Array(this.#crew.buffer, this.#places.codes, rowCount * this.#subs)
		return {
			kind: 'quantized',
			rows: rowCount,
			columns: dim,
			norms: null,
			codes: codes.slice(),
			quantizer: { dim, subDim, centroids: this.#centroids() },
		}
	}

	free(): void {
		this.#crew.arena.free(...Object.values(this.#places), this.#job.address)
	}

	#setPrice(price: number): void {
		const { weights, rowCount } = this.#options
		const prices = this.#crew.float32(this.#places.prices, rowCount)
		for (let row = 0; row < rowCount; row += 1)
			prices[row] = price / Math.max(1e-9, weights[row] ?? 0)
	}

	async #sweep(): Promise<void> {
		const { threads } = this.#crew
		await this.#crew.runAll((thread) => ({
			mode: 'sweep',
			kernel: 'quantizeSub',
			args: [this.#job.address],
			from: thread,
			to: this.#subs,
			step: threads,
		}))
	}

	#book(sub: number): Float32Array {
		return this.#crew.float32(this.#places.books + sub * this.#bookFloats * 4, this.#bookFloats)
	}

	#allBooks(): Float32Array {
		return this.#crew.float32(this.#places.books, this.#subs * this.#bookFloats)
	}

	// Vectors from all over the file to start with, and zero, the cheapest for what hardly matters.
	#fillBooks(): void {
		const { rows, rowCount, stride, dim, subDim } = this.#options
		const data = this.#crew.float32(rows, rowCount * stride)
		for (let sub = 0; sub < this.#subs; sub += 1) {
			const book = this.#book(sub)
			book.set(this.#bits)
			for (let code = 1; code < CENTROIDS; code += 1) {
				const row = Math.floor((rowCount * code) / CENTROIDS)
				for (let k = 0; k < subDim && sub * subDim + k < dim; k += 1)
					book[CENTROIDS * (2 + k) + code] = data[row * stride + sub * subDim + k] ?? 0
			}
		}
	}

	/** Often used codes get small numbers: the packing learns from the codes before what size to expect of the next. */
	#sortBooks(): void {
		const { subDim } = this.#options
		const uses = new Float64Array(CENTROIDS)
		for (let sub = 0; sub < this.#subs; sub += 1) {
			const book = this.#book(sub)
			const counts = book.slice(CENTROIDS * (3 + subDim), CENTROIDS * (4 + subDim))
			const order = Array.from(counts, (_, code) => code)
			order.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b)
			for (let k = 0; k < subDim; k += 1) {
				const old = book.slice(CENTROIDS * (2 + k), CENTROIDS * (3 + k))
				for (const [rank, code] of order.entries())
					book[CENTROIDS * (2 + k) + rank] = old[code] ?? 0
			}
			for (const [rank, code] of order.entries())
				uses[rank] = (uses[rank] ?? 0) + (counts[code] ?? 0)
		}
		const total = uses.reduce((sum, count) => sum + count, 0)
		this.#bits = Float32Array.from(uses, (count) =>
			Math.min(MAX_BITS, Math.max(MIN_BITS, -Math.log2((count + 0.1) / total))),
		)
		for (let sub = 0; sub < this.#subs; sub += 1) this.#book(sub).set(this.#bits)
	}

	#centroids(): Float32Array {
		const { dim, subDim } = this.#options
		const centroids = new Float32Array(dim * CENTROIDS)
		for (let sub = 0; sub < this.#subs; sub += 1) {
			const book = this.#book(sub)
			const length = Math.min(subDim, dim - sub * subDim)
			for (let code = 0; code < CENTROIDS; code += 1)
				for (let k = 0; k < length; k += 1)
					centroids[sub * subDim * CENTROIDS + code * length + k] = shortFloat(
						book[CENTROIDS * (2 + k) + code] ?? 0,
					)
		}
		return centroids
	}
}

const scratch = new Uint32Array(1)
const scratchFloat = new Float32Array(scratch.buffer)

/** Rounded to 8 bits of mantissa: two of its bytes are zero, and packing sends half of it. */
export function shortFloat(value: number): number {
	scratchFloat[0] = value
	scratch[0] = ((scratch[0] ?? 0) + 0x8000) & 0xffff0000
	return scratchFloat[0] ?? 0
}
