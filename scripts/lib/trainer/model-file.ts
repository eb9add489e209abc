// Models on disk: from the trainer's weights to a file that fastText reads, and back.

import type {
	DenseMatrix,
	Entry,
	FastTextArgs,
	FastTextModel,
	Matrix,
	PruneMap,
} from '../../../src/model/fasttext/format.ts'
import { readModel } from '../../../src/model/fasttext/read.ts'
import { writeModel } from '../../../src/model/fasttext/write.ts'
import { LABEL_PREFIX } from '../../../src/model/training-text.ts'
import { readBytes, replaceFile, storageError } from '../files.ts'
import type { Crew } from './crew.ts'
import { encodePrecise, repeatOutput } from './precise.ts'
import type { Vocabulary } from './vocabulary.ts'
import type { Weights } from './weights.ts'

/** What a file says about its training, beside the vectors. */
export type Provenance = Pick<FastTextArgs, 'epoch' | 'minCount' | 'neg'> & {
	readonly tokens: number
}

/** With exact n-grams the 24-bit form of precise.ts, else fastText's plain floats; views of the shared memory. */
export async function fullModel(
	crew: Crew,
	vocabulary: Vocabulary,
	weights: Weights,
	provenance: Provenance,
): Promise<FastTextModel> {
	const isExact = vocabulary.ngrams !== null
	const labelVectors = denseMatrix(crew, weights, 'output')
	const input = isExact ? await encodePrecise(crew, weights) : denseMatrix(crew, weights, 'input')
	const output = isExact ? repeatOutput(labelVectors) : labelVectors
	return createModel(vocabulary, { input, output }, provenance)
}

function denseMatrix(crew: Crew, weights: Weights, name: 'input' | 'output'): DenseMatrix {
	const { dim, stride } = weights
	const rows = name === 'input' ? weights.rows : weights.labels
	const data = crew.float32(weights[name], rows * stride)
	return { kind: 'dense', rows, columns: dim, stride, data }
}

/** A model of any matrices that go with the vocabulary. */
export function createModel(
	vocabulary: Vocabulary,
	{ input, output }: Record<'input' | 'output', Matrix>,
	{ tokens, ...provenance }: Provenance,
): FastTextModel {
	const { words, wordCounts, labels, labelCounts, ngrams, ngramRows } = vocabulary
	const { wordNgrams, bucket } = vocabulary
	const entries = (names: readonly string[], counts: readonly number[]): Entry[] =>
		names.map((bytes, index) => ({ bytes, count: counts[index] ?? 0 }))
	return {
		args: {
			dim: input.columns,
			wordNgrams,
			loss: 'softmax',
			...provenance,
			bucket: wordNgrams > 1 ? bucket : 0,
		},
		words: entries(words, wordCounts),
		labels: entries(labels, labelCounts),
		tokens,
		pruned: ngrams && pruneMap(ngrams, ngramRows),
		input,
		output,
	}
}

function pruneMap(ngrams: Uint32Array, ngramRows: Uint32Array | null): PruneMap {
	return { ids: Int32Array.from(ngrams), rows: Int32Array.from(ngramRows ?? ngrams.keys()) }
}

/** What the rows of a model that this engine wrote stand for. Counts of n-grams are not in a file: they come as 0. */
export function vocabularyOf({ args, words, labels, pruned }: FastTextModel): Vocabulary {
	const names = (entries: readonly Entry[]) => entries.map(({ bytes }) => bytes)
	const counts = (entries: readonly Entry[]) => entries.map(({ count }) => count)
	return {
		words: names(words),
		wordCounts: counts(words),
		labels: names(labels).filter((name) => name.startsWith(LABEL_PREFIX)),
		labelCounts: counts(labels),
		wordNgrams: Math.max(1, args.wordNgrams),
		bucket: args.bucket,
		ngrams: pruned && Uint32Array.from(pruned.ids),
		ngramCounts: new Uint32Array(pruned?.ids.length ?? 0),
		ngramRows: pruned && Uint32Array.from(pruned.rows),
	}
}

/** @throws AppError `not-found`, `damaged`, `unsupported` */
export async function readModelFile(path: string): Promise<FastTextModel> {
	return readModel(await readBytes(path, 'model'))
}

/** Writes by temporary file, fsync and rename. @returns the file's bytes */
export async function writeModelFile(path: string, model: FastTextModel): Promise<number> {
	try {
		return await replaceFile(path, async (file) => {
			let bytes = 0
			for (const part of writeModel(model)) {
				await file.writeFile(part)
				bytes += part.length
			}
			return bytes
		})
	} catch (error) {
		throw storageError(error, path)
	}
}
