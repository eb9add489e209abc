// The label that a vector speaks for most, for many vectors.
import { multiplyRows } from './products'

/** Mirrors TOP_LABELS in layout.ts. */
@unmanaged
export class TopLabels {
	/** Vectors of `dim` floats. */
	vectors: usize
	vectorCount: u32
	dim: u32
	/** Labels padded to a multiple of 8. */
	width: u32
	labelPanels: usize
	bias: usize
	batch: u32
	/** For each vector its label. */
	found: usize
	/** Scratch of each worker, `ownBytes` apart: vectors [batch][dim], scores [batch][width]. */
	own: usize
	ownBytes: u32
}

/** Finds those of the vectors [first, first + batch), as if each were a post of one feature. */
export function topLabelBatch(job: TopLabels, thread: u32, first: usize): void {
	const dim: usize = job.dim
	const vectors = job.own + <usize>job.ownBytes * thread
	const scores = vectors + ((<usize>job.batch * dim) << 2)
	const count = min<usize>(<usize>job.batch, <usize>job.vectorCount - first)
	// A copy, because the products read whole tiles, also behind the last vector.
	memory.copy(vectors, job.vectors + ((first * dim) << 2), (count * dim) << 2)
	multiplyRows(vectors, dim, job.labelPanels, job.width, job.bias, scores, 0, (count + 3) & ~3)
	for (let index: usize = 0; index < count; index++)
		store<i32>(job.found + ((first + index) << 2), highest(scores + ((index * <usize>job.width) << 2), job.width))
}

function highest(scores: usize, width: usize): i32 {
	let best: f32 = -Infinity
	let at: i32 = 0
	for (let label: usize = 0; label < width; label++) {
		const score = load<f32>(scores + (label << 2))
		if (score > best) {
			best = score
			at = <i32>label
		}
	}
	return at
}
