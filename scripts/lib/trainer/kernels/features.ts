// The features of a batch in lists of their own: samples lie scattered in memory, and a list says early which rows come.
import { mix64 } from './hash'
import { lengthAt, ownFeatures, ownRange, ownWork, sampleAt, Train } from './job'
import { Sample } from './ngrams'

/** A row is asked for this many rows before it is needed: loads stand in for a prefetch, which WebAssembly lacks. */
export const AHEAD: usize = 4 << 2
export const WORK_AHEAD: usize = 4 << 3
const MOST_PIECE_WORDS: u64 = 6

/**
 * Lists the rows of a worker's samples, one sample after the other. For a share of the samples only a piece of the title is
 * listed, another one in each epoch, so that short titles are learnt, too.
 */
export function listFeatures(job: Train, thread: u32, epoch: u32, first: usize, count: usize): void {
	const to = min(count, ownRange(count, thread + 1, job.threads))
	let place = ownFeatures(job, thread)
	for (let index = ownRange(count, thread, job.threads); index < to; index++) {
		const sample = sampleAt(job, first, index)
		const start = place
		// The same sample in the same epoch gets the same piece, whichever worker lists it.
		const number = load<u32>(job.order + ((first + index) << 2))
		const bits = mix64((<u64>job.seed << 40) ^ (<u64>epoch << 32) ^ <u64>number)
		if (chanceOf(bits) < job.pieceShare) place = listPiece(job, sample, place, bits)
		if (place == start) place = listAll(sample, place)
		store<u32>(lengthAt(job, index), <u32>((place - start) >> 2))
	}
	// What follows the list is asked for ahead, too: any row will do.
	for (const end = place + AHEAD; place < end; place += 4) store<u32>(place, 0)
}

// @ts-ignore
@inline
function chanceOf(bits: u64): f32 {
	return <f32>(bits & 0xffffff) / <f32>0x1000000
}

function listAll(sample: Sample, place: usize): usize {
	const bytes = <usize>sample.length << 2
	memory.copy(place, sample.features, bytes)
	return place + bytes
}

/**
 * Lists 1 to MOST_PIECE_WORDS neighbouring words of a sample and their n-grams, from its beginning half of the time.
 *
 * @returns `place` where the sample has no more words than the piece would have
 */
function listPiece(job: Train, sample: Sample, place: usize, bits: u64): usize {
	const end = <usize>sample.features + (<usize>sample.length << 2)
	const words = countWords(job, sample, end)
	const wanted: u32 = 1 + <u32>((bits >> 24) % MOST_PIECE_WORDS)
	if (words <= wanted) return place
	const more = mix64(bits)
	const before: u32 = (more & 1) == 0 ? 0 : <u32>((more >> 24) % <u64>(words - wanted + 1))
	let word: u32 = 0
	for (let feature: usize = sample.features; feature < end; feature += 4) {
		const row = load<u32>(feature)
		const isWord = row < job.firstNgram
		word += isWord ? 1 : 0
		if (word > before + wanted) break
		// An n-gram stands behind its last word: with the first word of the piece it reaches out of it.
		if (word <= before || (!isWord && word == before + 1)) continue
		store<u32>(place, row)
		place += 4
	}
	return place
}

function countWords(job: Train, sample: Sample, end: usize): u32 {
	let words: u32 = 0
	for (let feature: usize = sample.features; feature < end; feature += 4)
		words += load<u32>(feature) < job.firstNgram ? 1 : 0
	return words
}

/**
 * Lists what a worker is to change, in the order of the samples: row in the lower half, sample in the upper.
 *
 * @returns where the list ends
 */
export function listWork(job: Train, thread: u32, count: usize): usize {
	const threads = job.threads
	let place = ownWork(job, thread)
	for (let source: u32 = 0; source < threads; source++) {
		const to = min(count, ownRange(count, source + 1, threads))
		let feature = ownFeatures(job, source)
		for (let index = ownRange(count, source, threads); index < to; index++) {
			const upper = <u64>index << 32
			for (const end = feature + (<usize>load<u32>(lengthAt(job, index)) << 2); feature < end; feature += 4) {
				const row = load<u32>(feature)
				// Without a branch, which nobody could predict.
				store<u64>(place, upper | <u64>row)
				place += ownerOf(row, threads) == thread ? 8 : 0
			}
		}
	}
	const end = place
	for (; place < end + WORK_AHEAD; place += 8) store<u64>(place, 0)
	return end
}

/** Frequent rows have low numbers: a hash shares them out more evenly than a remainder would. */
// @ts-ignore
@inline
function ownerOf(row: u32, threads: u32): u32 {
	return <u32>((<u64>(row * 0x9e3779b1) * <u64>threads) >> 32)
}

/** Asks for the row that is `AHEAD` of the feature at `place`. */
// @ts-ignore
@inline
export function askAhead(place: usize, input: usize, dim: usize): u32 {
	return touch(input + ((<usize>load<u32>(place + AHEAD) * dim) << 2), dim)
}

// @ts-ignore
@inline
export function askWorkAhead(place: usize, job: Train): u32 {
	const row = <usize>load<u32>(place + WORK_AHEAD)
	return load<u32>(job.inputSteps + (row << 3)) ^ touch(job.input + ((row * job.dim) << 2), job.dim)
}

// @ts-ignore
@inline
function touch(row: usize, dim: usize): u32 {
	let sink: u32 = 0
	for (let line = row; line < row + (dim << 2); line += 64) sink ^= load<u32>(line)
	return sink
}
