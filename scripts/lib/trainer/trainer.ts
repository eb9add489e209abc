// What an engine that trains looks like from outside: text files in, a fastText file out.
import type { Effects } from '../effects.ts'
import type { QuantizeParameters, TrainParameters } from '../pipeline/recipes.ts'

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
	/** What the model was trained with: the kept words and n-grams are trained again in the same way. */
	readonly training: TrainParameters
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
