// What the parameters file says about training and quantising; flags of `train` and `quantize` stand in for it.
import * as v from 'valibot'
import { count, numberWithin, wholeNumber } from '../parameter-parts.ts'
import { LIMITS } from '../pipeline/recipes.ts'

/** What is left out has the trainer's own default. */
export const TrainingParameters = v.strictObject({
	dim: v.optional(wholeNumber(LIMITS.dim, 'Length of the vectors.')),
	epochs: v.optional(wholeNumber(LIMITS.epochs, 'Passes over the posts.')),
	learningRate: v.optional(
		numberWithin(LIMITS.learningRate, 'Learning rate of the first step; it then falls.'),
	),
	wordNgrams: v.optional(
		wholeNumber(LIMITS.wordNgrams, 'Longest n-grams, in words; 2: words and pairs of neighbours.'),
	),
	bucket: v.optional(
		wholeNumber(LIMITS.bucket, 'Hash buckets for n-grams; 0: a vector for each frequent n-gram.'),
	),
	minCount: v.optional(wholeNumber(LIMITS.minCount, 'Leave out words that occur less often.')),
	negatives: v.optional(
		wholeNumber(LIMITS.negatives, 'Random wrong labels that a batch is compared with.'),
	),
	dilution: v.optional(
		wholeNumber(
			LIMITS.dilution,
			'Zero vectors that the mean of a title counts, so that one word alone decides less.',
		),
	),
	pieces: v.optional(
		numberWithin(
			LIMITS.pieces,
			'Share of the titles of which a piece is learnt in place of the whole.',
		),
	),
	threads: v.optional(wholeNumber(LIMITS.threads, 'Threads to train on; left out: all cores.')),
	seed: v.optional(wholeNumber(LIMITS.seed, 'Random seed.')),
})
export type TrainingParameters = v.InferOutput<typeof TrainingParameters>

/** What is left out has the trainer's own default. */
export const QuantizingParameters = v.strictObject({
	cutoff: v.optional(
		wholeNumber(
			[0, Number.MAX_SAFE_INTEGER],
			'How many words and n-grams to keep; 0: as many as do best in maxBytes.',
		),
	),
	maxBytes: v.optional(count('Largest size of the packed model.')),
	retrain: v.optional(
		v.pipe(v.boolean(), v.description('Whether the kept words and n-grams are trained again.')),
	),
	evidenceBytes: v.optional(
		wholeNumber(
			[0, Number.MAX_SAFE_INTEGER],
			'Of maxBytes, what a table of what single words say may take; 0: none.',
		),
	),
	threads: v.optional(wholeNumber(LIMITS.threads, 'Threads to use; left out: all cores.')),
})
export type QuantizingParameters = v.InferOutput<typeof QuantizingParameters>
