// How models are made: the parameters of training and quantising with their defaults, for `whichsub.yaml`, the flags of `train` and
// `quantize`, records and manifests alike. Pure.
import { availableParallelism } from 'node:os'
import * as v from 'valibot'
import { PADDING_COUNTS } from '../../../src/model/padding.ts'
import { count, numberWithin, wholeNumber, yesOrNo } from '../parameter-parts.ts'

const SOME = [0, Number.MAX_SAFE_INTEGER] as const
const UINT31 = 2 ** 31 - 1

const threads = (description: string) =>
	v.optional(wholeNumber([1, 64], description), () => availableParallelism())

/** Bounds are what the kernels and fastText's file format can hold. */
export const TrainParameters = v.strictObject({
	dim: v.optional(wholeNumber([1, 1024], 'Length of the vectors.'), 152),
	epochs: v.optional(wholeNumber([1, 10_000], 'Passes over the posts.'), 3),
	learningRate: v.optional(
		numberWithin([1e-9, 1e38], 'Learning rate of the first step; it then falls.'),
		1,
	),
	wordNgrams: v.optional(
		wholeNumber([1, 5], 'Longest n-grams, in words; 2: words and pairs of neighbours.'),
		2,
	),
	minCount: v.optional(
		wholeNumber([1, UINT31], 'Leave out words and n-grams that occur less often.'),
		3,
	),
	negatives: v.optional(
		wholeNumber([1, UINT31], 'Random wrong labels that a batch is compared with.'),
		32,
	),
	dilution: v.optional(
		wholeNumber(
			[0, PADDING_COUNTS.length],
			'Zero vectors averaged into the vector of a title, so that a single word decides less.',
		),
		6,
	),
	pieces: v.optional(
		numberWithin(
			[0, 0.99],
			'Share of titles that are shortened to a random piece, to learn unfinished titles.',
		),
		0.25,
	),
	learnOlder: v.optional(
		yesOrNo('Learn the older posts of a snapshot, too, where it has some.'),
		false,
	),
	balance: v.optional(
		numberWithin(
			[0, 1],
			'How far the number of posts of a subreddit is kept out of its score; 0: not, 1: wholly.',
		),
		0,
	),
	threads: threads('Threads to train on; left out: as many as there are cores.'),
	seed: v.optional(wholeNumber([0, UINT31], 'Random seed.'), 0),
})
export type TrainParameters = Readonly<v.InferOutput<typeof TrainParameters>>

export const QuantizeParameters = v.strictObject({
	cutoff: v.optional(
		wholeNumber(SOME, 'How many words and n-grams to keep; 0: as many as do best in maxBytes.'),
		0,
	),
	maxBytes: v.optional(count('Largest size of the packed model.'), 8_000_000),
	retrain: v.optional(
		yesOrNo(
			'Whether the kept words and n-grams are trained again.',
			'Do not train the kept words and n-grams again.',
		),
		true,
	),
	ngramsPerMegabyte: v.optional(
		count(
			'How many n-grams are kept for each megabyte of vectors: fewer where labels are many and have few posts.',
		),
		35_000,
	),
	evidenceBytes: v.optional(
		wholeNumber(
			SOME,
			'How many of these bytes the table of evidence may take (what words, pairs and beginnings of words speak for); 0: no table.',
		),
		0,
	),
	threads: threads('Threads to use; left out: as many as there are cores.'),
})
export type QuantizeParameters = Readonly<v.InferOutput<typeof QuantizeParameters>>

/** Records from before December 2026 name engine, loss and hash buckets for n-grams; of each there is one left. */
const EarlierNames = v.looseObject({
	engine: v.optional(v.literal('wasm')),
	loss: v.optional(v.literal('softmax')),
	bucket: v.optional(v.literal(0)),
})

/** Of a training as records have them, too. */
export const RecordedTraining = v.pipe(
	EarlierNames,
	v.transform(({ engine: _engine, loss: _loss, bucket: _bucket, ...given }) => given),
	TrainParameters,
)

/** Whether this trainer made a model of that recipe; another one's parameters say nothing to it. */
export function isOwnRecipe(recipe: object): boolean {
	return v.is(EarlierNames, recipe)
}
