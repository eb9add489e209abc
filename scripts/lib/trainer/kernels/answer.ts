// The most probable labels of titles: what fastText's `predict` finds, for many titles at once.
import { Sample } from './ngrams'
import { multiplyRows } from './products'
import { softmax } from './softmax'
import { meanOfRows } from './vectors'

/** Mirrors ANSWER in layout.ts. */
@unmanaged
export class Answer {
	samples: usize
	sampleCount: u32
	input: usize
	dim: u32
	labels: u32
	/** Labels padded to a multiple of 8. */
	width: u32
	labelPanels: usize
	bias: usize
	batch: u32
	/** How many labels each sample gets; at most `labels`. */
	count: u32
	/** Of each sample its most probable labels, best first, and their probabilities: NaN where a weight is none. */
	places: usize
	scores: usize
	/** Scratch of each worker, `ownBytes` apart: hidden [batch][dim], scores [batch][width]. */
	own: usize
	ownBytes: u32
}

/** Answers the samples [first, first + batch). */
export function answerBatch(job: Answer, thread: u32, first: usize): void {
	const dim: usize = job.dim
	const hidden = job.own + <usize>job.ownBytes * thread
	const products = hidden + ((<usize>job.batch * dim) << 2)
	const count = min<usize>(<usize>job.batch, <usize>job.sampleCount - first)
	for (let index: usize = 0; index < count; index++) {
		const sample = changetype<Sample>(job.samples + (first + index) * offsetof<Sample>())
		// Zeros that a title is diluted with are features here, as fastText has them.
		meanOfRows(sample.features, sample.length, 0, job.input, hidden + ((index * dim) << 2), dim)
	}
	multiplyRows(hidden, dim, job.labelPanels, job.width, job.bias, products, 0, (count + 3) & ~3)
	for (let index: usize = 0; index < count; index++) {
		const row = products + ((index * <usize>job.width) << 2)
		softmax(row, job.width)
		const answer = ((first + index) * <usize>job.count) << 2
		keepBest(row, job.labels, job.places + answer, job.scores + answer, job.count)
	}
}

/** The `count` best of `labels` probabilities by insertion: few labels get past the worst that is kept. Of equal ones the first. */
function keepBest(row: usize, labels: u32, places: usize, scores: usize, count: u32): void {
	const last = <usize>(count - 1) << 2
	let kept: u32 = 0
	for (let label: u32 = 0; label < labels; label++) {
		const score = load<f32>(row + (<usize>label << 2))
		if (kept == count && !(score > load<f32>(scores + last))) continue
		let at = kept < count ? <usize>kept << 2 : last
		for (; at > 0 && score > load<f32>(scores + at - 4); at -= 4) {
			store<f32>(scores + at, load<f32>(scores + at - 4))
			store<u32>(places + at, load<u32>(places + at - 4))
		}
		store<f32>(scores + at, score)
		store<u32>(places + at, label)
		if (kept < count) kept++
	}
}
