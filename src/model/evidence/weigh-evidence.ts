// Reranks the engine's best labels by what the title's single words say about each. Pure: browser and Node.

import { PROBABILITY_OFFSET } from '../fasttext/probability-offset.ts'
import { toUtf8 } from '../features.ts'
import { splitCopies } from '../padding.ts'
import { placeLabels, sortLabels } from '../sort-labels.ts'
import { type Evidence, WORD_WEIGHT_STEPS } from './evidence-file.ts'

/** How many of the engine's best labels are reranked: what the vectors think unlikely the table may know well. Measured: docs/training.md. */
export const EVIDENCE_CANDIDATES = 1000
/** How many of the table's own best labels are reranked beside them. */
const OWN_CANDIDATES = 50
/**
 * In place of their scores, which the engine does not say, they get the least of the engine's candidates, and e times less, but
 * never less than what the engine gives a label that is impossible. Where many labels are, which of them are among its candidates
 * is chance, and must not matter.
 */
const BELOW_LEAST = Math.exp(-1)

/** A label and its probability, as the engine has it. */
interface Scored {
	readonly label: string
	readonly score: number
}

/** A label that may be among the first, and what the table adds to the logarithm of its score. */
interface Considered extends Scored {
	readonly adds: number
}

/** A word of a title that the table has. */
interface FoundWord {
	readonly text: string
	readonly index: number
	/** Of the copies of the title: 1 where there is one title. */
	readonly share: number
}

/** What a table says, without its words. */
export type WeighedLists = Omit<Evidence, 'words'>

/** The place of a token among a table's words. */
export type FindWord = (token: string) => number | undefined

/** A table of evidence that is ready to be asked. */
export class EvidenceTable {
	readonly #evidence: WeighedLists
	readonly #findWord: FindWord
	readonly #labels: readonly string[]
	readonly #places: ReadonlyMap<string, number>
	/** Of each label what the words of the title at hand say for it; zeros between titles. */
	readonly #sums: Float32Array
	/** Of each label in which turn it was met last. */
	readonly #turns: Float64Array
	#turn = 0

	/**
	 * @param labels of the model that the table belongs to, in any order
	 * @param findWord who has no list of the words as texts finds them itself
	 */
	constructor(evidence: Evidence, labels: readonly string[])
	constructor(evidence: WeighedLists, labels: readonly string[], findWord: FindWord)
	constructor(
		evidence: WeighedLists & Partial<Evidence>,
		labels: readonly string[],
		findWord: FindWord = indexWords(evidence.words ?? []),
	) {
		this.#evidence = evidence
		this.#findWord = findWord
		this.#labels = sortLabels(labels)
		this.#places = placeLabels(labels)
		this.#sums = new Float32Array(evidence.absent.length)
		this.#turns = new Float64Array(evidence.absent.length)
	}

	/** Whether the table says something about a token of a normalised title. */
	knows(token: string): boolean {
		return this.#findWord(token) !== undefined
	}

	/** What the table says of each word of a title for one label: what {@link weigh} adds to the logarithm of its score. */
	explain(normalized: string, label: string): { readonly word: string; readonly adds: number }[] {
		const place = this.#places.get(label)
		const words = this.#find(normalized)
		if (place === undefined || words.length === 0) return []
		const scale = this.#scaleFor(words)
		return words.map(({ text, index, share }) => ({
			word: text,
			adds:
				scale * share * this.#weightOf(index) * (this.#valueOf(index, place) + this.#absent(place)),
		}))
	}

	/**
	 * The engine's best labels and the table's own, each with what the title's words add to the logarithm of its score.
	 *
	 * @param predictions of the engine, for all labels or for its best
	 */
	consider<Item extends Scored>(normalized: string, predictions: readonly Item[]): Considered[] {
		const words = this.#find(normalized)
		const scale = this.#scaleFor(words)
		let weight = 0
		for (const word of words) weight += this.#add(word)
		const sumOf = (place: number) =>
			(this.#sums[place] as number) + weight * (this.#evidence.absent[place] as number)
		const own = this.#findBest(words, sumOf)
		const considered: Considered[] = []
		const turn = this.#nextTurn()
		for (const { label, score } of predictions) {
			const place = this.#places.get(label)
			if (place !== undefined) this.#turns[place] = turn
			considered.push({ label, score, adds: place === undefined ? 0 : scale * sumOf(place) })
		}
		const least = predictions.at(-1)?.score ?? 0
		const score = Math.min(least, Math.max(PROBABILITY_OFFSET, least * BELOW_LEAST))
		for (const place of own)
			if (this.#turns[place] !== turn)
				considered.push({ label: this.#labels[place] ?? '', score, adds: scale * sumOf(place) })
		for (const { index } of words) this.#clear(index)
		return considered
	}

	/**
	 * Multiplies each score by e^(strength · evidence / √words) and scales them to a sum of 1. Most probable first.
	 *
	 * The evidence of a word for a label is log(1 + posts of the label with the word / (m · share of all posts with it)), as in a
	 * naive Bayes classifier whose counts are smoothed by m posts that are like all posts; it counts more, the rarer the word is.
	 */
	weigh<Item extends Scored>(normalized: string, predictions: readonly Item[]): Scored[] {
		if (!normalized.split(' ').some((word) => this.knows(word))) return [...predictions]
		const considered = this.consider(normalized, predictions)
		const logs = considered.map(
			({ score, adds }) => Math.log(Math.max(score, Number.MIN_VALUE)) + adds,
		)
		const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
		const scores = logs.map((log) => Math.exp(log - most))
		const sum = scores.reduce((a, b) => a + b, 0)
		return (
			considered
				// In single precision, as the engine's: evaluation keeps them so, and shall say the same as the page to the last bit.
				.map(({ label }, at) => ({ label, score: Math.fround((scores[at] ?? 0) / sum) }))
				.sort((a, b) => b.score - a.score)
		)
	}

	/** The labels for which the words of a title speak most, best first; of equals the first. */
	#findBest(words: readonly { index: number }[], sumOf: (place: number) => number): number[] {
		const { starts, labels } = this.#evidence
		const best: number[] = []
		const sums: number[] = []
		const turn = this.#nextTurn()
		for (const { index } of words)
			for (let at = starts[index] as number; at < (starts[index + 1] as number); at += 1) {
				const place = labels[at] as number
				if (this.#turns[place] === turn) continue
				this.#turns[place] = turn
				insert(best, sums, place, sumOf(place))
			}
		return best
	}

	/** By it the labels are told that were met since: cheaper than a set. */
	#nextTurn(): number {
		this.#turn += 1
		return this.#turn
	}

	#scaleFor(words: readonly FoundWord[]): number {
		const count = words.reduce((sum, { share }) => sum + share, 0)
		return count === 0 ? 0 : this.#evidence.strength / Math.sqrt(count)
	}

	/** Each word of a title once, as far as the table has it; of several copies of a title, with the share of them that it is in. */
	#find(normalized: string): FoundWord[] {
		const copies = splitCopies(normalized)
		const shares = new Map<string, number>()
		for (const copy of copies)
			for (const text of new Set(copy))
				shares.set(text, (shares.get(text) ?? 0) + 1 / copies.length)
		const found: FoundWord[] = []
		for (const [text, share] of shares) {
			const index = this.#findWord(text)
			if (index !== undefined) found.push({ text, index, share })
		}
		return found
	}

	#weightOf(word: number): number {
		return (this.#evidence.wordWeights[word] ?? 0) / WORD_WEIGHT_STEPS
	}

	#absent(place: number): number {
		return this.#evidence.absent[place] ?? 0
	}

	#valueOf(word: number, place: number): number {
		const { starts, labels, levels, levelValues } = this.#evidence
		for (let at = starts[word] ?? 0; at < (starts[word + 1] ?? 0); at += 1)
			if (labels[at] === place) return levelValues[levels[at] ?? 0] ?? 0
		return 0
	}

	/** Adds what a word says to the labels' sums. @returns its weight */
	#add({ index, share }: FoundWord): number {
		const { starts, labels, levels, levelValues } = this.#evidence
		const weight = share * this.#weightOf(index)
		for (let at = starts[index] ?? 0; at < (starts[index + 1] ?? 0); at += 1) {
			const label = labels[at] ?? 0
			this.#sums[label] = (this.#sums[label] ?? 0) + weight * (levelValues[levels[at] ?? 0] ?? 0)
		}
		return weight
	}

	#clear(word: number): void {
		const { starts, labels } = this.#evidence
		for (let at = starts[word] ?? 0; at < (starts[word + 1] ?? 0); at += 1)
			this.#sums[labels[at] ?? 0] = 0
	}
}

function indexWords(words: Evidence['words']): FindWord {
	const places = new Map(words.map((word, index) => [word, index]))
	return (token) => places.get(toUtf8(token))
}

/** Puts a place among the {@link OWN_CANDIDATES} with the highest sums, which descend, where it belongs there. */
function insert(best: number[], sums: number[], place: number, sum: number): void {
	const isFull = best.length === OWN_CANDIDATES
	let at = isFull ? best.length - 1 : best.length
	if (isFull && !isBefore(sum, place, sums[at] as number, best[at] as number)) return
	for (; at > 0 && isBefore(sum, place, sums[at - 1] as number, best[at - 1] as number); at -= 1) {
		best[at] = best[at - 1] as number
		sums[at] = sums[at - 1] as number
	}
	best[at] = place
	sums[at] = sum
}

function isBefore(sum: number, place: number, otherSum: number, otherPlace: number): boolean {
	return sum > otherSum || (sum === otherSum && place < otherPlace)
}
