// Reranks the engine's best labels by what the title's words, and pairs and beginnings of these, say about each. Pure: browser and Node.

import { AppError } from '../../shared/app-error.ts'
import { type Candidates, nameCandidates } from '../candidates.ts'
import { PROBABILITY_OFFSET } from '../fasttext/probability-offset.ts'
import { toUtf8 } from '../features.ts'
import { Largest } from '../largest.ts'
import { splitCopies } from '../padding.ts'
import { placeLabels } from '../sort-labels.ts'
import { CLUE, CLUE_KINDS, CLUES, type CluesTable, type TitleClues } from './clues.ts'
import { EVIDENCE_LEVELS, type Evidence, WORD_WEIGHT_STEPS } from './evidence-file.ts'
import { beginningOf, FEATURE_BITS, FeatureReader, isPair } from './features.ts'

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
/** Three standard deviations of where one of a million even numbers stands among them, and more. */
const NEAR = 2048

/** A label and its probability, as the engine has it. */
interface Scored {
	readonly label: string
	readonly score: number
}

/** Labels that may be among the first. Views of buffers: good until the next title. */
interface Considered extends Candidates {
	/** What the table adds to the logarithm of each one's score. */
	readonly adds: Float64Array
}

/** A word or a feature of a title that the table has. */
interface Found {
	readonly text: string
	/** Among the table's words and features. */
	readonly index: number
	readonly isWord: boolean
	/** Of the copies of the title: 1 where there is one title. */
	share: number
}

interface FoundFeatures {
	readonly reader: FeatureReader
	readonly features: Map<number, Found>
}

/** What a table says, without its words. */
export type WeighedLists = Omit<Evidence, 'words'>

/** The place of a token among a table's words. */
export type FindWord = (token: string) => number | undefined

/** A table of evidence that is ready to be asked. */
export class EvidenceTable implements CluesTable {
	readonly #evidence: WeighedLists
	readonly #findWord: FindWord
	/** Of the model, in its order. */
	readonly #labels: readonly string[]
	readonly #places: ReadonlyMap<string, number>
	/** Of each of the model's labels its place in the table, and the other way round. */
	readonly #placeOf: Uint32Array
	readonly #labelAt: Uint32Array
	/** Of each place what the words and features of the title say for it, as far as they speak for it. */
	readonly #sums: Float32Array
	/** Of each place in which turn it was met last: told so, none is cleared. */
	readonly #turns: Float64Array
	#turn = 0
	/** The places that the title speaks for. */
	readonly #met: Uint32Array
	/** What the word or feature at hand says at each level. */
	readonly #steps = new Float64Array(EVIDENCE_LEVELS)
	readonly #considered: Considered
	/** The title that was looked up last: its labels are weighed, and then its clues asked for. */
	#last: { readonly normalized: string; readonly found: readonly Found[] } | null = null
	/** Of each place which of the labels that are asked about it is, from 1; zeros between two titles. */
	readonly #asked: Uint16Array
	/** [labels that are asked about][clues] */
	readonly #clues: Float64Array

	/**
	 * @param labels of the model that the table belongs to, in its order
	 * @param findWord who has no list of the words as texts finds them itself
	 * @throws AppError `damaged` where the table belongs to another model
	 */
	constructor(evidence: Evidence, labels: readonly string[])
	constructor(evidence: WeighedLists, labels: readonly string[], findWord: FindWord)
	constructor(
		evidence: WeighedLists & Partial<Evidence>,
		labels: readonly string[],
		findWord: FindWord = indexWords(evidence.words ?? []),
	) {
		const { length } = labels
		if (evidence.absent.length !== length)
			throw new AppError(
				'damaged',
				`the model's table of evidence is of ${evidence.absent.length} labels, the model of ${length}`,
			)
		this.#evidence = evidence
		this.#findWord = findWord
		this.#labels = labels
		this.#places = placeLabels(labels)
		this.#placeOf = Uint32Array.from(labels, (label) => this.#places.get(label) ?? 0)
		this.#labelAt = new Uint32Array(length)
		for (const [label, place] of this.#placeOf.entries()) this.#labelAt[place] = label
		this.#sums = new Float32Array(length)
		this.#turns = new Float64Array(length)
		this.#met = new Uint32Array(length)
		this.#asked = new Uint16Array(length)
		this.#clues = new Float64Array(length * CLUES)
		this.#considered = {
			labels: new Uint32Array(length),
			scores: new Float64Array(length),
			adds: new Float64Array(length),
		}
	}

	/** Whether the table says something about a token of a normalised title. */
	knows(token: string): boolean {
		return this.#findWord(token) !== undefined
	}

	/** What the table says of each word and feature of a title for one label: what {@link weigh} adds to the logarithm of its score. */
	explain(normalized: string, label: string): { readonly text: string; readonly adds: number }[] {
		const place = this.#places.get(label)
		const found = this.#find(normalized)
		if (place === undefined || found.length === 0) return []
		const scale = this.#scaleFor(found)
		return found.map(({ text, index, share }) => ({
			text,
			adds:
				scale * share * this.#weightOf(index) * (this.#valueOf(index, place) + this.#absent(place)),
		}))
	}

	/** What the table says of a title for some labels, taken apart by words, pairs and beginnings of words. */
	findClues(normalized: string, labels: readonly string[]): TitleClues | null {
		const found = this.#find(normalized)
		if (found.length === 0) return null
		const scale = this.#scaleFor(found)
		const numbers = this.#clues.subarray(0, labels.length * CLUES).fill(0)
		const places = labels.map((label) => this.#places.get(label) as number)
		for (const [at, place] of places.entries()) this.#asked[place] = at + 1
		let weight = 0
		let words = 0
		for (const one of found) {
			weight += one.share * this.#weightOf(one.index)
			if (one.isWord) words += one.share
			this.#addClues(one, numbers)
		}
		for (const [at, place] of places.entries()) {
			this.#asked[place] = 0
			const own = at * CLUES
			let said = weight * this.#absent(place)
			for (let kind = 0; kind < CLUE_KINDS; kind += 1)
				said += numbers[own + CLUE.sums + kind] as number
			numbers[own + CLUE.adds] = scale * said
		}
		return { words, weight, scale, numbers }
	}

	/** Adds what a word or feature says for the labels that are asked about. */
	#addClues({ index, share, isWord }: Found, numbers: Float64Array): void {
		const { starts, labels, levels, levelValues } = this.#evidence
		const weight = share * this.#weightOf(index)
		const kind = isWord ? 0 : this.#isPair(index) ? 1 : 2
		const from = starts[index] as number
		const until = starts[index + 1] as number
		const rarity = share / (until - from)
		for (let at = from; at < until; at += 1) {
			const asked = this.#asked[labels[at] as number] as number
			if (asked === 0) continue
			const own = (asked - 1) * CLUES
			const part = weight * (levelValues[levels[at] as number] as number)
			numbers[own + CLUE.sums + kind] = (numbers[own + CLUE.sums + kind] as number) + part
			numbers[own + CLUE.counts + kind] = (numbers[own + CLUE.counts + kind] as number) + share
			numbers[own + CLUE.weight] = (numbers[own + CLUE.weight] as number) + weight
			numbers[own + CLUE.squares] = (numbers[own + CLUE.squares] as number) + part * part
			numbers[own + CLUE.rarity] = (numbers[own + CLUE.rarity] as number) + rarity
			if (part > (numbers[own + CLUE.most] as number)) numbers[own + CLUE.most] = part
		}
	}

	/** @param index of a feature, behind the words */
	#isPair(index: number): boolean {
		const { features, weights } = this.#evidence
		return isPair(features[index - (weights.length - features.length)] as number)
	}

	/**
	 * The engine's best labels and the table's own, each with what the title's words add to the logarithm of its score.
	 *
	 * @param candidates of the engine: all labels, or its best
	 */
	consider(normalized: string, candidates: Candidates): Considered {
		return this.#consider(this.#find(normalized), candidates)
	}

	/**
	 * Multiplies each score by e^(strength · evidence / √words) and scales them to a sum of 1. The `count` most probable, most probable
	 * first; of equals the one that comes first in {@link consider}.
	 *
	 * The evidence of a word for a label is log(1 + posts of the label with the word / (m · share of all posts with it)), as in a
	 * naive Bayes classifier whose counts are smoothed by m posts that are like all posts; it counts more, the rarer the word is.
	 * Features are counted as words are, but they are none of the words by whose number the evidence is divided.
	 */
	weigh(normalized: string, candidates: Candidates, count: number): Scored[] {
		const found = this.#find(normalized)
		if (found.length === 0) return nameCandidates(this.#labels, candidates, count)
		const { labels, scores, adds } = this.#consider(found, candidates)
		let most = Number.NEGATIVE_INFINITY
		for (let at = 0; at < adds.length; at += 1) {
			const score = Math.max(scores[at] as number, Number.MIN_VALUE)
			scores[at] = Math.log(score) + (adds[at] as number)
			most = Math.max(most, scores[at] as number)
		}
		let sum = 0
		for (let at = 0; at < scores.length; at += 1) {
			scores[at] = Math.exp((scores[at] as number) - most)
			sum += scores[at] as number
		}
		const best = new Largest(Math.min(count, scores.length))
		for (let at = 0; at < scores.length; at += 1) {
			// In single precision, as the engine's: evaluation keeps them so, and shall say the same as the page to the last bit.
			scores[at] = Math.fround((scores[at] as number) / sum)
			best.offer(at, scores[at] as number)
		}
		return Array.from(best.take(), (at) => ({
			label: this.#labels[labels[at] as number] as string,
			score: scores[at] as number,
		}))
	}

	#consider(found: readonly Found[], candidates: Candidates): Considered {
		const scale = this.#scaleFor(found)
		let weight = 0
		let met = 0
		this.#turn += 2
		for (const one of found) {
			weight += one.share * this.#weightOf(one.index)
			met = this.#add(one, met)
		}
		const own = this.#findBest(met, weight)
		const { labels, scores, adds } = this.#considered
		let count = candidates.labels.length
		labels.set(candidates.labels)
		scores.set(candidates.scores)
		for (let at = 0; at < count; at += 1) {
			const place = this.#placeOf[labels[at] as number] as number
			adds[at] = scale * this.#sumOf(place, weight)
			this.#turns[place] = this.#turn + 1
		}
		const least = count === 0 ? 0 : (scores[count - 1] as number)
		const score = Math.min(least, Math.max(PROBABILITY_OFFSET, least * BELOW_LEAST))
		for (const place of own) {
			if (this.#turns[place] !== this.#turn) continue
			labels[count] = this.#labelAt[place] as number
			scores[count] = score
			adds[count] = scale * this.#sumOf(place, weight)
			count += 1
		}
		return {
			labels: labels.subarray(0, count),
			scores: scores.subarray(0, count),
			adds: adds.subarray(0, count),
		}
	}

	/** The labels for which what was found in a title speaks most, best first; of equals the first. */
	#findBest(met: number, weight: number): Uint32Array {
		const best = new Largest(OWN_CANDIDATES)
		for (let at = 0; at < met; at += 1) {
			const place = this.#met[at] as number
			best.offer(place, this.#sumOf(place, weight))
		}
		return best.take()
	}

	/** What was found, of so much weight, says for a label. */
	#sumOf(place: number, weight: number): number {
		const said = this.#turns[place] === this.#turn ? (this.#sums[place] as number) : 0
		return said + weight * (this.#evidence.absent[place] as number)
	}

	/** A title may have features alone: they count as those of one word. */
	#scaleFor(found: readonly Found[]): number {
		const words = found.reduce((sum, { isWord, share }) => (isWord ? sum + share : sum), 0)
		return this.#evidence.strength / Math.sqrt(words || 1)
	}

	/**
	 * Each word and feature of a title once, as far as the table has it; of several copies of a title, with the share of them that it
	 * is in.
	 */
	#find(normalized: string): readonly Found[] {
		if (this.#last?.normalized !== normalized)
			this.#last = { normalized, found: this.#lookUp(normalized) }
		return this.#last.found
	}

	#lookUp(normalized: string): Found[] {
		const copies = splitCopies(normalized)
		const share = 1 / copies.length
		const words = new Map<string, number>()
		const features = new Map<number, Found>()
		const reader = new FeatureReader()
		for (const copy of copies) {
			for (const text of new Set(copy)) words.set(text, (words.get(text) ?? 0) + share)
			this.#findFeatures(copy, share, { reader, features })
		}
		const found: Found[] = []
		for (const [text, share] of words) {
			const index = this.#findWord(text)
			if (index !== undefined) found.push({ text, index, isWord: true, share })
		}
		return [...found, ...features.values()]
	}

	/** Adds the features of one copy of a title to those of the copies before, each of a copy once. */
	#findFeatures(copy: readonly string[], share: number, { reader, features }: FoundFeatures): void {
		if (this.#evidence.features.length === 0) return
		const seen = new Set<number>()
		reader.read(copy, (number, first, second) => {
			if (seen.has(number)) return
			seen.add(number)
			const known = features.get(number)
			if (known) {
				known.share += share
				return
			}
			const index = this.#findFeature(number)
			if (index !== undefined)
				features.set(number, { text: nameFeature(first, second), index, isWord: false, share })
		})
	}

	/** The place of a feature behind the words. */
	#findFeature(number: number): number | undefined {
		const { features, weights } = this.#evidence
		const place = findEven(features, number)
		return features[place] === number ? weights.length - features.length + place : undefined
	}

	#weightOf(index: number): number {
		return (this.#evidence.weights[index] ?? 0) / WORD_WEIGHT_STEPS
	}

	#absent(place: number): number {
		return this.#evidence.absent[place] ?? 0
	}

	#valueOf(index: number, place: number): number {
		const { starts, labels, levels, levelValues } = this.#evidence
		for (let at = starts[index] ?? 0; at < (starts[index + 1] ?? 0); at += 1)
			if (labels[at] === place) return levelValues[levels[at] ?? 0] ?? 0
		return 0
	}

	/** Adds what a word or feature says to the labels' sums. @param met how many were met before @returns how many were met */
	#add({ index, share }: Found, met: number): number {
		const { starts, labels, levels, levelValues } = this.#evidence
		const weight = share * this.#weightOf(index)
		for (let level = 0; level < EVIDENCE_LEVELS; level += 1)
			this.#steps[level] = weight * (levelValues[level] as number)
		let count = met
		const end = starts[index + 1] as number
		for (let at = starts[index] as number; at < end; at += 1) {
			const place = labels[at] as number
			if (this.#turns[place] !== this.#turn) {
				this.#turns[place] = this.#turn
				this.#sums[place] = 0
				this.#met[count] = place
				count += 1
			}
			this.#sums[place] =
				(this.#sums[place] as number) + (this.#steps[levels[at] as number] as number)
		}
		return count
	}
}

/**
 * The place of the first of ascending numbers that is not below one. Numbers of features are as even as hashes are, so that each
 * is near the place that its size says: a binary search begins there.
 */
function findEven(numbers: Uint32Array, number: number): number {
	const guess = Math.floor(numbers.length * (number / 2 ** FEATURE_BITS))
	let from = Math.max(0, guess - NEAR)
	let until = Math.min(numbers.length, guess + NEAR)
	if (from > 0 && (numbers[from - 1] as number) >= number) from = 0
	if (until < numbers.length && (numbers[until] as number) < number) until = numbers.length
	while (from < until) {
		const middle = (from + until) >>> 1
		if ((numbers[middle] as number) < number) from = middle + 1
		else until = middle
	}
	return from
}

function nameFeature(first: string, second: string | undefined): string {
	return second === undefined ? `${beginningOf(first)}…` : `${first} ${second}`
}

function indexWords(words: Evidence['words']): FindWord {
	const places = new Map(words.map((word, index) => [word, index]))
	return (token) => places.get(toUtf8(token))
}
