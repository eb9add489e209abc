// Label vectors as the kernels multiply with them, and the room that the products of a batch take.
import type { Crew } from './crew.ts'
import { VECTOR, type Weights } from './weights.ts'

const PURPOSE = 'the scores of labels'

/** Fields of TOP_LABELS and ANSWER in layout.ts. Free all three addresses. */
export interface LabelPanels {
	readonly width: number
	readonly labelPanels: number
	readonly bias: number
	/** Each worker's scratch for a batch: hidden vectors and scores. */
	readonly own: number
	readonly ownBytes: number
}

/** @param batch how many titles a worker multiplies with the labels at once */
export async function packLabels(
	crew: Crew,
	{ labels, stride, output }: Weights,
	batch: number,
): Promise<LabelPanels> {
	const width = Math.ceil(labels / VECTOR) * VECTOR
	const ownBytes = batch * (stride + width) * 4
	const labelPanels = crew.arena.take(width * stride * 4, PURPOSE)
	const bias = crew.arena.take(width * 4, PURPOSE)
	const own = crew.arena.take(ownBytes * crew.threads, PURPOSE)
	const args = [output, labels, width, stride, labelPanels, bias]
	await crew.run(0, { mode: 'once', kernel: 'packLabels', args })
	return { width, labelPanels, bias, own, ownBytes }
}
