// The five suggestions for a title: normalise, ask the engine, calibrate. Worker and Node share it.
import { type Calibration, SUGGESTION_COUNT } from '../shared/calibration.ts'
import { calibrateAll } from './calibration.ts'
import type { Engine } from './engine.ts'
import { normalizeTitle } from './normalize.ts'

export interface Suggestion {
	/** Without `r/`. */
	readonly subreddit: string
	/** Calibrated: of a hundred suggestions with 0.3, thirty are right. Never higher than the suggestion's before it; all
	 * five add up to how often one of them is right. */
	readonly probability: number
	/** The engine's raw probability. */
	readonly score: number
}

export interface Suggestions {
	/** What the model was asked: the normalised title. */
	readonly normalized: string
	/** False for an empty title or one without a known word: the suggestions would be a guess from nothing. */
	readonly known: boolean
	/** At most five, most probable first; the engine's default answer where `known` is false. */
	readonly suggestions: readonly Suggestion[]
}

export function suggest(engine: Engine, calibration: Calibration, title: string): Suggestions {
	const normalized = normalizeTitle(title)
	const predictions = engine.predict(normalized, SUGGESTION_COUNT)
	const probabilities = calibrateAll(
		calibration,
		predictions.map(({ score }) => score),
	)
	const suggestions = predictions.map(({ label, score }, index) => ({
		subreddit: label,
		probability: probabilities[index] ?? 0,
		score,
	}))
	return { normalized, known: engine.knows(normalized), suggestions }
}
