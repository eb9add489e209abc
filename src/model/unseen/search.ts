// Finds subreddits that the model has not learnt, by what they say of themselves. Pure: the page's worker and Node.
import { AppError } from '../../shared/app-error.ts'
import { UNSEEN_COUNT } from '../../shared/unseen.ts'
import type { Prediction } from '../engine.ts'
import { Largest } from '../largest.ts'
import { placeLabels } from '../sort-labels.ts'
import { LENGTH_STEPS, RARITY_STEPS, SHARE_STEPS, SIZE_STEPS } from './index-file.ts'
import type { SearchableIndex } from './searchable.ts'
import { searchWords } from './words.ts'

/** Of a word that is not in the index: too frequent to tell anything, or in no description. */
const UNKNOWN_RARITY = 3

export interface UnseenMatch {
	/** Without `r/`. */
	readonly subreddit: string
	/** Its share of the evidence: those of all subreddits of the index add up to 1. */
	readonly evidence: number
	/** How often a subreddit with this evidence is right, as a suggestion's probability is; 0 where it was not measured. */
	readonly probability: number
}

/**
 * A loaded index. A subreddit's score for a title is
 *
 *     words · BM25 + coverage · share + life(subscribers) + bridge · ln(bridgeFloor + Σ P(label | title) · P(label | description))
 *
 * and its evidence the softmax of the scores over all of them. BM25 is that of Robertson & Zaragoza 2009 over the words of its
 * name (each counted three times) and description; the share is that of the title's words, by rarity, that it has. Its life is
 * size · ln(subscribers + 1) − ln(1 + (half / (subscribers + 1))^steep): few posts come from small subreddits, and large ones differ little. The sum goes over the labels that the model suggests for both texts: what the
 * model knows of near subreddits bridges words that the two do not share (as in Norouzi et al. 2014, "Zero-shot learning by convex
 * combination of semantic embeddings").
 */
export class UnseenSearch {
	readonly #index: SearchableIndex
	readonly #labelNumbers: ReadonlyMap<string, number>
	/** Of each subreddit without any evidence. */
	readonly #bases: Float64Array
	/** The subreddits by their bases, highest first. */
	readonly #byBase: Uint32Array
	readonly #baseSum: number
	/** Of each subreddit: its length in words, in means. */
	readonly #lengths: Float64Array
	/** What a title adds to the bases; zeros between two searches. */
	readonly #added: Float64Array
	/** Of each subreddit what the labels of a title have in common with it; zeros between two searches. */
	readonly #common: Float64Array
	/** The subreddits that a title adds to. */
	readonly #touched: Uint32Array
	#touchedCount = 0

	/**
	 * @param labels of the model, in any order
	 * @throws AppError `damaged` where the index was made for another model
	 */
	constructor(index: SearchableIndex, labels: readonly string[]) {
		const expected = index.labelCount
		if (labels.length !== expected)
			throw new AppError(
				'damaged',
				`the index of subreddits was made for a model of ${expected} labels, not ${labels.length}`,
			)
		this.#index = index
		this.#labelNumbers = placeLabels(labels)
		this.#bases = basesOf(index)
		this.#byBase = sortBySize(index.sizes)
		this.#baseSum = sumBases(index, this.#highestBase)
		this.#lengths = relativeLengths(index)
		this.#added = new Float64Array(index.count)
		this.#common = new Float64Array(index.count)
		this.#touched = new Uint32Array(index.count)
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
		try {
			this.#addWords(normalized)
			this.#addBridge(predictions)
			const best = this.#findBest(count)
			const most = this.#scoreOf(best[0] ?? 0)
			const sum = this.#sumAbove(most)
			return best.map((number) => {
				const evidence = Math.exp(this.#scoreOf(number) - most) / sum
				const probability = lookUp(this.#index.parameters.right, evidence)
				return { subreddit: this.#index.nameAt(number), evidence, probability }
			})
		} finally {
			for (let at = 0; at < this.#touchedCount; at += 1)
				this.#added[this.#touched[at] as number] = 0
			this.#touchedCount = 0
		}
	}

	get #highestBase(): number {
		return this.#bases[this.#byBase[0] ?? 0] ?? 0
	}

	#scoreOf(subreddit: number): number {
		return (this.#bases[subreddit] ?? 0) + (this.#added[subreddit] ?? 0)
	}

	#add(subreddit: number, more: number): void {
		if (!(more > 0)) return
		if (this.#added[subreddit] === 0) {
			this.#touched[this.#touchedCount] = subreddit
			this.#touchedCount += 1
		}
		this.#added[subreddit] = (this.#added[subreddit] as number) + more
	}

	#addWords(normalized: string): void {
		const { k1, b, words: strength, coverage } = this.#index.parameters
		const words = searchWords(normalized).map((word) => {
			const found = this.#index.findWord(word)
			return { found, rarity: found ? found.rarity / RARITY_STEPS : UNKNOWN_RARITY }
		})
		const total = words.reduce((sum, { rarity }) => sum + rarity, 0)
		for (const { found, rarity } of words) {
			const share = (coverage * rarity) / total
			found?.visit((subreddit, times) => {
				const long = 1 - b + b * (this.#lengths[subreddit] as number)
				const bm25 = (rarity * times * (k1 + 1)) / (times + k1 * long)
				this.#add(subreddit, strength * bm25 + share)
			})
		}
	}

	#addBridge(predictions: readonly Prediction[]): void {
		const { bridge, bridgeFloor } = this.#index.parameters
		const common = this.#common
		const bridged: number[] = []
		for (const { label, score } of predictions) {
			const number = this.#labelNumbers.get(label)
			if (number === undefined) continue
			this.#index.visitLabel(number)((subreddit, root) => {
				const both = score * (root / SHARE_STEPS) ** 2
				if (!(both > 0)) return
				if (common[subreddit] === 0) bridged.push(subreddit)
				common[subreddit] = (common[subreddit] as number) + both
			})
		}
		for (const subreddit of bridged) {
			this.#add(subreddit, bridge * Math.log1p((common[subreddit] as number) / bridgeFloor))
			common[subreddit] = 0
		}
	}

	/** The highest scores, highest first; of equal ones the first comes first. */
	#findBest(count: number): number[] {
		const best = new Largest(count)
		const offer = (subreddit: number) => best.offer(subreddit, this.#scoreOf(subreddit))
		for (let at = 0; at < this.#touchedCount; at += 1) offer(this.#touched[at] as number)
		// Of those without evidence only the largest can be among the best.
		let left = count
		for (const subreddit of this.#byBase) {
			if (left === 0) break
			if (this.#added[subreddit] !== 0) continue
			offer(subreddit)
			left -= 1
		}
		return [...best.take()]
	}

	/** Σ exp(score − most) over all subreddits: those without evidence were added up once. */
	#sumAbove(most: number): number {
		let sum = this.#baseSum * Math.exp(this.#highestBase - most)
		for (let at = 0; at < this.#touchedCount; at += 1) {
			const subreddit = this.#touched[at] as number
			const base = (this.#bases[subreddit] as number) - most
			sum += Math.exp(base + (this.#added[subreddit] as number)) - Math.exp(base)
		}
		return sum
	}
}

// Sizes and lengths are bytes, so that a table of 256 says all: of 160,000 subreddits each, a function called for one would take a
// twentieth of a second, in which no title is answered.

function basesOf(index: SearchableIndex): Float64Array {
	return readCodes(index.sizes, basesByCode(index))
}

/** Σ exp(base − most). */
function sumBases(index: SearchableIndex, most: number): number {
	const parts = basesByCode(index).map((base) => Math.exp(base - most))
	let sum = 0
	for (let at = 0; at < index.sizes.length; at += 1)
		sum += parts[index.sizes[at] as number] as number
	return sum
}

function basesByCode({ parameters }: SearchableIndex): Float64Array {
	const { size, half, steep, bridge, bridgeFloor } = parameters
	const floor = bridge * Math.log(bridgeFloor)
	const lifeOf = (lnSize: number) =>
		size * lnSize - (half > 0 ? Math.log1p(Math.exp(steep * (Math.log(half) - lnSize))) : 0)
	return Float64Array.from({ length: 256 }, (_, code) => lifeOf(code / SIZE_STEPS) + floor)
}

function readCodes(codes: Uint8Array, byCode: Float64Array): Float64Array {
	const values = new Float64Array(codes.length)
	for (let at = 0; at < codes.length; at += 1) values[at] = byCode[codes[at] as number] as number
	return values
}

/** On straight lines between the points, which ascend; flat before the first and after the last. */
function lookUp(points: readonly (readonly [number, number])[], evidence: number): number {
	let before = points[0]
	for (const point of points) {
		if (before && evidence < point[0]) {
			const way = point[0] - before[0]
			const share = way > 0 ? (evidence - before[0]) / way : 0
			return before[1] + (point[1] - before[1]) * Math.max(0, share)
		}
		before = point
	}
	return before?.[1] ?? 0
}

/** Largest first; of equal ones the first comes first. A counting sort: the codes are bytes. */
function sortBySize(sizes: Uint8Array): Uint32Array {
	const from = new Uint32Array(257)
	for (let at = 0; at < sizes.length; at += 1) {
		const place = 256 - (sizes[at] as number)
		from[place] = (from[place] as number) + 1
	}
	for (let code = 1; code < 257; code += 1)
		from[code] = (from[code] as number) + (from[code - 1] as number)
	const sorted = new Uint32Array(sizes.length)
	for (let subreddit = 0; subreddit < sizes.length; subreddit += 1) {
		const code = sizes[subreddit] as number
		const place = from[255 - code] as number
		sorted[place] = subreddit
		from[255 - code] = place + 1
	}
	return sorted
}

function relativeLengths({ lengths }: SearchableIndex): Float64Array {
	const byCode = Float64Array.from({ length: 256 }, (_, code) => Math.expm1(code / LENGTH_STEPS))
	let sum = 0
	for (let at = 0; at < lengths.length; at += 1) sum += byCode[lengths[at] as number] as number
	const mean = sum / Math.max(1, lengths.length)
	return readCodes(lengths, mean > 0 ? byCode.map((length) => length / mean) : byCode)
}
