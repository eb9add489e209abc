// How much each word of a table of evidence counts, before anybody has asked: rare words more than frequent ones, and of words that
// are about as frequent those more that a few labels have for themselves. Pure.
import type { PairCounts } from './count-pairs.ts'

/** A word counts by this power of how rare it is, and by 1 where one title in e^8 has it. */
const RARITY_POWER = 0.7
const USUAL_RARITY = 8
/** Words in fewer lines count so many times as much besides: the power of their rarity alone gives them too little. */
const FEW_LINES = 5
const FEW_LINES_FACTOR = 1.3
/** A word that tells one standard deviation more of its label than its equals counts e^0.2 times as much. */
const TELLING = 0.2
const MOST_DEVIATIONS = 2.5
/** Equals are words whose numbers of lines have the same doubled binary logarithm, rounded down. */
const GROUPS_AN_OCTAVE = 2
const FEW_EQUALS = 5
const LEAST_DEVIATION = 0.05

/** @returns the weight of each word of `pairs`, at least 0 */
export function weighWords(pairs: PairCounts): Float64Array {
	const { wordTitles, wordLines, titles } = pairs
	const deviations = compareWithEquals(tellLabels(pairs), wordLines)
	return deviations.map((deviation, word) => {
		const rarity = Math.max(0, Math.log(titles / Math.max(1, wordTitles[word] ?? 0)))
		const few = (wordLines[word] ?? 0) < FEW_LINES ? FEW_LINES_FACTOR : 1
		return (rarity / USUAL_RARITY) ** RARITY_POWER * few * Math.exp(TELLING * deviation)
	})
}

/**
 * What a word tells of its label, in nats: the Kullback-Leibler divergence of the labels of its titles from those of all titles.
 */
function tellLabels(pairs: PairCounts): Float64Array {
	const { pairWords, pairLabels, pairTitles, wordTitles, labelTitles, titles } = pairs
	const told = new Float64Array(wordTitles.length)
	for (const [pair, count] of pairTitles.entries()) {
		const word = pairWords[pair] ?? 0
		const share = count / (wordTitles[word] ?? 0)
		const usual = (labelTitles[pairLabels[pair] ?? 0] ?? 0) / titles
		told[word] = (told[word] ?? 0) + share * Math.log(share / usual)
	}
	return told
}

/** How many standard deviations each value is above those of words with about as many lines. */
function compareWithEquals(values: Float64Array, lines: Uint32Array): Float64Array {
	const groups = Array.from(lines, (count) =>
		Math.floor(Math.log2(Math.max(1, count)) * GROUPS_AN_OCTAVE),
	)
	const size = Math.max(0, ...new Set(groups)) + 1
	const [counts, sums, squares] = [0, 1, 2].map(() => new Float64Array(size)) as [
		Float64Array,
		Float64Array,
		Float64Array,
	]
	for (const [word, group] of groups.entries()) {
		const value = values[word] ?? 0
		counts[group] = (counts[group] ?? 0) + 1
		sums[group] = (sums[group] ?? 0) + value
		squares[group] = (squares[group] ?? 0) + value * value
	}
	return values.map((value, word) => {
		const group = groups[word] ?? 0
		const count = counts[group] ?? 0
		if (count <= FEW_EQUALS) return 0
		const mean = (sums[group] ?? 0) / count
		const deviation = Math.sqrt(Math.max(0, (squares[group] ?? 0) / count - mean * mean))
		const above = (value - mean) / Math.max(deviation, LEAST_DEVIATION)
		return Math.min(MOST_DEVIATIONS, Math.max(-MOST_DEVIATIONS, above))
	})
}
