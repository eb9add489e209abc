// The labels over which a batch takes its softmax: those of its posts, and some more that are drawn at random.
import { mix64 } from './hash'
import { ownCandidates, ownPositions, ownStamps, sampleAt, Train } from './job'
import { packVector } from './vectors'

/** Candidates that fill up the last panel of 8: no sample can want them. */
const NO_SCORE: f32 = -1e30

export function chooseCandidates(job: Train, thread: u32, first: usize, count: usize, round: u32): usize {
	const stamps = ownStamps(job, thread)
	const positions = ownPositions(job, thread)
	const candidates = ownCandidates(job, thread)
	const stamp = job.step + 1
	let width: usize = 0
	for (let index: usize = 0; index < count; index++)
		width = addCandidate(stamps, positions, candidates, width, sampleAt(job, first, index).label, stamp)
	if (job.negatives >= job.labels) {
		for (let label: u32 = 0; label < job.labels; label++)
			width = addCandidate(stamps, positions, candidates, width, label, stamp)
	} else {
		let state = mix64((<u64>job.seed << 32) ^ (<u64>round << 56) ^ <u64>job.step)
		for (let drawn: u32 = 0; drawn < job.negatives; drawn++) {
			state = mix64(state)
			const label = <u32>(((state >> 32) * <u64>job.labels) >> 32)
			width = addCandidate(stamps, positions, candidates, width, label, stamp)
		}
	}
	const padded = (width + 7) & ~7
	for (let position = width; position < padded; position++)
		store<i32>(candidates + (position << 2), -1)
	return padded
}

// @ts-ignore
@inline
function addCandidate(
	stamps: usize,
	positions: usize,
	candidates: usize,
	width: usize,
	label: u32,
	stamp: u32,
): usize {
	const offset = <usize>label << 2
	if (load<u32>(stamps + offset) == stamp) return width
	store<u32>(stamps + offset, stamp)
	store<u32>(positions + offset, <u32>width)
	store<u32>(candidates + (width << 2), label)
	return width + 1
}

/** Copies the candidates' vectors into both kinds of panels. */
export function packCandidates(job: Train, thread: u32, from: usize, to: usize, width: usize): void {
	const candidates = ownCandidates(job, thread)
	for (let position = from; position < to; position++) {
		const label = load<i32>(candidates + (position << 2))
		const bias = job.candidateBias + (position << 2)
		store<f32>(bias, label < 0 ? NO_SCORE : load<f32>(job.labelBias + (<usize>label << 2)))
		packVector(job.output, label, position, width, job.dim, job.labelPanels, job.dimPanels)
	}
}
