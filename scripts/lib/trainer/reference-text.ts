// What the trainer reads out of a training text, once more and as plainly as it can be said; see reference.ts. Words, labels and
// exact n-grams, and each line as the numbers of its features.
import { paddingToken } from '../../../src/model/padding.ts'
import { LABEL_PREFIX } from '../../../src/model/training-text.ts'
import type { TrainParameters } from '../pipeline/recipes.ts'

export interface ReferenceText {
	readonly labels: readonly string[]
	readonly labelCounts: readonly number[]
	/** Their places are the numbers of features; those of the n-grams follow. */
	readonly words: readonly string[]
	readonly wordCounts: readonly number[]
	/** Ids of the n-grams. */
	readonly ngrams: readonly number[]
	readonly ngramCounts: readonly number[]
	/** One for each line. */
	readonly samples: readonly ReferenceSample[]
}

export interface ReferenceSample {
	readonly features: readonly number[]
	readonly label: number
}

const EXACT_BUCKET = 2n ** 27n
const U64 = 2n ** 64n - 1n

/** @param lines that each have a label and a word that occurs often enough */
export function readReferenceText(
	lines: readonly string[],
	{ minCount, wordNgrams, dilution }: TrainParameters,
): ReferenceText {
	const texts = lines.map(splitLine)
	const all = texts.flatMap(({ words }) => words)
	const allNgrams = texts.flatMap(({ words }) =>
		words.flatMap((_, at) => ngramsAt(words, at, wordNgrams)),
	)
	const byHash = (a: string, b: string) => hash(a) - hash(b)
	const [labels, labelCounts] = frequent(
		texts.map(({ label }) => label),
		1,
		byHash,
	)
	const [words, wordCounts] = frequent(all, minCount, byHash)
	const [ngrams, ngramCounts] = frequent(allNgrams, minCount, (a, b) => a - b)
	// A word that no title has: its vector stays zero.
	if (dilution > 0) {
		words.push(paddingToken(dilution))
		wordCounts.push(0)
	}
	const wordRows = new Map(words.map((word, row) => [word, row]))
	const ngramRows = new Map(ngrams.map((id, place) => [id, words.length + place]))
	const samples = texts.map(({ label, words }) => {
		const rows = words.flatMap((word, at) => [
			wordRows.get(word),
			...ngramsAt(words, at, wordNgrams).map((id) => ngramRows.get(id)),
		])
		return { features: rows.filter((row) => row !== undefined), label: labels.indexOf(label) }
	})
	return { labels, labelCounts, words, wordCounts, ngrams, ngramCounts, samples }
}

function splitLine(line: string): { label: string; words: readonly string[] } {
	const tokens = Buffer.from(line)
		.toString('latin1')
		.split(/[ \t\n\v\f\r]+/)
		.filter(Boolean)
	const isLabel = (token: string) => token.startsWith(LABEL_PREFIX)
	return { label: tokens.find(isLabel) ?? '', words: tokens.filter((token) => !isLabel(token)) }
}

/** What occurs at least so often, with its count, the most frequent first. */
function frequent<Item>(
	items: readonly Item[],
	minCount: number,
	ties: (a: Item, b: Item) => number,
): [Item[], number[]] {
	const counts = new Map<Item, number>()
	for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
	const kept = [...counts].filter(([, count]) => count >= minCount)
	kept.sort(([a, countA], [b, countB]) => countB - countA || ties(a, b))
	return [kept.map(([item]) => item), kept.map(([, count]) => count)]
}

/** fastText's hash of a word: FNV-1a over bytes that have a sign. */
function hash(word: string): number {
	let value = 2166136261
	for (const byte of Buffer.from(word, 'latin1'))
		value = Math.imul(value ^ ((byte << 24) >> 24), 16777619) >>> 0
	return value
}

/** Ids of the n-grams of at least two words that end with the word at `end`, the longest first. */
function ngramsAt(words: readonly string[], end: number, wordNgrams: number): number[] {
	const longest = Math.min(wordNgrams, end + 1)
	return Array.from({ length: longest - 1 }, (_, place) => {
		const ngram = words.slice(end + 1 - longest + place, end + 1)
		const hashes = ngram.map((word) => BigInt.asIntN(32, BigInt(hash(word))))
		return Number(hashes.reduce((id, next) => (id * 116049371n + next) & U64) % EXACT_BUCKET)
	})
}
