// The trainer: mini-batch Adagrad in WebAssembly on worker threads. Needs nothing but npm.
import * as v from 'valibot'
import type { Effects } from '../effects.ts'
import { checkWeights } from './check-weights.ts'
import { Checkpoint } from './checkpoint.ts'
import { readCorpus } from './corpus.ts'
import { Crew } from './crew.ts'
import { addPadding, clearPadding } from './dilution.ts'
import { fullModel, writeModelFile } from './model-file.ts'
import { QuantizeParameters, TrainParameters } from './parameters.ts'
import { quantizeModelFile } from './quantizing.ts'
import { learningRates } from './rates.ts'
import { encodeSamples, indexNgrams } from './samples.ts'
import {
	type QuantizeJob,
	type Trainer,
	type TrainFigures,
	type TrainJob,
	textsOf,
} from './trainer.ts'
import { trainWeights } from './training.ts'
import type { TrainingOptions } from './training-job.ts'
import { countVocabulary, isSkewed, rowCount } from './vocabulary.ts'
import { createWeights } from './weights.ts'

const BATCH = 256
/** Label vectors learn at this share of the rate of the features' vectors. */
const OUTPUT_SHARE = 0.07
const FIRST_SQUARE = 1e-6

export const wasmTrainer: Trainer = {
	defaults: v.parse(TrainParameters, {}),
	quantizeDefaults: v.parse(QuantizeParameters, {}),
	train,
	quantize,
}

async function train(job: TrainJob, effects: Effects): Promise<TrainFigures> {
	const { parameters, outputFile } = job
	const start = performance.now()
	const checkpoint = await createCheckpoint(job, effects)
	const crew = await Crew.start(parameters.threads, effects.signal)
	try {
		const { samples, vocabulary, tokens } = await readSamples(crew, textsOf(job), parameters)
		const weights = await createWeights(crew, {
			rows: rowCount(vocabulary),
			labels: vocabulary.labels.length,
			dim: parameters.dim,
			seed: parameters.seed,
		})
		clearPadding(crew, vocabulary, weights)
		const options = {
			...trainingOptions(parameters),
			correctSampling: isSkewed(vocabulary.labelCounts),
			rowRates: learningRates(vocabulary),
			firstNgram: vocabulary.words.length,
			...(checkpoint ? { checkpoint } : {}),
		}
		const { loss, steps } = await trainWeights(crew, weights, samples, options, effects)
		samples.free()
		await checkWeights(crew, weights)
		const { epochs: epoch, minCount, negatives: neg } = parameters
		const provenance = { epoch, minCount, neg, tokens }
		const model = await fullModel(crew, vocabulary, weights, provenance)
		const bytes = await writeModelFile(outputFile, model)
		await checkpoint?.remove()
		const features = weights.rows
		return { loss, steps, bytes, features, seconds: (performance.now() - start) / 1000 }
	} finally {
		await crew.stop()
	}
}

async function createCheckpoint(job: TrainJob, effects: Effects): Promise<Checkpoint | null> {
	const { checkpointFile: file, checkpointSeconds: seconds } = job
	if (file === undefined) return null
	// The same bytes come out with any number of threads.
	const { threads: _, ...parameters } = job.parameters
	const recipe = { parameters, options: trainingOptions(job.parameters) }
	return Checkpoint.create(
		{ file, seconds, sources: textsOf(job), recipe, epochs: parameters.epochs },
		effects,
	)
}

/** Counts, chooses the features and encodes the training text. */
async function readSamples(
	crew: Crew,
	texts: readonly string[],
	{ minCount, wordNgrams, dilution }: TrainParameters,
) {
	const corpus = await readCorpus(crew, ...texts)
	const options = { minCount, wordNgrams }
	const vocabulary = addPadding(await countVocabulary(crew, corpus, options), dilution)
	const index = await indexNgrams(crew, vocabulary)
	const samples = await encodeSamples(crew, corpus, vocabulary, index)
	const tokens = corpus.tokenCount - corpus.lineCount
	corpus.free()
	crew.arena.free(index.address)
	return { samples, vocabulary, tokens }
}

function trainingOptions(parameters: TrainParameters): TrainingOptions {
	const { epochs, learningRate, negatives, dilution, pieces, balance, seed } = parameters
	return {
		epochs,
		inputRate: learningRate,
		outputRate: learningRate * OUTPUT_SHARE,
		batch: BATCH,
		negatives,
		correctSampling: false,
		balance,
		firstSquare: FIRST_SQUARE,
		dilution,
		pieces,
		seed,
	}
}

async function quantize(job: QuantizeJob, effects: Effects): Promise<TrainFigures> {
	return quantizeModelFile(job, trainingOptions(job.training), effects)
}
