// What a model is asked, and what it says, by the engine and by the kernels alike.
import type { Prediction } from '../../../src/model/engine.ts'
import type { TitleAnswer } from '../../../src/model/suggest.ts'
import type { Reading } from '../../../src/shared/reading.ts'

/** A title to ask a model about. */
export interface Question {
	/** Normalised. */
	readonly text: string
	/** `typing`: its last word is unfinished; it is finished without. */
	readonly reading?: Reading
}

/** Answers titles, in the order in which it is asked. */
export interface Scorer {
	/** @param count how many predictions each title gets */
	predict(questions: readonly Question[], count: number): Promise<TitleAnswer[]>
	close(): Promise<void>
}

/** Scores have single precision, whoever computes them. */
export function roundScore({ label, score }: Prediction): Prediction {
	return { label, score: Math.fround(score) }
}
