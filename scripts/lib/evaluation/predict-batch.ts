// Predictions for many titles at once, packed small enough to cross from a worker thread. Node.
import type { Engine } from '../../../src/model/engine.ts'
import { predictKnown } from '../../../src/model/suggest.ts'
import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'

/** Answers for n titles, five places each: title i has the places 5i to 5i + 4. */
export interface PackedAnswers {
	/** Places in the engine's list of labels, most probable first; -1 where there is no further suggestion. */
	readonly labels: Int32Array<ArrayBuffer>
	/** The engine's raw probabilities. */
	readonly scores: Float32Array<ArrayBuffer>
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
	texts: readonly string[],
): PackedAnswers {
	const labels = new Int32Array(texts.length * SUGGESTION_COUNT).fill(-1)
	const scores = new Float32Array(texts.length * SUGGESTION_COUNT)
	for (const [index, text] of texts.entries()) {
		for (const [rank, { label, score }] of predictKnown(engine, text).entries()) {
			labels[index * SUGGESTION_COUNT + rank] = places.get(label) ?? -1
			scores[index * SUGGESTION_COUNT + rank] = score
		}
	}
	return { labels, scores }
}
