// Puts a title's best labels into a better order, by how well vectors and evidence agree on each: a small network that was learnt on
// validation posts. Pure: browser and Node.
import { AppError } from '../shared/app-error.ts'
import type { Reranker } from '../shared/reranker.ts'
import type { Prediction } from './engine.ts'
import type { CluesTable, LabelClues } from './evidence/clues.ts'

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

const FEATURES = RERANKER_FEATURES.length
/** Shorter names are words of many titles. */
const LEAST_NAME = 4

/** Describes a title's candidates to a network. Keeps its memory from title to title. */
export class CandidateDescriber {
	readonly #table: CluesTable
	readonly #features = new Float64Array(RERANKED * FEATURES)

	constructor(table: CluesTable) {
		this.#table = table
	}

	/**
	 * @param normalized a title, as the engine was asked
	 * @param predictions the model's best labels for it, most probable first
	 * @returns [candidates][features] for the first {@link RERANKED}, good until the next title; null where the table knows nothing of it
	 */
	describe(normalized: string, predictions: readonly Prediction[]): Float64Array | null {
		const count = Math.min(predictions.length, RERANKED)
		const candidates = predictions.slice(0, count)
		const clues = this.#table.findClues(
			normalized,
			candidates.map(({ label }) => label),
		)
		if (!clues) return null
		const evidence = clues.labels.map(({ adds }) => adds)
		const logs = candidates.map(({ score }) => Math.log(Math.max(score, Number.MIN_VALUE)))
		const vectors = logs.map((log, at) => log - (evidence[at] as number))
		const [belowVectors, belowEvidence] = [belowBest(vectors), belowBest(evidence)]
		const [vectorRanks, evidenceRanks] = [softRanks(belowVectors), softRanks(belowEvidence)]
		const title = { words: Math.max(1, clues.words), weight: clues.weight, scale: clues.scale }
		const joined = normalized.replaceAll(' ', '')
		for (let at = 0; at < count; at += 1) {
			const { label } = candidates[at] as Prediction
			const length = Math.log(title.words)
			const byVectors = belowVectors[at] as number
			const byEvidence = belowEvidence[at] as number
			this.#write(at, [
				byVectors,
				byEvidence,
				Math.log1p(vectorRanks[at] as number),
				Math.log1p(evidenceRanks[at] as number),
				...describeClues(clues.labels[at] as LabelClues, title),
				length,
				hasName(joined, label) ? 1 : 0,
				logs[at] as number,
				byVectors * length,
				byEvidence * length,
			])
		}
		return this.#features.subarray(0, count * FEATURES)
	}

	#write(at: number, features: readonly number[]): void {
		this.#features.set(features, at * FEATURES)
	}
}

/** Reranks with one model. */
export class TitleReranker {
	readonly #network: Network
	readonly #describer: CandidateDescriber

	/**
	 * @param table of the model
	 * @throws AppError `bad-data` where the network was learnt for another kind of model
	 */
	constructor(reranker: Reranker, table: CluesTable | null) {
		if (!table || reranker.hidden.some((row) => row.length !== FEATURES))
			throw new AppError(
				'bad-data',
				`the release's reranker expects ${reranker.hidden[0]?.length} features of a model with a table of evidence; this program knows ${FEATURES}${table ? '' : ', and the model has none'}`,
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

/** The place of the logarithm of a candidate's score among its features. */
export const LOG_SCORE = RERANKER_FEATURES.indexOf('log(score)')

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
		let score = this.#temperature * (features[from + base] as number)
		for (let unit = 0, weight = 0; unit < this.#bias.length; unit += 1) {
			let sum = this.#bias[unit] as number
			for (let at = 0; at < FEATURES; at += 1, weight += 1)
				sum += (this.#hidden[weight] as number) * (features[from + at] as number)
			if (sum > 0) score += (this.#output[unit] as number) * sum
		}
		return score
	}
}

/** What a title has in common for all of its candidates. */
interface TitleMeasures {
	readonly words: number
	readonly weight: number
	readonly scale: number
}

function describeClues(
	{ sums, counts, most, weight, squares, rarity }: LabelClues,
	title: TitleMeasures,
): number[] {
	return [
		...sums.map((sum) => sum * title.scale),
		...counts.map((count) => count / title.words),
		most,
		most * title.scale,
		title.weight > 0 ? weight / title.weight : 0,
		Math.sqrt(squares) * title.scale,
		Math.log1p(RARITY_FACTOR * rarity),
	]
}

const RARITY_FACTOR = 100

function belowBest(values: readonly number[]): number[] {
	const best = values.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY)
	return values.map((value) => value - best)
}

/**
 * How many are above each value, and of those below e^(their distance) each: a rank that does not jump where two values change
 * places.
 */
function softRanks(values: readonly number[]): Float64Array {
	const order = Array.from(values.keys()).sort(
		(a, b) => (values[b] as number) - (values[a] as number),
	)
	const ranks = new Float64Array(values.length)
	let below = 0
	for (let place = order.length - 1; place >= 0; place -= 1) {
		const at = order[place] as number
		ranks[at] = place + below
		const above = order[place - 1]
		if (above !== undefined)
			below = (below + 1) * Math.exp((values[at] as number) - (values[above] as number))
	}
	return ranks
}

function hasName(joined: string, label: string): boolean {
	return label.length >= LEAST_NAME && joined.includes(label.toLowerCase())
}
