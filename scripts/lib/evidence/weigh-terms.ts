// How much each term of a table of evidence counts, before anybody has asked: rare terms more than frequent ones, and of terms that
// are about as frequent those more that a few labels have for themselves. Pure.
import { isPair } from '../../../src/model/evidence/features.ts'
import type { TermCounts } from './count-terms.ts'

/** Beside a word with which it says about the same, a pair or a beginning counts less. */
const KIND_FACTORS = { word: 1, pair: 0.5, beginning: 0.3 }
type Kind = keyof typeof KIND_FACTORS
/** A term counts by this power of how rare it is, and by 1 where one title in e^8 has it. */
const RARITY_POWER = 0.7
const USUAL_RARITY = 8
/** Words in fewer lines count so many times as much besides: the power of their rarity alone gives them too little. */
const FEW_LINES = 5
const FEW_LINES_FACTOR = 1.3
/** A term that tells one standard deviation more of its label than its equals counts e^0.2 times as much. */
const TELLING = 0.2
const MOST_DEVIATIONS = 2.5
/** Equals are terms of one kind whose numbers of lines have the same doubled binary logarithm, rounded down. */
const GROUPS_AN_OCTAVE = 2
const FEW_EQUALS = 5
const LEAST_DEVIATION = 0.05

/** Of each term of a count its kind. */
export function kindsOf({ words, features }: TermCounts): Kind[] {
	const own = Array.from(features, (number): Kind => (isPair(number) ? 'pair' : 'beginning'))
	return [...words.map((): Kind => 'word'), ...own]
}

/** @returns the weight of each term, at least 0 */
export function weighTerms(counts: TermCounts, kinds: readonly Kind[]): Float64Array {
	const { termTitles, termLines, titles } = counts
	const deviations = compareWithEquals(tellLabels(counts), termLines, kinds)
	return deviations.map((deviation, term) => {
		const kind = kinds[term] ?? 'word'
		const rarity = Math.max(0, Math.log(titles / Math.max(1, termTitles[term] ?? 0)))
		const few = kind === 'word' && (termLines[term] ?? 0) < FEW_LINES ? FEW_LINES_FACTOR : 1
		const own = few * KIND_FACTORS[kind]
		return (rarity / USUAL_RARITY) ** RARITY_POWER * own * Math.exp(TELLING * deviation)
	})
}

/**
 * What a term tells of its label, in nats: the Kullback-Leibler divergence of the labels of its titles from those of all titles.
 */
function tellLabels(counts: TermCounts): Float64Array {
	const { entryTerms, entryLabels, entryTitles, termTitles, labelTitles, titles } = counts
	const told = new Float64Array(termTitles.length)
	for (const [entry, count] of entryTitles.entries()) {
		const term = entryTerms[entry] ?? 0
		const share = count / (termTitles[term] ?? 0)
		const usual = (labelTitles[entryLabels[entry] ?? 0] ?? 0) / titles
		told[term] = (told[term] ?? 0) + share * Math.log(share / usual)
	}
	return told
}

/** How many standard deviations each value is above those of terms of its kind with about as many lines. */
function compareWithEquals(
	values: Float64Array,
	lines: Uint32Array,
	kinds: readonly Kind[],
): Float64Array {
	const order = Object.keys(KIND_FACTORS)
	const groups = Array.from(lines, (count, term) => {
		const group = Math.floor(Math.log2(Math.max(1, count)) * GROUPS_AN_OCTAVE)
		return group * order.length + order.indexOf(kinds[term] ?? 'word')
	})
	const size = Math.max(0, ...new Set(groups)) + 1
	const [counts, sums, squares] = [0, 1, 2].map(() => new Float64Array(size)) as [
		Float64Array,
		Float64Array,
		Float64Array,
	]
	for (const [term, group] of groups.entries()) {
		const value = values[term] ?? 0
		counts[group] = (counts[group] ?? 0) + 1
		sums[group] = (sums[group] ?? 0) + value
		squares[group] = (squares[group] ?? 0) + value * value
	}
	return values.map((value, term) => {
		const group = groups[term] ?? 0
		const count = counts[group] ?? 0
		if (count <= FEW_EQUALS) return 0
		const mean = (sums[group] ?? 0) / count
		const deviation = Math.sqrt(Math.max(0, (squares[group] ?? 0) / count - mean * mean))
		const above = (value - mean) / Math.max(deviation, LEAST_DEVIATION)
		return Math.min(MOST_DEVIATIONS, Math.max(-MOST_DEVIATIONS, above))
	})
}
