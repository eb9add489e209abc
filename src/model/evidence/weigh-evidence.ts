// Reranks the engine's best labels by what the title's single words say about each. Pure: browser and Node.

import { AppError } from '../../shared/app-error.ts'
import { type Candidates, nameCandidates } from '../candidates.ts'
import { PROBABILITY_OFFSET } from '../fasttext/probability-offset.ts'
import { toUtf8 } from '../features.ts'
import { Largest } from '../largest.ts'
import { splitCopies } from '../padding.ts'
import { placeLabels } from '../sort-labels.ts'
import { EVIDENCE_LEVELS, type Evidence, WORD_WEIGHT_STEPS } from './evidence-file.ts'

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

/** Labels that may be among the first. Views of buffers: good until the next title. */
interface Considered extends Candidates {
	/** What the table adds to the logarithm of each one's score. */
	readonly adds: Float64Array
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
	/** Of the model, in its order. */
	readonly #labels: readonly string[]
	readonly #places: ReadonlyMap<string, number>
	/** Of each of the model's labels its place in the table, and the other way round. */
	readonly #placeOf: Uint32Array
	readonly #labelAt: Uint32Array
	/** Of each place what the words of the title say for it, as far as they speak for it. */
	readonly #sums: Float32Array
	/** Of each place in which turn it was met last: told so, none is cleared. */
	readonly #turns: Float64Array
	#turn = 0
	/** The places that the words of the title speak for. */
	readonly #met: Uint32Array
	/** What the word at hand says at each level. */
	readonly #steps = new Float64Array(EVIDENCE_LEVELS)
	readonly #considered: Considered

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
	 */
	weigh(normalized: string, candidates: Candidates, count: number): Scored[] {
		const words = this.#find(normalized)
		if (words.length === 0) return nameCandidates(this.#labels, candidates, count)
		const { labels, scores, adds } = this.#consider(words, candidates)
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

	#consider(words: readonly FoundWord[], candidates: Candidates): Considered {
		const scale = this.#scaleFor(words)
		let weight = 0
		let met = 0
		this.#turn += 2
		for (const word of words) {
			weight += word.share * this.#weightOf(word.index)
			met = this.#add(word, met)
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

	/** The labels for which the words of a title speak most, best first; of equals the first. */
	#findBest(met: number, weight: number): Uint32Array {
		const best = new Largest(OWN_CANDIDATES)
		for (let at = 0; at < met; at += 1) {
			const place = this.#met[at] as number
			best.offer(place, this.#sumOf(place, weight))
		}
		return best.take()
	}

	/** What words of so much weight say for a label. */
	#sumOf(place: number, weight: number): number {
		const said = this.#turns[place] === this.#turn ? (this.#sums[place] as number) : 0
		return said + weight * (this.#evidence.absent[place] as number)
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

	/** Adds what a word says to the labels' sums. @param met how many were met before @returns how many were met */
	#add({ index, share }: FoundWord, met: number): number {
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

function indexWords(words: Evidence['words']): FindWord {
	const places = new Map(words.map((word, index) => [word, index]))
	return (token) => places.get(toUtf8(token))
}
