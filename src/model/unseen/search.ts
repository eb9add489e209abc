// Finds subreddits that the model has not learnt, by what they say of themselves. Pure: the page's worker and Node.
import { AppError } from '../../shared/app-error.ts'
import { UNSEEN_COUNT } from '../../shared/unseen.ts'
import type { Prediction } from '../engine.ts'
import { findLargest } from '../largest.ts'
import { sortLabels } from '../sort-labels.ts'
import {
	LENGTH_STEPS,
	type Postings,
	RARITY_STEPS,
	SHARE_STEPS,
	SIZE_STEPS,
	type UnseenIndex,
} from './index-file.ts'
import { searchWordsOf } from './words.ts'

/** Of a word that is not in the index: too frequent to tell anything, or in no description. */
const UNKNOWN_RARITY = 3

/** A subreddit, and its share of the evidence: those of all subreddits of the index add up to 1. */
export interface UnseenMatch {
	/** Without `r/`. */
	readonly subreddit: string
	readonly evidence: number
}

/**
 * A loaded index. A subreddit's score for a title is
 *
 *     words · BM25 + coverage · share + size · ln(subscribers + 1) + bridge · ln(bridgeFloor + Σ P(label | title) · P(label | description))
 *
 * and its evidence the softmax of the scores over all of them. BM25 is that of Robertson & Zaragoza 2009 over the words of its
 * name (each counted three times) and description; the share is that of the title's words, by rarity, that it has. The sum goes over the labels that the model suggests for both texts: what the
 * model knows of near subreddits bridges words that the two do not share (as in Norouzi et al. 2014, "Zero-shot learning by convex
 * combination of semantic embeddings").
 */
export class UnseenSearch {
	readonly #index: UnseenIndex
	readonly #wordNumbers: ReadonlyMap<string, number>
	readonly #labelNumbers: ReadonlyMap<string, number>
	/** Of each subreddit without any evidence. */
	readonly #bases: Float64Array
	/** Of each subreddit: its length in words, in means. */
	readonly #lengths: Float64Array

	/**
	 * @param labels of the model, in any order
	 * @throws AppError `damaged` where the index was made for another model
	 */
	constructor(index: UnseenIndex, labels: readonly string[]) {
		const expected = index.labels.from.length - 1
		if (labels.length !== expected)
			throw new AppError(
				'damaged',
				`the index of subreddits was made for a model of ${expected} labels, not ${labels.length}`,
			)
		this.#index = index
		this.#wordNumbers = new Map(index.words.map((word, number) => [word, number]))
		this.#labelNumbers = new Map(sortLabels(labels).map((label, number) => [label, number]))
		const { size, bridge, bridgeFloor } = index.parameters
		const floor = bridge * Math.log(bridgeFloor)
		this.#bases = Float64Array.from(index.sizes, (code) => (size * code) / SIZE_STEPS + floor)
		this.#lengths = relativeLengths(index)
	}

	get names(): readonly string[] {
		return this.#index.names
	}

	/** Those whose evidence is strong, at most three, the strongest first. */
	suggest(normalized: string, predictions: readonly Prediction[]): UnseenMatch[] {
		const { threshold } = this.#index.parameters
		return this.rank(normalized, predictions, UNSEEN_COUNT).filter(
			({ evidence }) => evidence >= threshold,
		)
	}

	/**
	 * The `count` with the strongest evidence, strongest first.
	 *
	 * @param predictions the model's best labels for the title, before the prior; none where it knows no word
	 */
	rank(normalized: string, predictions: readonly Prediction[], count: number): UnseenMatch[] {
		const scores = this.#bases.slice()
		this.#addWords(scores, normalized)
		this.#addBridge(scores, predictions)
		const best = findLargest(scores, count)
		const most = scores[best[0] ?? 0] ?? 0
		let sum = 0
		for (const score of scores) sum += Math.exp(score - most)
		return best.map((number) => ({
			subreddit: this.#index.names[number] as string,
			evidence: Math.exp((scores[number] as number) - most) / sum,
		}))
	}

	#addWords(scores: Float64Array, normalized: string): void {
		const { parameters, postings, rarities } = this.#index
		const { k1, b, words: strength, coverage } = parameters
		const words = searchWordsOf(normalized)
		const rows = words.map((word) => this.#wordNumbers.get(word))
		const rarityOf = (row: number | undefined) =>
			row === undefined ? UNKNOWN_RARITY : (rarities[row] as number) / RARITY_STEPS
		const total = rows.reduce<number>((sum, row) => sum + rarityOf(row), 0)
		for (const row of rows) {
			if (row === undefined) continue
			const rarity = rarityOf(row)
			const share = (coverage * rarity) / total
			for (const [subreddit, times] of readRow(postings, row)) {
				const long = 1 - b + b * (this.#lengths[subreddit] as number)
				const bm25 = (rarity * times * (k1 + 1)) / (times + k1 * long)
				add(scores, subreddit, strength * bm25 + share)
			}
		}
	}

	#addBridge(scores: Float64Array, predictions: readonly Prediction[]): void {
		const { bridge, bridgeFloor } = this.#index.parameters
		const common = new Map<number, number>()
		for (const { label, score } of predictions) {
			const row = this.#labelNumbers.get(label)
			if (row === undefined) continue
			for (const [subreddit, root] of readRow(this.#index.labels, row))
				common.set(subreddit, (common.get(subreddit) ?? 0) + score * (root / SHARE_STEPS) ** 2)
		}
		for (const [subreddit, sum] of common)
			add(scores, subreddit, bridge * Math.log1p(sum / bridgeFloor))
	}
}

function* readRow(
	{ from, subreddits, values }: Postings,
	row: number,
): Generator<[number, number]> {
	const until = from[row + 1] as number
	for (let at = from[row] as number; at < until; at += 1)
		yield [subreddits[at] as number, values[at] as number]
}

function add(scores: Float64Array, at: number, more: number): void {
	scores[at] = (scores[at] as number) + more
}

function relativeLengths({ lengths }: UnseenIndex): Float64Array {
	const words = Float64Array.from(lengths, (code) => Math.expm1(code / LENGTH_STEPS))
	const mean = words.reduce((sum, length) => sum + length, 0) / Math.max(1, words.length)
	return mean > 0 ? words.map((length) => length / mean) : words
}
