// From a full-precision model to a small one: choose the features, train again on these, round.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { type Corpus, readCorpus } from './corpus.ts'
import { Crew } from './crew.ts'
import { readModelFile, vocabularyOf, writeModelFile } from './model-file.ts'
import { packModel } from './packing.ts'
import { createRowReader, preciseDim } from './precise.ts'
import { keepFeatures, scoreFeatures } from './prune.ts'
import { encodeSamples, indexNgrams } from './samples.ts'
import type { QuantizeJob, TrainFigures } from './trainer.ts'
import { createWeights, type TrainingOptions, trainWeights, type Weights } from './training.ts'
import { countVocabulary, resolveCorpus, rowCount, type Vocabulary } from './vocabulary.ts'

/** Where most of the recall stands for the bytes: measured, see docs/training.md. */
const BYTES_A_FEATURE = 30

/**
 * @param options of the training on the kept features
 * @throws AppError `unsupported` for a model without exact n-grams, `bad-input` where nothing fits into the bytes
 */
export async function quantizeModelFile(
	job: QuantizeJob,
	options: TrainingOptions,
	effects: Effects,
): Promise<TrainFigures> {
	const start = performance.now()
	const { cutoff, maxBytes, retrain, threads } = job.parameters
	const model = await readModelFile(job.modelFile)
	const crew = await Crew.start(threads, effects.signal)
	try {
		const corpus = await readCorpus(crew, job.trainFile)
		const vocabulary = await withNgramCounts(crew, corpus, vocabularyOf(model), model.args.minCount)
		const dim = preciseDim(model)
		const vectors = readVectors(model, dim)
		const counts = usesOf(vocabulary)
		const scores = scoreFeatures(normsOf(vectors, dim), counts)
		const limit = cutoff || Math.round((maxBytes || Infinity) / BYTES_A_FEATURE)
		const kept = keepFeatures(vocabulary, scores, Math.min(limit, scores.length))
		const weights = await createWeights(crew, {
			...{ rows: rowCount(kept), labels: kept.labels.length, dim, seed: options.seed },
		})
		if (retrain && weights.rows < scores.length)
			await retrainWeights({ crew, corpus, kept, weights, options }, effects)
		else copyVectors(crew, { model, vectors, vocabulary, kept, weights })
		const { epoch, minCount, neg } = model.args
		const packed = await packModel(crew, {
			...{ vocabulary: kept, weights, uses: usesOf(kept), maxBytes: maxBytes || null },
			provenance: { epoch, minCount, neg, tokens: model.tokens },
		})
		const bytes = await writeModelFile(job.outputFile, packed.model)
		const { rows: features } = weights
		const seconds = (performance.now() - start) / 1000
		return { bytes, wireBytes: packed.wireBytes, features, seconds }
	} finally {
		await crew.stop()
	}
}

type Model = Awaited<ReturnType<typeof readModelFile>>

/** A file keeps no counts of n-grams: they are counted again. */
async function withNgramCounts(
	crew: Crew,
	corpus: Corpus,
	vocabulary: Vocabulary,
	minCount: number,
): Promise<Vocabulary> {
	const { wordNgrams, ngrams } = vocabulary
	if (!ngrams && wordNgrams > 1)
		throw new AppError(
			'unsupported',
			'the model has hashed n-grams; quantise with --engine native, or train with --bucket 0',
		)
	const counted = await countVocabulary(crew, corpus, {
		...{ minCount, minNgramCount: minCount, wordNgrams, bucket: null },
	})
	const counts = new Map<number, number>()
	for (const [position, id] of (counted.ngrams ?? []).entries())
		counts.set(id, counted.ngramCounts[position] ?? 0)
	// An n-gram that this text does not have was learnt from another: it counts as rare.
	const ngramCounts = Uint32Array.from(ngrams ?? [], (id) => counts.get(id) ?? 1)
	return { ...vocabulary, ngramCounts }
}

/** How often each row is used in training. */
function usesOf({ words, wordCounts, ngramCounts }: Vocabulary): Float32Array {
	const uses = new Float32Array(words.length + ngramCounts.length)
	uses.set(wordCounts)
	uses.set(ngramCounts, words.length)
	return uses
}

function readVectors(model: Model, dim: number): Float32Array {
	const read = createRowReader(model)
	const vectors = new Float32Array(model.input.rows * dim)
	for (let row = 0; row < model.input.rows; row += 1)
		read('input', row, vectors.subarray(row * dim, (row + 1) * dim))
	return vectors
}

function normsOf(vectors: Float32Array, dim: number): Float32Array {
	return Float32Array.from({ length: vectors.length / dim }, (_, row) => {
		let sum = 0
		for (let at = row * dim; at < (row + 1) * dim; at += 1) sum += (vectors[at] ?? 0) ** 2
		return Math.sqrt(sum)
	})
}

interface Retraining {
	readonly crew: Crew
	readonly corpus: Corpus
	readonly kept: Vocabulary
	readonly weights: Weights
	readonly options: TrainingOptions
}

async function retrainWeights(
	{ crew, corpus, kept, weights, options }: Retraining,
	effects: Effects,
): Promise<void> {
	const index = await indexNgrams(crew, kept)
	resolveCorpus(corpus, kept)
	const samples = await encodeSamples(crew, corpus, kept, index)
	corpus.free()
	await trainWeights(crew, weights, samples, options, effects)
	samples.free()
	crew.arena.free(index.address)
}

interface Copying {
	readonly model: Model
	readonly vectors: Float32Array
	readonly vocabulary: Vocabulary
	readonly kept: Vocabulary
	readonly weights: Weights
}

function copyVectors(crew: Crew, { model, vectors, vocabulary, kept, weights }: Copying): void {
	const { rows, labels, dim, stride, input, output } = weights
	const inputData = crew.float32(input, rows * stride)
	const old = new Map<string | number, number>()
	for (const [row, word] of vocabulary.words.entries()) old.set(word, row)
	for (const [position, id] of (vocabulary.ngrams ?? []).entries())
		old.set(id, vocabulary.words.length + position)
	for (const [row, key] of [...kept.words, ...(kept.ngrams ?? [])].entries()) {
		const from = (old.get(key) ?? 0) * dim
		inputData.set(vectors.subarray(from, from + dim), row * stride)
	}
	const outputData = crew.float32(output, labels * stride)
	const read = createRowReader(model)
	for (const [row, label] of kept.labels.entries())
		read(
			'output',
			vocabulary.labels.indexOf(label),
			outputData.subarray(row * stride, row * stride + dim),
		)
}
