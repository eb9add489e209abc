// From a full-precision model to a small one: choose the features, train again on these, round.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { checkWeights } from './check-weights.ts'
import { type Corpus, readCorpus } from './corpus.ts'
import { Crew } from './crew.ts'
import { clearPadding, dilutionOf, paddingRow } from './dilution.ts'
import { readModelFile, vocabularyOf, writeModelFile } from './model-file.ts'
import { packModel } from './packing.ts'
import type { QuantizeParameters } from './parameters.ts'
import { createRowReader, preciseDim } from './precise.ts'
import { type FeatureLimits, keepFeatures, scoreFeatures } from './prune.ts'
import { learningRates } from './rates.ts'
import { checkExactBucket, keysOf, rowsByKey } from './rows.ts'
import { encodeSamples, indexNgrams } from './samples.ts'
import { shareRows } from './share.ts'
import { topLabels } from './top-labels.ts'
import { type QuantizeJob, type TrainFigures, textsOf } from './trainer.ts'
import { trainWeights } from './training.ts'
import type { TrainingOptions } from './training-job.ts'
import {
	countVocabulary,
	isSkewed,
	resolveCorpus,
	rowCount,
	type Vocabulary,
} from './vocabulary.ts'
import { createWeights, type Weights } from './weights.ts'

/** What does best in a megabyte on the wire: measured, see docs/training.md. */
const WORDS_A_MEGABYTE = 13_500
const SHARED_ROWS_A_MEGABYTE = 9_000
/** Training again pays where more than this share of the features is left out. */
const RETRAIN_SHARE = 0.2

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
	const { maxBytes, retrain, threads } = job.parameters
	const model = await readModelFile(job.modelFile)
	checkExactBucket(model)
	const crew = await Crew.start(threads, effects.signal)
	try {
		const corpus = await readCorpus(crew, ...textsOf(job))
		const vocabulary = weighPadding(
			await withNgramCounts(crew, corpus, vocabularyOf(model), model.args.minCount),
			corpus,
		)
		const dim = preciseDim(model)
		const vectors = readVectors(model, dim)
		const counts = usesOf(vocabulary)
		const scores = scoreFeatures(normsOf(vectors, dim), counts)
		// Zeros score nothing, and every title needs them.
		if (paddingRow(vocabulary) >= 0) scores[paddingRow(vocabulary)] = Infinity
		const megabytes = (maxBytes || Infinity) / 1e6
		const kept = keepFeatures(
			vocabulary,
			scores,
			limitsOf(vocabulary, scores, { ...job.parameters, megabytes }),
		)
		const weights = await createWeights(crew, {
			rows: rowCount(kept),
			labels: kept.labels.length,
			dim,
			seed: options.seed,
		})
		clearPadding(crew, kept, weights)
		const isThin = weights.rows < scores.length * (1 - RETRAIN_SHARE)
		if (retrain && isThin) await retrainWeights({ crew, corpus, kept, weights, options }, effects)
		else copyVectors(crew, { model, vectors, vocabulary, kept, weights })
		const shared = await shareNgrams(crew, kept, weights, megabytes * SHARED_ROWS_A_MEGABYTE)
		const { epoch, minCount, neg } = model.args
		const packed = await packModel(crew, {
			vocabulary: shared.vocabulary,
			weights: shared.weights,
			uses: rowUses(shared.vocabulary),
			maxBytes: maxBytes || null,
			provenance: { epoch, minCount, neg, tokens: model.tokens },
		})
		const bytes = await writeModelFile(job.outputFile, packed.model)
		const seconds = (performance.now() - start) / 1000
		const figures = { features: weights.rows, rows: shared.weights.rows }
		return { bytes, wireBytes: packed.wireBytes, ...figures, seconds }
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
		throw new AppError('unsupported', 'the model has hashed n-grams; train it again')
	const counted = await countVocabulary(crew, corpus, { minCount, wordNgrams })
	const counts = new Map<number, number>()
	for (const [position, id] of (counted.ngrams ?? []).entries())
		counts.set(id, counted.ngramCounts[position] ?? 0)
	// An n-gram that this text does not have was learnt from another: it counts as rare.
	const ngramCounts = Uint32Array.from(ngrams ?? [], (id) => counts.get(id) ?? 1)
	return { ...vocabulary, ngramCounts }
}

/** The padding stands in each title several times: its vector must be rounded to what it is, zero. */
function weighPadding(vocabulary: Vocabulary, { lineCount }: Corpus): Vocabulary {
	const row = paddingRow(vocabulary)
	if (row < 0) return vocabulary
	const wordCounts = [...vocabulary.wordCounts]
	wordCounts[row] = lineCount * dilutionOf(vocabulary)
	return { ...vocabulary, wordCounts }
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

/** How often each row is used, where n-grams share rows. */
function rowUses(vocabulary: Vocabulary): Float32Array {
	const uses = new Float32Array(rowCount(vocabulary))
	uses.set(vocabulary.wordCounts)
	const first = vocabulary.words.length
	for (const [position, count] of vocabulary.ngramCounts.entries()) {
		const row = first + (vocabulary.ngramRows?.[position] ?? position)
		uses[row] = (uses[row] ?? 0) + count
	}
	return uses
}

/** Words and n-grams have limits of their own: an n-gram costs an entry of the prune map, a word a row and its text. */
function limitsOf(
	{ words }: Vocabulary,
	scores: Float32Array,
	{
		cutoff,
		ngramsPerMegabyte,
		megabytes,
	}: Pick<QuantizeParameters, 'cutoff' | 'ngramsPerMegabyte'> & { readonly megabytes: number },
): FeatureLimits {
	if (cutoff > 0) {
		const kept = Float32Array.from(scores).sort()[Math.max(0, scores.length - cutoff)] ?? 0
		const keptWords = scores.subarray(0, words.length).filter((score) => score >= kept).length
		return { words: keptWords, ngrams: cutoff - keptWords }
	}
	return {
		words: Math.round(megabytes * WORDS_A_MEGABYTE),
		ngrams: Math.round(megabytes * ngramsPerMegabyte),
	}
}

/** Replaces the rows of n-grams by fewer that they share: each the weighted mean of its n-grams. */
async function shareNgrams(
	crew: Crew,
	vocabulary: Vocabulary,
	weights: Weights,
	limit: number,
): Promise<{ vocabulary: Vocabulary; weights: Weights }> {
	const first = vocabulary.words.length
	const { dim, stride, rows, input } = weights
	if (rows - first <= limit) return { vocabulary, weights }
	const labels = await topLabels(crew, weights, first)
	const data = crew.float32(input + first * stride * 4, (rows - first) * stride)
	const { ngramCounts: counts } = vocabulary
	const ngramRows = shareRows({ data, dim, stride, counts, labels, rows: limit })
	const shared = { ...vocabulary, ngramRows }
	mergeRows(data, stride, ngramRows, counts)
	return { vocabulary: shared, weights: { ...weights, rows: rowCount(shared) } }
}

/** The weighted means of the rows that are to share one, in its place. */
function mergeRows(
	data: Float32Array,
	stride: number,
	target: Uint32Array,
	counts: Uint32Array,
): void {
	const count = target.reduce((most, row) => Math.max(most, row + 1), 0)
	const sums = new Float64Array(count * stride)
	const totals = new Float64Array(count)
	for (const [position, row] of target.entries()) {
		const weight = Math.sqrt(counts[position] ?? 1)
		totals[row] = (totals[row] ?? 0) + weight
		for (let k = 0; k < stride; k += 1)
			sums[row * stride + k] =
				(sums[row * stride + k] ?? 0) + weight * (data[position * stride + k] ?? 0)
	}
	for (const [at, sum] of sums.entries()) data[at] = sum / (totals[Math.floor(at / stride)] ?? 1)
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
	const rowRates = learningRates(kept)
	const correctSampling = isSkewed(kept.labelCounts)
	const own = { dilution: dilutionOf(kept), firstNgram: kept.words.length }
	await trainWeights(
		crew,
		weights,
		samples,
		{ ...options, ...own, rowRates, correctSampling },
		effects,
	)
	await checkWeights(crew, weights)
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
	const old = rowsByKey(vocabulary)
	for (const [row, key] of keysOf(kept).entries()) {
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
