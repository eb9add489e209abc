// The gradient of a batch: scores of the candidate labels, the errors of softmax with cross-entropy, and what these send back
// to the mean vector of each sample. The gradient of a label's vector is summed where it is used, in updates.ts.
import { lengthAt, ownPositions, sampleAt, Train } from './job'
import { multiplyRows } from './products'
import { softmaxErrors } from './softmax'
import { meanSquare } from './vectors'

/** For the samples [from, to) of the batch, which this worker owns; those from `count` on only fill up the last tile. */
export function computeGradient(
	job: Train,
	thread: u32,
	first: usize,
	count: usize,
	from: usize,
	to: usize,
	width: usize,
): void {
	if (from == to) return
	const dim: usize = job.dim
	const positions = ownPositions(job, thread)
	multiplyRows(job.hidden, dim, job.labelPanels, width, job.candidateBias, job.errors, from, to)
	for (let index = from; index < to; index++) {
		const row = job.errors + ((index * width) << 2)
		if (index >= count) {
			memory.fill(row, 0, width << 2)
			continue
		}
		const label = sampleAt(job, first, index).label
		const target = load<u32>(positions + (<usize>label << 2))
		store<f32>(job.losses + (index << 2), softmaxErrors(row, width, target))
	}
	multiplyRows(job.errors, width, job.dimPanels, dim, 0, job.gradient, from, to)
	for (let index = from; index < min(to, count); index++) {
		const share: f32 = 1 / (<f32>load<u32>(lengthAt(job, index)) + job.dilution)
		const square = meanSquare(job.gradient + ((index * dim) << 2), dim) * share * share
		store<f32>(job.squares + (index << 2), square)
	}
}
