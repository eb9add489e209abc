// The five suggestions for a title: normalise, ask the engine, calibrate. The page's worker, `predict` and evaluation all
// ask through here, so that the same title gets the same suggestions in each of them.
import { type Calibration, SUGGESTION_COUNT } from '../shared/calibration.ts'
import { calibrateAll } from './calibration.ts'
import type { Engine, Prediction } from './engine.ts'
import { normalizeTitle } from './normalize.ts'

/** The page shows no suggestion that rounds to 0 %. */
export const MIN_SHOWN_PROBABILITY = 0.005

export interface Suggestion {
	/** Without `r/`. */
	readonly subreddit: string
	/**
	 * Calibrated: of a hundred suggestions with 0.3, thirty are right. Never higher than the one before it; all five add
	 * up to how often one of them is right.
	 */
	readonly probability: number
	/** The engine's raw probability. */
	readonly score: number
}

export interface Suggestions {
	/** What the model was asked: the normalised title. */
	readonly normalized: string
	/** False for an empty title or one without a known word. */
	readonly known: boolean
	/** At most five, most probable first; none where `known` is false. */
	readonly suggestions: readonly Suggestion[]
}

/** The suggestions for a title as a person writes it. */
export function suggest(engine: Engine, calibration: Calibration, title: string): Suggestions {
	const normalized = normalizeTitle(title)
	const suggestions = calibratePredictions(calibration, predictKnown(engine, normalized))
	return { normalized, known: suggestions.length > 0, suggestions }
}

/**
 * The first half of {@link suggest}: the most probable labels of a normalised title, at most five. None where the model
 * knows no word of it: the engine then gives the same confident-looking answer to any title.
 */
export function predictKnown(engine: Engine, normalized: string): Prediction[] {
	return engine.knows(normalized) ? engine.predict(normalized, SUGGESTION_COUNT) : []
}

/** The second half: from the engine's scores to probabilities. */
export function calibratePredictions(
	calibration: Calibration,
	predictions: readonly Prediction[],
): Suggestion[] {
	const scores = predictions.map(({ score }) => score)
	const probabilities = calibrateAll(calibration, scores)
	return predictions.map(({ label, score }, rank) => ({
		subreddit: label,
		probability: probabilities[rank] as number,
		score,
	}))
}
