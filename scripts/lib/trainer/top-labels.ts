// The label that each feature speaks for most.
import type { Crew } from './crew.ts'
import { packLabels } from './label-panels.ts'
import { TOP_LABELS } from './layout.ts'
import type { Weights } from './weights.ts'

const BATCH = 64

/** For each row of the input matrix from `first` on, the label that it speaks for most. */
export async function topLabels(crew: Crew, weights: Weights, first: number): Promise<Int32Array> {
	const { arena } = crew
	const { input, rows, stride } = weights
	const vectorCount = rows - first
	const packed = await packLabels(crew, weights, BATCH)
	const found = arena.take(vectorCount * 4, 'the labels of features')
	const job = crew.struct(TOP_LABELS, {
		...packed,
		vectors: input + first * stride * 4,
		vectorCount,
		dim: stride,
		batch: BATCH,
		found,
	})
	await crew.runAll((thread) => ({
		mode: 'sweep',
		kernel: 'topLabelBatch',
		args: [job.address, thread],
		from: thread * BATCH,
		to: vectorCount,
		step: BATCH * crew.threads,
	}))
	const labels = new Int32Array(crew.buffer, found, vectorCount).slice()
	arena.free(packed.labelPanels, packed.bias, packed.own, found, job.address)
	return labels
}
