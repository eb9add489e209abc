// Dilution: the mean of a title's vectors counts a few zero vectors, so that one word alone decides less. In the file the zeros
// are a word of its own, which whoever asks the model appends to the title.
import { paddingOf, paddingToken } from '../../../src/model/padding.ts'
import type { Crew } from './crew.ts'
import type { Vocabulary } from './vocabulary.ts'
import type { Weights } from './weights.ts'

/** Appends the word that stands for so many zeros; none for 0. Its row is the last one of the words. */
export function addPadding(vocabulary: Vocabulary, dilution: number): Vocabulary {
	if (dilution === 0) return vocabulary
	return {
		...vocabulary,
		words: [...vocabulary.words, paddingToken(dilution)],
		wordCounts: [...vocabulary.wordCounts, 0],
	}
}

/** How many zeros a model was trained with. */
export function dilutionOf({ words }: Pick<Vocabulary, 'words'>): number {
	const known = new Set(words)
	return paddingOf((token) => known.has(token))
}

/** The padding's row, or -1. */
export function paddingRow({ words }: Pick<Vocabulary, 'words'>): number {
	const dilution = dilutionOf({ words })
	return dilution === 0 ? -1 : words.indexOf(paddingToken(dilution))
}

/** Sets the padding's vector, which no training text ever moves, to zero. */
export function clearPadding(crew: Crew, vocabulary: Vocabulary, weights: Weights): void {
	const row = paddingRow(vocabulary)
	const { input, stride } = weights
	if (row >= 0) crew.float32(input + row * stride * 4, stride).fill(0)
}
