// The five suggestions for a title: normalise, ask the engine, calibrate. Worker and Node share it.
import { type Calibration, SUGGESTION_COUNT } from '../shared/calibration.ts'
import { calibrate } from './calibration.ts'
import type { Engine } from './engine.ts'
import { normalizeTitle } from './normalize.ts'

export interface Suggestion {
	/** Without `r/`. */
	readonly subreddit: string
	/** Calibrated: of a hundred suggestions with 0.3, thirty are right. Never higher than the suggestion's before it. */
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
	const probabilities = agree(
		predictions.map(({ score }, index) => calibrate(calibration, index + 1, score)),
	)
	const suggestions = predictions.map(({ label, score }, index) => ({
		subreddit: label,
		probability: probabilities[index] ?? 0,
		score,
	}))
	return { normalized, known: engine.knows(normalized), suggestions }
}

/**
 * Each rank has a curve of its own, so that they can contradict each other for one title. The first one stands, because
 * p@1 is what is measured; the others never exceed the one before, and together never what the first leaves of 1.
 */
function agree(calibrated: readonly number[]): number[] {
	const [first = 0, ...rest] = calibrated
	let limit = first
	const falling = rest.map((probability) => {
		limit = Math.min(limit, probability)
		return limit
	})
	const sum = falling.reduce((total, probability) => total + probability, 0)
	const scale = sum > 1 - first ? (1 - first) / sum : 1
	return [first, ...falling.map((probability) => probability * scale)]
}
