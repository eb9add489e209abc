// The vectors of a model file in the shared memory, as the kernels read them.
import type { FastTextModel } from '../../../src/model/fasttext/format.ts'
import type { Crew } from './crew.ts'
import { createRowReader, preciseDim } from './precise.ts'
import { createWeights, type Weights } from './weights.ts'

/** The vectors behind a model's matrices, as floats. */
export async function loadWeights(crew: Crew, model: FastTextModel): Promise<Weights> {
	const shape = { rows: model.input.rows, labels: model.output.rows, dim: preciseDim(model) }
	const weights = await createWeights(crew, { ...shape, seed: 0 })
	const { stride, dim } = weights
	const read = createRowReader(model)
	for (const name of ['input', 'output'] as const) {
		const data = crew.float32(weights[name], model[name].rows * stride)
		for (let row = 0; row < model[name].rows; row += 1)
			read(name, row, data.subarray(row * stride, row * stride + dim))
	}
	return weights
}
