// Goes on from a full-precision model: its words, n-grams and labels with what they have learnt, and the new ones beside.

import type { FastTextModel } from '../../../src/model/fasttext/format.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { TrainParameters } from '../pipeline/recipes.ts'
import type { Crew } from './crew.ts'
import { dilutionOf } from './dilution.ts'
import { vocabularyOf } from './model-file.ts'
import { createRowReader, preciseDim } from './precise.ts'
import type { Known } from './training-job.ts'
import { EXACT_BUCKET, type Vocabulary } from './vocabulary.ts'
import type { Weights } from './weights.ts'

/** @throws AppError `bad-input` where the model has another shape than the parameters ask for */
export function checkInitModel(model: FastTextModel, parameters: TrainParameters): void {
	const { dim, wordNgrams, bucket, dilution } = parameters
	const old = dilutionOf(vocabularyOf(model))
	if (old !== dilution)
		throw new AppError(
			'bad-input',
			`the model to go on from has a dilution of ${old}; train with --dilution ${old}`,
		)
	if (preciseDim(model) !== dim)
		throw new AppError(
			'bad-input',
			`the model to go on from has ${preciseDim(model)} dimensions; train with --dim ${preciseDim(model)}`,
		)
	if (Math.max(1, model.args.wordNgrams) !== wordNgrams)
		throw new AppError(
			'bad-input',
			`the model to go on from has n-grams of ${model.args.wordNgrams} words; set --word-ngrams to that`,
		)
	if (wordNgrams > 1 && bucket === 0 && !model.pruned)
		throw new AppError(
			'bad-input',
			`the model to go on from has hashed n-grams; train with --bucket ${model.args.bucket}`,
		)
	if (wordNgrams > 1 && bucket === 0) checkExactBucket(model)
	if (wordNgrams > 1 && bucket > 0 && (model.pruned || model.args.bucket !== bucket))
		throw new AppError('bad-input', 'the model to go on from has other n-grams; set --bucket to 0')
}

/** Ids of n-grams are of use among models of one bucket count only. @throws AppError `unsupported` */
export function checkExactBucket({ args, pruned }: FastTextModel): void {
	if (!pruned || args.bucket === EXACT_BUCKET) return
	throw new AppError(
		'unsupported',
		`the model names its n-grams in ${args.bucket} buckets, this version in ${EXACT_BUCKET}; train it again`,
	)
}

/** What either knows: the new text's features and labels first, then those that only the old model has. */
export function joinVocabularies(counted: Vocabulary, old: Vocabulary): Vocabulary {
	const words = missingFrom(counted.words, old.words)
	const labels = missingFrom(counted.labels, old.labels)
	const ngrams = missingFrom([...(counted.ngrams ?? [])], [...(old.ngrams ?? [])])
	const zeros = (list: readonly unknown[]) => list.map(() => 0)
	return {
		...counted,
		words: [...counted.words, ...words],
		wordCounts: [...counted.wordCounts, ...zeros(words)],
		labels: [...counted.labels, ...labels],
		labelCounts: [...counted.labelCounts, ...zeros(labels)],
		ngrams: counted.ngrams && Uint32Array.from([...counted.ngrams, ...ngrams]),
		ngramCounts: Uint32Array.from([...counted.ngramCounts, ...zeros(ngrams)]),
	}
}

/** Copies the vectors that the old model has. @returns which they are */
export function copyKnown(
	crew: Crew,
	weights: Weights,
	vocabulary: Vocabulary,
	model: FastTextModel,
): Known {
	const { rows, labels, dim, stride, input, output } = weights
	const old = vocabularyOf(model)
	const read = createRowReader(model)
	const oldRows = rowsByKey(old)
	const known = { rows: new Uint8Array(rows), labels: new Uint8Array(labels) }
	const inputs = crew.float32(input, rows * stride)
	for (const [row, key] of keysOf(vocabulary).entries()) {
		const from = oldRows.get(key)
		if (from === undefined) continue
		read('input', from, inputs.subarray(row * stride, row * stride + dim))
		known.rows[row] = 1
	}
	const oldLabels = new Map(old.labels.map((label, index) => [label, index]))
	const outputs = crew.float32(output, labels * stride)
	for (const [row, label] of vocabulary.labels.entries()) {
		const from = oldLabels.get(label)
		if (from === undefined) continue
		read('output', from, outputs.subarray(row * stride, row * stride + dim))
		known.labels[row] = 1
	}
	return known
}

/** A word is its bytes, an n-gram its id: in the order of the rows. Hashed n-grams have a row for each bucket. */
export function keysOf({ words, ngrams, wordNgrams, bucket }: Vocabulary): (string | number)[] {
	const ids = ngrams ?? (wordNgrams > 1 ? Array.from({ length: bucket }, (_, id) => id) : [])
	return [...words, ...ids]
}

/** The row of each word and n-gram. */
export function rowsByKey(vocabulary: Vocabulary): Map<string | number, number> {
	const { words, ngramRows } = vocabulary
	const rows = new Map<string | number, number>()
	for (const [index, key] of keysOf(vocabulary).entries()) {
		const position = index - words.length
		rows.set(key, position < 0 ? index : words.length + (ngramRows?.[position] ?? position))
	}
	return rows
}

function missingFrom<T>(present: readonly T[], wanted: readonly T[]): T[] {
	const set = new Set(present)
	return wanted.filter((item) => !set.has(item))
}
