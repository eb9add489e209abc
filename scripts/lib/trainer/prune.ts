// Which features of a large model a small one keeps, and in what order they pack best.
import type { Vocabulary } from './vocabulary.ts'

/** How much a feature matters: fastText's own rule, the norm alone, keeps rare features whose vectors grew large. */
export function scoreFeatures(norms: Float32Array, counts: Float32Array): Float32Array {
	return norms.map((norm, row) => norm * Math.sqrt(Math.sqrt(Math.max(1, counts[row] ?? 0))))
}

export interface FeatureLimits {
	readonly words: number
	readonly ngrams: number
}

/**
 * The words and n-grams with the largest scores. Words and labels in order of their bytes and n-grams in order of their
 * ids: that is what packs best.
 *
 * @param scores of words, then n-grams
 */
export function keepFeatures(
	vocabulary: Vocabulary,
	scores: Float32Array,
	limits: FeatureLimits,
): Vocabulary {
	const { words, wordCounts, labels, labelCounts, ngrams, ngramCounts } = vocabulary
	const leastWord = thresholdOf(scores.subarray(0, words.length), limits.words)
	const leastNgram = thresholdOf(scores.subarray(words.length), limits.ngrams)
	const keptWords = words.flatMap((word, row) =>
		(scores[row] ?? 0) >= leastWord ? [{ word, count: wordCounts[row] ?? 0 }] : [],
	)
	keptWords.sort((a, b) => compareBytes(a.word, b.word))
	const keptLabels = labels.map((label, row) => ({ label, count: labelCounts[row] ?? 0 }))
	keptLabels.sort((a, b) => compareBytes(a.label, b.label))
	const keptNgrams = [...(ngrams ?? [])].flatMap((id, position) =>
		(scores[words.length + position] ?? 0) >= leastNgram
			? [{ id, count: ngramCounts[position] ?? 0 }]
			: [],
	)
	keptNgrams.sort((a, b) => a.id - b.id)
	return {
		...vocabulary,
		words: keptWords.map(({ word }) => word),
		wordCounts: keptWords.map(({ count }) => count),
		labels: keptLabels.map(({ label }) => label),
		labelCounts: keptLabels.map(({ count }) => count),
		ngrams: ngrams && Uint32Array.from(keptNgrams, ({ id }) => id),
		ngramCounts: Uint32Array.from(keptNgrams, ({ count }) => count),
		ngramRows: null,
	}
}

function thresholdOf(scores: Float32Array, limit: number): number {
	if (limit >= scores.length) return -Infinity
	return limit < 1
		? Infinity
		: (Float32Array.from(scores).sort()[scores.length - limit] ?? Infinity)
}

function compareBytes(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0
}
