// What an engine that trains looks like from outside: text files in, a fastText file out.
import { PADDING_COUNTS } from '../../../src/model/padding.ts'
import type { Effects } from '../effects.ts'

/** Loss functions by fastText's own names. */
export const LOSSES = ['softmax', 'ns', 'hs'] as const
export type Loss = (typeof LOSSES)[number]

/** fastText's parameters under readable names; an engine ignores what it has no use for, and says so in its `usage`. */
export interface TrainParameters {
	readonly loss: Loss
	/** Length of the vectors. */
	readonly dim: number
	readonly epochs: number
	readonly learningRate: number
	/** 2: words and pairs of neighbours. */
	readonly wordNgrams: number
	/** Hash buckets for n-grams; 0: every n-gram that is frequent enough has a row of its own. */
	readonly bucket: number
	/** A word, or an n-gram with a row of its own, that occurs more rarely is left out. */
	readonly minCount: number
	/** Wrong labels drawn for each right one. */
	readonly negatives: number
	/** Zero vectors that the mean of a title counts, so that one word alone decides less. */
	readonly dilution: number
	/** Of the samples of an epoch, those that are a piece of their title: short titles are learnt with them. */
	readonly pieces: number
	readonly threads: number
	readonly seed: number
}

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
} as const satisfies Partial<Record<keyof TrainParameters, readonly [number, number]>>

export interface QuantizeParameters {
	/** Words and n-grams that are kept; 0: as many as do best in the bytes that there are. */
	readonly cutoff: number
	/** The largest file, counted as it goes over the wire (gzip). */
	readonly maxBytes?: number
	/** Whether the kept ones are trained again. */
	readonly retrain: boolean
	readonly threads: number
}

export interface TrainJob {
	/** fastText's text format: `__label__Name token token …`, one post a line. */
	readonly trainFile: string
	/** The `.bin` to write. */
	readonly outputFile: string
	readonly parameters: TrainParameters
	/** A model of the same engine to go on from, with its words, n-grams and labels. */
	readonly initFile?: string
	/** Where what is learnt so far is kept, for a run that is cut short to go on; not at all where it is not given. Engine wasm. */
	readonly checkpointFile?: string
	/** Seconds from the start to the first checkpoint, and between two. */
	readonly checkpointSeconds?: number
}

export interface QuantizeJob {
	/** The `.bin` that an engine of the same name wrote. */
	readonly modelFile: string
	readonly trainFile: string
	/** The `.ftz` to write. */
	readonly outputFile: string
	readonly parameters: QuantizeParameters
}

/** Figures of a finished step, as they are recorded. */
export type TrainFigures = Readonly<Record<string, number>>

export interface Trainer {
	readonly name: string
	readonly defaults: TrainParameters
	readonly quantizeDefaults: QuantizeParameters
	/** @throws AppError `missing-tool`, `diverged`, `out-of-memory`, `aborted`; no half file is left behind */
	train(job: TrainJob, effects: Effects): Promise<TrainFigures>
	quantize(job: QuantizeJob, effects: Effects): Promise<TrainFigures>
}
