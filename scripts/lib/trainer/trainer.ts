// What the trainer looks like from outside: text files in, a fastText file out.
import type { Effects } from '../effects.ts'
import type { QuantizeParameters, TrainParameters } from './parameters.ts'

export interface TrainJob {
	/** fastText's text format: `__label__Name token token …`, one post a line. */
	readonly trainFile: string
	/** Learnt beside it: older posts, in the same format. */
	readonly olderFiles?: readonly string[]
	/** The `.bin` to write. */
	readonly outputFile: string
	readonly parameters: TrainParameters
	/** Where an interrupted training leaves what it has learnt, to be resumed; left out, it leaves nothing. */
	readonly checkpointFile?: string
	/** Seconds from the start to the first checkpoint, and between two. */
	readonly checkpointSeconds?: number
}

export interface QuantizeJob {
	/** A `.bin` that the trainer wrote. */
	readonly modelFile: string
	readonly trainFile: string
	/** As in the training. */
	readonly olderFiles?: readonly string[]
	/** The `.ftz` to write. */
	readonly outputFile: string
	readonly parameters: QuantizeParameters
	/** What the model was trained with: the kept words and n-grams are trained again in the same way. */
	readonly training: TrainParameters
}

/** Figures of a finished step, as they are recorded. */
export type TrainFigures = Readonly<Record<string, number>>

export interface Trainer {
	readonly defaults: TrainParameters
	readonly quantizeDefaults: QuantizeParameters
	/** @throws AppError `diverged`, `out-of-memory`, `aborted`; no half file is left behind */
	train(job: TrainJob, effects: Effects): Promise<TrainFigures>
	quantize(job: QuantizeJob, effects: Effects): Promise<TrainFigures>
}

/** The texts that a job learns, in their order. */
export function textsOf({
	trainFile,
	olderFiles = [],
}: Pick<TrainJob, 'trainFile' | 'olderFiles'>): readonly string[] {
	return [trainFile, ...olderFiles]
}
