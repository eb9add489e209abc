// How models are made: the parameters of training and quantizing, as they are recorded, as `whichsub.yaml` and the command line
// give them, and as a release's manifest tells them. Pure.
import * as v from 'valibot'
import { PADDING_COUNTS } from '../../../src/model/padding.ts'

/** The range of each number, both bounds included: what the kernels and fastText's file format can hold. */
export const LIMITS = {
	dim: [1, 1024],
	epochs: [1, 10_000],
	learningRate: [1e-9, 1e38],
	wordNgrams: [1, 5],
	bucket: [0, 2 ** 31 - 1],
	minCount: [1, 2 ** 31 - 1],
	negatives: [1, 2 ** 31 - 1],
	dilution: [0, PADDING_COUNTS.length],
	pieces: [0, 0.99],
	threads: [1, 64],
	seed: [0, 2 ** 31 - 1],
} as const

const number = ([least, most]: readonly [number, number]) =>
	v.pipe(v.number(), v.finite(), v.minValue(least), v.maxValue(most))
const whole = (bounds: readonly [number, number]) => v.pipe(number(bounds), v.safeInteger())

/** fastText's parameters under readable names, and our own. */
export const TrainParameters = v.object({
	/** Length of the vectors. */
	dim: whole(LIMITS.dim),
	epochs: whole(LIMITS.epochs),
	learningRate: number(LIMITS.learningRate),
	/** 2: words and pairs of neighbours. */
	wordNgrams: whole(LIMITS.wordNgrams),
	/** Hash buckets for n-grams; 0: every n-gram that is frequent enough has a row of its own. */
	bucket: whole(LIMITS.bucket),
	/** A word, or an n-gram with a row of its own, that occurs more rarely is left out. */
	minCount: whole(LIMITS.minCount),
	/** Wrong labels drawn for each right one. */
	negatives: whole(LIMITS.negatives),
	/** Zero vectors that the mean of a title counts, so that one word alone decides less. */
	dilution: whole(LIMITS.dilution),
	/** Of the samples of an epoch, those that are a piece of their title: short titles are learnt with them. */
	pieces: number(LIMITS.pieces),
	threads: whole(LIMITS.threads),
	seed: whole(LIMITS.seed),
})
export type TrainParameters = Readonly<v.InferOutput<typeof TrainParameters>>

export const QuantizeParameters = v.object({
	/** Words and n-grams that are kept; 0: as many as do best in the bytes that there are. */
	cutoff: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
	/** The largest file, counted as it goes over the wire (gzip); null: no limit. */
	maxBytes: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
	/** Whether the kept ones are trained again. */
	retrain: v.boolean(),
	/** Of maxBytes, what the table of evidence may take; 0: none. */
	evidenceBytes: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
	threads: whole(LIMITS.threads),
})
export type QuantizeParameters = Readonly<v.InferOutput<typeof QuantizeParameters>>
