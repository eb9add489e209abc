// Which subreddits a model takes for alike: its vectors of labels, as they lie in the model's file. Pure: browser and Node.
import { decodeRow, type FastTextModel, type Matrix } from './fasttext/format.ts'
import { readModel } from './fasttext/read.ts'
import { fromUtf8 } from './features.ts'
import { labelName } from './training-text.ts'

export interface Nearby {
	/** Without `r/`. */
	readonly subreddit: string
	/** The cosine of the two vectors, less the mean of all: 1 for the same direction. */
	readonly likeness: number
}

export class LabelVectors {
	readonly #labels: readonly string[]
	readonly #vectors: Matrix
	/** Of all labels: what they have in common tells none from another. */
	readonly #mean: Float32Array

	/** Keeps the vectors as they are packed, and nothing else of the model. */
	constructor({ labels, output }: Pick<FastTextModel, 'labels' | 'output'>) {
		this.#labels = labels.map(({ bytes }) => labelName(fromUtf8(bytes)))
		this.#vectors = output
		this.#mean = new Float32Array(output.columns)
		for (const [, vector] of this.#rows())
			for (const [k, value] of vector.entries())
				this.#mean[k] = (this.#mean[k] ?? 0) + value / this.#labels.length
	}

	/** @param file of a model @throws AppError as `readModel` */
	static read(file: Uint8Array): LabelVectors {
		return new LabelVectors(readModel(file))
	}

	/** The `count` nearest subreddits, nearest first, without itself; none where the model has not learnt it. */
	nearest(subreddit: string, count: number): Nearby[] {
		const place = this.#labels.indexOf(subreddit)
		if (place === -1) return []
		const own = new Float32Array(this.#vectors.columns)
		decodeRow(this.#vectors, place, own)
		const found: Nearby[] = []
		for (const [label, vector] of this.#rows())
			if (label !== place)
				found.push({
					subreddit: this.#labels[label] ?? '',
					likeness: cosine(own, vector, this.#mean),
				})
		return found.sort((a, b) => b.likeness - a.likeness).slice(0, count)
	}

	/** One vector after the other, each in the same place. */
	*#rows(): Generator<[label: number, vector: Float32Array]> {
		const vector = new Float32Array(this.#vectors.columns)
		for (let label = 0; label < this.#labels.length; label += 1) {
			decodeRow(this.#vectors, label, vector)
			yield [label, vector]
		}
	}
}

function cosine(a: Float32Array, b: Float32Array, mean: Float32Array): number {
	let [product, squareA, squareB] = [0, 0, 0]
	for (let k = 0; k < mean.length; k += 1) {
		const one = (a[k] ?? 0) - (mean[k] ?? 0)
		const other = (b[k] ?? 0) - (mean[k] ?? 0)
		product += one * other
		squareA += one * one
		squareB += other * other
	}
	return product / (Math.sqrt(squareA * squareB) || 1)
}
