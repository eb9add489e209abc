// Measures a model file on titles in fastText's text format, with the trainer's kernels: many times faster than one by one.

import type { FastTextModel } from '../../../src/model/fasttext/format.ts'
import type { Effects } from '../effects.ts'
import { readCorpus } from './corpus.ts'
import { Crew } from './crew.ts'
import { dilutionOf } from './dilution.ts'
import { readModelFile, vocabularyOf } from './model-file.ts'
import { createRowReader, preciseDim } from './precise.ts'
import { measureRecall, type Recall } from './ranking.ts'
import { encodeSamples, indexNgrams } from './samples.ts'
import { resolveCorpus } from './vocabulary.ts'
import { createWeights, type Weights } from './weights.ts'

export interface MeasureJob {
	readonly modelFile: string
	/** All lines count: those with an unknown label, or without a known word, are misses. */
	readonly testFile: string
	readonly threads: number
}

/** Recall of a model that this engine wrote. @throws AppError `not-found`, `damaged`, `out-of-memory` */
export async function measureModelFile(job: MeasureJob, effects: Effects): Promise<Recall> {
	const model = await readModelFile(job.modelFile)
	const crew = await Crew.start(job.threads, effects.signal)
	try {
		const vocabulary = vocabularyOf(model)
		const corpus = await readCorpus(crew, job.testFile)
		resolveCorpus(corpus, vocabulary)
		const index = await indexNgrams(crew, vocabulary)
		const samples = await encodeSamples(crew, corpus, vocabulary, index)
		corpus.free()
		const dilution = dilutionOf(vocabulary)
		return await measureRecall(crew, await loadWeights(crew, model), samples, dilution)
	} finally {
		await crew.stop()
	}
}

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
