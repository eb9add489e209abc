// Where the right label stands among all labels, for each sample of a file: what recall@k and the loss are counted from.
import { Sample } from './ngrams'
import { multiplyRows } from './products'
import { meanOfRows } from './vectors'

/** Mirrors RANK in layout.ts. */
@unmanaged
export class Rank {
	samples: usize
	sampleCount: u32
	input: usize
	dim: u32
	/** Labels padded to a multiple of 8. */
	width: u32
	labelPanels: usize
	bias: usize
	batch: u32
	/** For each sample how many labels score higher than the right one, or -1 where there is no right one, or nothing to go by. */
	ranks: usize
	/** Scratch of each worker, `ownBytes` apart: hidden [batch][dim], scores [batch][width]. */
	own: usize
	ownBytes: u32
	/** Zero vectors that the mean counts beside the features. */
	dilution: f32
}

/** Ranks the samples [first, first + batch). */
export function rankBatch(job: Rank, thread: u32, first: usize): void {
	const dim: usize = job.dim
	const hidden = job.own + <usize>job.ownBytes * thread
	const scores = hidden + ((<usize>job.batch * dim) << 2)
	const count = min<usize>(<usize>job.batch, <usize>job.sampleCount - first)
	for (let index: usize = 0; index < count; index++) {
		const sample = sampleAt(job, first + index)
		meanOfRows(sample.features, sample.length, job.dilution, job.input, hidden + ((index * dim) << 2), dim)
	}
	multiplyRows(hidden, dim, job.labelPanels, job.width, job.bias, scores, 0, (count + 3) & ~3)
	for (let index: usize = 0; index < count; index++) {
		const sample = sampleAt(job, first + index)
		const row = scores + ((index * <usize>job.width) << 2)
		// Without a feature all labels score the same, and none would stand before the right one.
		const rank = sample.label < 0 || sample.length == 0 ? -1 : rankOf(row, job.width, sample.label)
		store<i32>(job.ranks + ((first + index) << 2), rank)
	}
}

// @ts-ignore
@inline
function sampleAt(job: Rank, index: usize): Sample {
	return changetype<Sample>(job.samples + index * offsetof<Sample>())
}

function rankOf(scores: usize, width: usize, label: usize): i32 {
	const score = load<f32>(scores + (label << 2))
	// Nothing is higher than what is no number, which would make a perfect rank.
	if (!(abs(score) < Infinity)) return -1
	const wanted = f32x4.splat(score)
	let higher = i32x4.splat(0)
	for (let s = scores; s < scores + (width << 2); s += 16)
		higher = i32x4.sub(higher, f32x4.gt(v128.load(s), wanted))
	return (
		i32x4.extract_lane(higher, 0) +
		i32x4.extract_lane(higher, 1) +
		i32x4.extract_lane(higher, 2) +
		i32x4.extract_lane(higher, 3)
	)
}

/**
 * The label that each vector of `input` speaks for most: vectors [first, first + batch), as if each were a post of one
 * feature. `ranks` takes the labels, `sampleCount` is the number of vectors.
 */
export function labelBatch(job: Rank, thread: u32, first: usize): void {
	const dim: usize = job.dim
	const hidden = job.own + <usize>job.ownBytes * thread
	const scores = hidden + ((<usize>job.batch * dim) << 2)
	const count = min<usize>(<usize>job.batch, <usize>job.sampleCount - first)
	// A copy, because the products read whole tiles, also behind the last vector.
	memory.copy(hidden, job.input + ((first * dim) << 2), (count * dim) << 2)
	multiplyRows(hidden, dim, job.labelPanels, job.width, job.bias, scores, 0, (count + 3) & ~3)
	for (let index: usize = 0; index < count; index++)
		store<i32>(job.ranks + ((first + index) << 2), highest(scores + ((index * <usize>job.width) << 2), job.width))
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
