// How fast each feature learns beside the others.
import { rowCount, type Vocabulary } from './vocabulary.ts'

/** Of a word and of an n-gram that occur once, beside the learning rate: measured, see docs/training.md. */
const WORD_RATE = 3.3
const NGRAM_RATE = 0.95
/** An n-gram of hashed ones, which nobody counts, learns like one of so many. */
const HASHED_COUNT = 10

/**
 * What the learning rate of each row is multiplied by: less for n-grams, which come with their words and say part of the
 * same again; less for the frequent, with the eighth root of the count, because Adagrad alone moves a rare row too little.
 */
export function learningRates(vocabulary: Vocabulary): Float32Array {
	const { words, wordCounts, ngrams, ngramCounts } = vocabulary
	const rates = new Float32Array(rowCount(vocabulary)).fill(NGRAM_RATE * slowness(HASHED_COUNT))
	for (let row = 0; row < words.length; row += 1)
		rates[row] = WORD_RATE * slowness(wordCounts[row] ?? 0)
	if (ngrams)
		for (let position = 0; position < ngrams.length; position += 1)
			rates[words.length + position] = NGRAM_RATE * slowness(ngramCounts[position] ?? 0)
	return rates
}

// Square roots are the same on every machine; Math.pow need not be.
function slowness(count: number): number {
	return 1 / Math.sqrt(Math.sqrt(Math.sqrt(Math.max(1, count))))
}
