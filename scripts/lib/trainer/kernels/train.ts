// One batch of mini-batch Adagrad on a softmax over the labels of the batch and some more that the whole batch shares.
// Samples, labels and rows each have one owner among the workers, and sums run in the order of the samples: the same
// bits come out with any number of workers.
import { barrier } from './barrier'
import { chooseCandidates, packCandidates } from './candidates'
import { askAhead, listFeatures } from './features'
import { computeGradient } from './gradient'
import { lengthAt, ownFeatures, ownRange, Train } from './job'
import { updateInput, updateOutput } from './updates'
import { meanOfRows } from './vectors'

/**
 * Trains on the batch that starts at `first` of the order. All workers call it with the same arguments but `thread`.
 *
 * @returns 0, or 1 where a loss is not finite
 */
export function trainBatch(job: Train, thread: u32, round: u32, first: usize): u32 {
	const count = min<usize>(<usize>job.batch, <usize>job.orderCount - first)
	const from = ownRange(count, thread, job.threads)
	const to = ownRange(count, thread + 1, job.threads)
	const width = chooseCandidates(job, thread, first, count, round)
	const panels = width >> 3
	const labelFrom = ((panels * thread) / job.threads) << 3
	const labelTo = ((panels * (thread + 1)) / job.threads) << 3
	// Read before the first barrier: the first worker counts the step while others still update.
	const rate = rateAt(job)

	listFeatures(job, thread, round, first, count)
	gatherHidden(job, thread, count, from, to)
	packCandidates(job, thread, labelFrom, labelTo, width)
	barrier(job.barrier, job.threads)

	computeGradient(job, thread, first, count, from, to, width)
	barrier(job.barrier, job.threads)

	updateOutput(job, thread, count, labelFrom, labelTo, width, job.outputRate * rate)
	updateInput(job, thread, count, job.inputRate * rate)
	if (thread == 0) sumLosses(job, count)
	barrier(job.barrier, job.threads)
	return job.broken
}

function rateAt(job: Train): f32 {
	const done: f32 = <f32>job.step / <f32>job.steps
	const decayed: f32 = <f32>1 - (<f32>1 - job.lastRate) * done
	return job.step < job.warmup ? (decayed * <f32>(job.step + 1)) / <f32>job.warmup : decayed
}

/** Mean of the vectors of each sample's features; zero for the samples that fill up the last tile. */
function gatherHidden(job: Train, thread: u32, count: usize, from: usize, to: usize): void {
	const dim: usize = job.dim
	let features = ownFeatures(job, thread)
	let sink: u32 = 0
	for (let index = from; index < to; index++) {
		const hidden = job.hidden + ((index * dim) << 2)
		if (index >= count) memory.fill(hidden, 0, dim << 2)
		else {
			const length = load<u32>(lengthAt(job, index))
			const next = features + (<usize>length << 2)
			for (let place = features; place < next; place += 4) sink ^= askAhead(place, job.input, dim)
			meanOfRows(features, length, job.dilution, job.input, hidden, dim)
			features = next
		}
		for (let k: usize = 0; k < dim; k += 8) {
			const panel = job.hiddenPanels + (((k >> 3) * <usize>job.panelRows + index) << 5)
			v128.store(panel, v128.load(hidden + (k << 2)))
			v128.store(panel, v128.load(hidden + (k << 2), 16), 16)
		}
	}
	if (from < to) store<u32>(job.losses + (from << 2), sink)
}

function sumLosses(job: Train, count: usize): void {
	let sum: f64 = 0
	for (let index: usize = 0; index < count; index++) sum += <f64>load<f32>(job.losses + (index << 2))
	job.lossSum += sum
	job.lossCount += <u32>count
	if (!(sum < Infinity && sum > -Infinity)) job.broken = 1
	job.step++
}
