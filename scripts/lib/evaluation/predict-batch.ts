// Predictions for many titles at once, packed small enough to cross from a worker thread.
import type { Engine } from '../../../src/model/engine.ts'
import { answerTitle } from '../../../src/model/suggest.ts'
import type { Reading } from '../../../src/shared/reading.ts'

/** A title to ask a model about. */
export interface Question {
	/** Normalised. */
	readonly text: string
	/** `typing`: its last word is unfinished; it is finished without. */
	readonly reading?: Reading
}

/** Titles to ask about, and how many labels each gets. */
export interface Batch {
	readonly questions: readonly Question[]
	readonly count: number
}

/** Answers for n titles, `count` places each: title i has the places from i · count on. */
export interface PackedAnswers {
	/** Places in the engine's list of labels, most probable first; -1 where there is no further prediction. */
	readonly labels: Int32Array<ArrayBuffer>
	/** The engine's raw probabilities. */
	readonly scores: Float32Array<ArrayBuffer>
	/** Of each title: how many words it has, and how many of them are known. */
	readonly words: Uint32Array<ArrayBuffer>
	readonly knownWords: Uint32Array<ArrayBuffer>
}

/** An engine with the places of its labels, counted once. */
export interface IndexedEngine {
	readonly engine: Engine
	readonly places: ReadonlyMap<string, number>
}

export function indexEngine(engine: Engine): IndexedEngine {
	return { engine, places: new Map(engine.labels().map((label, place) => [label, place])) }
}

export function predictBatch(
	{ engine, places }: IndexedEngine,
	{ questions, count }: Batch,
): PackedAnswers {
	const labels = new Int32Array(questions.length * count).fill(-1)
	const scores = new Float32Array(questions.length * count)
	const words = new Uint32Array(questions.length)
	const knownWords = new Uint32Array(questions.length)
	for (const [index, { text, reading }] of questions.entries()) {
		const answer = answerTitle(engine, text, count, reading)
		words[index] = answer.words
		knownWords[index] = answer.knownWords
		for (const [rank, { label, score }] of answer.predictions.entries()) {
			labels[index * count + rank] = places.get(label) ?? -1
			scores[index * count + rank] = score
		}
	}
	return { labels, scores, words, knownWords }
}

/** What a worker thread hands over in place of copying it. */
export function buffersOf(answers: PackedAnswers): ArrayBuffer[] {
	return Object.values(answers).map(({ buffer }) => buffer)
}
