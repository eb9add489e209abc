// A loaded model, whoever computes its vectors: fastText's own engine (native-engine.ts), or in the page's worker a shorter way for our
// own files (src/worker/scorer.ts). Pure: browser and Node.
import { type Candidates, nameCandidates } from './candidates.ts'
import { EVIDENCE_CANDIDATES, type EvidenceTable } from './evidence/weigh-evidence.ts'
import { isWord } from './normalize.ts'
import { paddingOf, padTitle } from './padding.ts'
import type { Words } from './word-table.ts'

/** A label without its prefix, and the engine's raw probability for it, in [0, 1]. */
export interface Prediction {
	readonly label: string
	readonly score: number
}

/** How much of a title a model has learnt. */
export interface Knowledge {
	readonly words: number
	readonly knownWords: number
}

/**
 * How many words of a title a model has learnt: none where none has a vector. A rare word that only the table of evidence has, as
 * a typo that two titles share, would else decide with certainty.
 */
export function countKnown(
	words: readonly string[],
	model: Pick<Engine, 'knows' | 'hasVector'>,
): Knowledge {
	const isKnown = words.some((word) => model.hasVector(word))
	return {
		words: words.length,
		knownWords: isKnown ? words.filter((word) => model.knows(word)).length : 0,
	}
}

/** fastText's part of a loaded model, whoever computes it. */
export interface VectorModel {
	/** The labels, in the order that the model file has them. */
	readonly labels: readonly string[]
	/** The `count` most probable labels of a text with its padding, most probable first. */
	predict(text: string, count: number): Candidates
	/** Whether it has learnt a word. */
	hasVector(word: string): boolean
	dispose(): void
}

/** The parts of a loaded model. */
export interface ModelParts {
	readonly vectors: VectorModel
	/** The words of both parts. */
	readonly table: Words
	readonly evidence: EvidenceTable | null
}

/**
 * One loaded model.
 *
 * fastText itself notices no damage: check length and digest of the bytes first. After any error that it throws, give
 * up its memory (terminate the worker).
 */
export class Engine {
	/** Zero vectors that the model counts in the mean of a title. */
	readonly padding: number
	/** What words, pairs and beginnings of words say, where the model has such a table. */
	readonly evidence: EvidenceTable | null
	/** The words that it has learnt. */
	readonly table: Words
	readonly #vectors: VectorModel

	constructor({ vectors, table, evidence }: ModelParts) {
		this.#vectors = vectors
		this.table = table
		this.evidence = evidence
		this.padding = paddingOf((token) => vectors.hasVector(token))
	}

	/**
	 * The `count` most probable labels of a normalised title, most probable first.
	 *
	 * An empty or unknown text gets a confident-looking default answer; `predictKnown` gives none.
	 */
	predict(normalized: string, count: number): Prediction[] {
		if (!Number.isSafeInteger(count) || count < 1)
			throw new RangeError(`count of predictions: ${count}; expected a whole number from 1`)
		return this.rerank(
			normalized,
			this.predictByVectors(normalized, this.candidatesFor(count)),
			count,
		)
	}

	/** How many of fastText's predictions are reranked for so many of {@link predict}. */
	candidatesFor(count: number): number {
		return this.evidence ? Math.max(count, EVIDENCE_CANDIDATES) : count
	}

	/** What {@link predict} makes of fastText's predictions, wherever they come from. */
	rerank(normalized: string, candidates: Candidates, count: number): Prediction[] {
		return (
			this.evidence?.weigh(normalized, candidates, count) ??
			nameCandidates(this.labels(), candidates, count)
		)
	}

	/** As {@link predict}, by fastText's part of the model alone. */
	predictByVectors(normalized: string, count: number): Candidates {
		return this.#vectors.predict(padTitle(normalized, this.padding), count)
	}

	/** How many words a normalised title has (a lone mark is no word), and how many of them the model has learnt. */
	know(normalized: string): Knowledge {
		return countKnown(normalized.split(' ').filter(isWord), this)
	}

	/** All labels, in the order that the model file has them. */
	labels(): readonly string[] {
		return this.#vectors.labels
	}

	/** Whether the model has learnt a word. */
	knows(word: string): boolean {
		return this.hasVector(word) || (this.evidence?.knows(word) ?? false)
	}

	/** Whether fastText's part of the model has learnt a word. */
	hasVector(word: string): boolean {
		return this.#vectors.hasVector(word)
	}

	dispose(): void {
		this.#vectors.dispose()
	}
}
