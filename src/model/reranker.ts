// Puts a title's best labels into a better order, by how well vectors and evidence agree on each: a small network that was learnt on
// validation posts. Pure: browser and Node.
import { AppError } from '../shared/app-error.ts'
import type { Reranker } from '../shared/reranker.ts'
import type { Prediction } from './engine.ts'
import { CLUE, CLUE_KINDS, CLUES, type CluesTable, type TitleClues } from './evidence/clues.ts'

/** How many of the model's best labels are reranked; those below never reach the first five. Measured: docs/training.md. */
export const RERANKED = 80

/**
 * What the network sees of each candidate, beside its score. Logarithms are natural; sums of evidence are scaled by
 * strength / √words as in the score. All are continuous, so that rounding changes nothing of note.
 */
export const RERANKER_FEATURES = [
	'vectors, less the best candidate’s',
	'evidence, less the best candidate’s',
	'log(1 + rank by vectors)',
	'log(1 + rank by evidence)',
	'evidence of words',
	'evidence of pairs',
	'evidence of beginnings',
	'words with evidence, a word of the title',
	'pairs with evidence, a word of the title',
	'beginnings with evidence, a word of the title',
	'strongest evidence, unscaled',
	'strongest evidence',
	'share of the evidence’s weight that speaks for it',
	'root of the sum of squares of evidence',
	'how few others it shares its evidence with',
	'log(words)',
	'whether the title has its name',
	'log(score)',
	'vectors · log(words)',
	'evidence · log(words)',
] as const

/** Raised when a feature changes, or which candidates are reranked: a program uses only a network whose version it knows. */
export const RERANKER_VERSION = 1

const FEATURES = RERANKER_FEATURES.length
/** The place of the logarithm of a candidate's score among its features. */
export const LOG_SCORE = RERANKER_FEATURES.indexOf('log(score)')
const NAME = RERANKER_FEATURES.indexOf('whether the title has its name')
const FIRST_CLUE = RERANKER_FEATURES.indexOf('evidence of words')
/** Where a distance to the best candidate, the rank and that distance times the title's length stand. */
type Places = readonly [below: number, rank: number, scaled: number]
const BY_VECTORS: Places = [0, 2, RERANKER_FEATURES.indexOf('vectors · log(words)')]
const BY_EVIDENCE: Places = [1, 3, RERANKER_FEATURES.indexOf('evidence · log(words)')]
const RARITY_FACTOR = 100
/** Shorter names are words of many titles. */
const LEAST_NAME = 4

/** Describes a title's candidates to a network. Keeps its memory from title to title. */
export class CandidateDescriber {
	readonly #table: CluesTable
	/** [candidates][features] */
	readonly #features = new Float64Array(RERANKED * FEATURES)
	readonly #logs = new Float64Array(RERANKED)
	readonly #vectors = new Float64Array(RERANKED)
	readonly #evidence = new Float64Array(RERANKED)
	readonly #ranks = new Float64Array(RERANKED)
	readonly #order = new Uint16Array(RERANKED)
	readonly #names = new LowerCaseNames()

	constructor(table: CluesTable) {
		this.#table = table
	}

	/**
	 * @param normalized a title, as the engine was asked
	 * @param predictions the model's best labels for it, most probable first
	 * @returns [candidates][features] for the first {@link RERANKED}, good until the next title; null where the table knows nothing of it
	 */
	describe(normalized: string, predictions: readonly Prediction[]): Float64Array | null {
		const candidates = predictions.slice(0, RERANKED)
		const names = candidates.map(({ label }) => label)
		const clues = this.#table.findClues(normalized, names)
		if (!clues) return null
		const count = candidates.length
		for (const [at, { score }] of candidates.entries()) {
			const log = Math.log(Math.max(score, Number.MIN_VALUE))
			const adds = clues.numbers[at * CLUES + CLUE.adds] as number
			this.#logs[at] = log
			this.#evidence[at] = adds
			this.#vectors[at] = log - adds
		}
		const joined = normalized.replaceAll(' ', '')
		for (const [at, label] of names.entries()) {
			this.#features[at * FEATURES + LOG_SCORE] = this.#logs[at] as number
			this.#features[at * FEATURES + NAME] = hasName(joined, this.#names.get(label)) ? 1 : 0
		}
		const length = Math.log(Math.max(1, clues.words))
		this.#compare(this.#vectors.subarray(0, count), length, BY_VECTORS)
		this.#compare(this.#evidence.subarray(0, count), length, BY_EVIDENCE)
		this.#describeClues(clues, count, length)
		return this.#features.subarray(0, count * FEATURES)
	}

	/** How far each value is below the best, its rank, and the same distance times the length of the title. */
	#compare(values: Float64Array, length: number, [below, rank, scaled]: Places): void {
		const best = values.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY)
		this.#rank(values)
		for (let at = 0; at < values.length; at += 1) {
			const own = at * FEATURES
			const distance = (values[at] as number) - best
			this.#features[own + below] = distance
			this.#features[own + rank] = Math.log1p(this.#ranks[at] as number)
			this.#features[own + scaled] = distance * length
		}
	}

	/**
	 * How many are above each value, and of those below e^(their distance) each: a rank that does not jump where two values change
	 * places.
	 */
	#rank(values: Float64Array): void {
		const order = this.#order
		for (let at = 0; at < values.length; at += 1) {
			let place = at
			for (; place > 0; place -= 1) {
				const before = order[place - 1] as number
				if ((values[before] as number) >= (values[at] as number)) break
				order[place] = before
			}
			order[place] = at
		}
		let below = 0
		for (let place = values.length - 1; place >= 0; place -= 1) {
			const at = order[place] as number
			this.#ranks[at] = place + below
			if (place === 0) break
			const above = order[place - 1] as number
			below = (below + 1) * Math.exp((values[at] as number) - (values[above] as number))
		}
	}

	#describeClues({ words, weight, scale, numbers }: TitleClues, count: number, length: number) {
		const features = this.#features
		for (let at = 0; at < count; at += 1) {
			const from = at * CLUES
			const to = at * FEATURES + FIRST_CLUE
			for (let kind = 0; kind < CLUE_KINDS; kind += 1) {
				features[to + kind] = (numbers[from + CLUE.sums + kind] as number) * scale
				features[to + CLUE_KINDS + kind] =
					(numbers[from + CLUE.counts + kind] as number) / Math.max(1, words)
			}
			const most = numbers[from + CLUE.most] as number
			features[to + 6] = most
			features[to + 7] = most * scale
			features[to + 8] = weight > 0 ? (numbers[from + CLUE.weight] as number) / weight : 0
			features[to + 9] = Math.sqrt(numbers[from + CLUE.squares] as number) * scale
			features[to + 10] = Math.log1p(RARITY_FACTOR * (numbers[from + CLUE.rarity] as number))
			features[to + 11] = length
		}
	}
}

/** What a program does not know of a reranker, such as `version 2; this page knows 1`; null if it knows it all. @param who such as `this page` */
export function findUnknownFeatures({ version, hidden }: Reranker, who: string): string | null {
	if (version !== RERANKER_VERSION) return `version ${version}; ${who} knows ${RERANKER_VERSION}`
	const features = hidden[0]?.length ?? 0
	return features === FEATURES ? null : `${features} features; ${who} knows ${FEATURES}`
}

/** Reranks with one model. */
export class TitleReranker {
	readonly #network: Network
	readonly #describer: CandidateDescriber

	/**
	 * @param table of the model
	 * @throws AppError `unsupported` for a network of other features, `bad-data` for a model without a table
	 */
	constructor(reranker: Reranker, table: CluesTable | null) {
		const unknown = findUnknownFeatures(reranker, 'this program')
		if (unknown !== null)
			throw new AppError(
				'unsupported',
				`the model has a reranker of ${unknown}; update this program`,
			)
		if (!table)
			throw new AppError(
				'bad-data',
				'the model has a reranker, but not the table of evidence that this needs; make it again',
			)
		this.#network = new Network(reranker)
		this.#describer = new CandidateDescriber(table)
	}

	/**
	 * The first {@link RERANKED} of a model's predictions, scored anew and scaled to a sum of 1, most probable first. As they are where
	 * the table knows nothing of the title.
	 *
	 * @param normalized the title, as the engine was asked
	 */
	rerank(normalized: string, predictions: readonly Prediction[]): readonly Prediction[] {
		const features = this.#describer.describe(normalized, predictions)
		if (!features) return predictions
		const count = features.length / FEATURES
		const logs = new Float64Array(count)
		for (let at = 0; at < count; at += 1)
			logs[at] = this.#network.score(features, at * FEATURES, LOG_SCORE)
		const most = logs.reduce((most, log) => Math.max(most, log), Number.NEGATIVE_INFINITY)
		const sum = logs.reduce((sum, log) => sum + Math.exp(log - most), 0)
		// In single precision, as the model's own scores are.
		return Array.from(logs, (log, at) => ({
			label: (predictions[at] as Prediction).label,
			score: Math.fround(Math.exp(log - most) / sum),
		})).sort((a, b) => b.score - a.score)
	}
}

/** A multilayer perceptron with one hidden layer of rectified linear units. */
class Network {
	readonly #temperature: number
	/** [hidden][features] */
	readonly #hidden: Float64Array
	readonly #bias: Float64Array
	readonly #output: Float64Array

	constructor({ temperature, hidden, bias, output }: Reranker) {
		this.#temperature = temperature
		this.#hidden = Float64Array.from(hidden.flat())
		this.#bias = Float64Array.from(bias)
		this.#output = Float64Array.from(output)
	}

	/** The logarithm of a candidate's new score. @param from where its features begin @param base which of them is the logarithm of its score */
	score(features: Float64Array, from: number, base: number): number {
		const hidden = this.#hidden
		const bias = this.#bias
		const output = this.#output
		let score = this.#temperature * (features[from + base] as number)
		for (let unit = 0, weight = 0; unit < bias.length; unit += 1) {
			let sum = bias[unit] as number
			for (let at = 0; at < FEATURES; at += 1, weight += 1)
				sum += (hidden[weight] as number) * (features[from + at] as number)
			if (sum > 0) score += (output[unit] as number) * sum
		}
		return score
	}
}

/** @param name in lower case */
function hasName(joined: string, name: string): boolean {
	return name.length >= LEAST_NAME && joined.includes(name)
}

/** Names in lower case: making a label's anew for each title would take longer than looking for it there. */
class LowerCaseNames {
	readonly #known = new Map<string, string>()

	get(label: string): string {
		let name = this.#known.get(label)
		if (name === undefined) {
			name = label.toLowerCase()
			this.#known.set(label, name)
		}
		return name
	}
}
