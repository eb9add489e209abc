// Why a title gets its suggestions: what each word and pair of it adds to and takes from each of them. Pure: browser and Node.
import type { Reranker } from '../shared/reranker.ts'
import { EVIDENCE_CANDIDATES, type EvidenceTable } from './evidence/weigh-evidence.ts'
import { decodeRow, type FastTextModel } from './fasttext/format.ts'
import { PROBABILITY_OFFSET } from './fasttext/probability-offset.ts'
import { type Feature, FeatureFinder, fromUtf8, isFiller } from './features.ts'
import { findLargest } from './largest.ts'
import { paddingOf, padTitle } from './padding.ts'
import { type LabelWeights, PRIOR_CANDIDATES } from './prior.ts'
import { TitleReranker } from './reranker.ts'
import { labelName } from './training-text.ts'

/** What a word or a pair of a title says. */
export interface Part {
	/** One token, or neighbours parted by spaces, as often as it stands in the title; or the beginning of a word, with … behind it. */
	readonly text: string
	/** For each suggestion: what it adds to the natural logarithm of the suggestion's score, beside the average label. */
	readonly adds: readonly number[]
	/** Which part of the model says so: fastText's vectors, or the table of evidence. */
	readonly by: 'vectors' | 'evidence'
}

/**
 * A title's suggestions taken apart. For each of them
 *
 *     log(score) = sum of the parts + padding + reranking + prior − rivals
 *
 * exactly, as scores are a softmax over the mean of the title's vectors, weighed by evidence, reranker and prior. (The engine adds 0.00001 to
 * each probability; this does not.)
 */
export interface Explanation {
	/** Without `r/`, in the order that was asked for. */
	readonly subreddits: readonly string[]
	/** In the title's order: words, then pairs, then both once more, and beginnings of words, as far as the table of evidence has them. */
	readonly parts: readonly Part[]
	/** For each suggestion what the reranker makes of the parts' agreement; zeros where there is none. */
	readonly reranking: readonly number[]
	/** For each suggestion what the prior adds; zeros where there is none. */
	readonly prior: readonly number[]
	/** The logarithm of what the scores of all rivals add up to, these included: the same for each suggestion. */
	readonly rivals: number
	/**
	 * The zero vectors that share the mean with the parts, and what rounding and accidents of hashing let them add; for a label that
	 * only the table of evidence put forward also how far its score was raised for that.
	 */
	readonly padding: { readonly count: number; readonly adds: readonly number[] }
}

/** Explains with one model; decodes its label vectors once. */
export class Explainer {
	readonly #model: FastTextModel
	readonly #evidence: EvidenceTable | null
	readonly #reranker: TitleReranker | null
	readonly #finder: FeatureFinder
	readonly #padding: number
	readonly #labels: readonly string[]
	/** [labels][columns], less the mean of all: what speaks for every label alike decides nothing. */
	readonly #vectors: readonly Float64Array[]

	/** @param evidence the model's table, where it has one @param reranker of its release */
	constructor(
		model: FastTextModel,
		evidence: EvidenceTable | null = null,
		reranker: Reranker | undefined = undefined,
	) {
		this.#model = model
		this.#evidence = evidence
		this.#reranker = reranker ? new TitleReranker(reranker, evidence) : null
		this.#finder = new FeatureFinder(model)
		this.#padding = paddingOf((token) => model.words.some(({ bytes }) => bytes === token))
		this.#labels = model.labels.map(({ bytes }) => labelName(fromUtf8(bytes)))
		this.#vectors = centre(readRows(model.output, model.labels.length))
	}

	/**
	 * @param normalized a normalised title with at least one known word
	 * @param subreddits its suggestions
	 * @param weights what the prior adds to a label's log-probability; null: no prior
	 */
	explain(
		normalized: string,
		subreddits: readonly string[],
		weights: LabelWeights | null,
	): Explanation {
		const features = this.#finder.find(padTitle(normalized, this.#padding))
		const shares = features.map((feature) => this.#shareOf(feature, features.length))
		// Of all labels the sum alone is of interest: the vectors are added up first.
		const title = addUp(shares)
		const scores = this.#vectors.map((label) => dot(label, title))
		const asked = subreddits.map((name) => this.#vectors[this.#labels.indexOf(name)])
		const addsOf = (all: readonly Float64Array[]) =>
			asked.map((label) => (label ? all.reduce((sum, share) => sum + dot(label, share), 0) : 0))
		const isOwn = features.map((feature) => !isFiller(feature))
		const { rivals, raised } = this.#weighEvidence(normalized, scores)
		const reranked = this.#rerank(normalized, rivals)
		return {
			subreddits,
			parts: [
				...features.flatMap(({ text }, index) =>
					isOwn[index]
						? [{ text, adds: addsOf(shares.slice(index, index + 1)), by: 'vectors' as const }]
						: [],
				),
				...this.#explainEvidence(normalized, subreddits),
			],
			reranking: subreddits.map((name) => reranked.adds.get(name) ?? 0),
			prior: subreddits.map((name) => weights?.get(name) ?? 0),
			rivals: this.#sumRivals(reranked.rivals, weights),
			padding: {
				count: this.#padding,
				adds: addsOf(shares.filter((_, index) => !isOwn[index])).map(
					(adds, at) => adds + (raised.get(subreddits[at] ?? '') ?? 0),
				),
			},
		}
	}

	/** What a feature adds to the mean of a title with so many: its product with a label's vector adds to the logarithm of its score. */
	#shareOf({ row }: Feature, features: number): Float64Array {
		const vector = new Float32Array(this.#model.input.columns)
		decodeRow(this.#model.input, row, vector)
		return Float64Array.from(vector, (value) => value / features)
	}

	#explainEvidence(normalized: string, subreddits: readonly string[]): Part[] {
		const said = subreddits.map((name) => this.#evidence?.explain(normalized, name) ?? [])
		return (said[0] ?? []).map(({ text }, index) => ({
			text,
			adds: said.map((parts) => parts[index]?.adds ?? 0),
			by: 'evidence' as const,
		}))
	}

	/**
	 * The labels among which scores are scaled to a sum of 1, as the engine chooses them, the logarithm of each one's score, and of
	 * those that only the table put forward how far they were raised.
	 */
	#weighEvidence(normalized: string, scores: readonly number[]) {
		const logs = Float64Array.from(scores)
		const raised = new Map<string, number>()
		if (!this.#evidence) return { rivals: this.#nameRivals(logs.keys(), logs), raised }
		const best = findLargest(logs, EVIDENCE_CANDIDATES)
		const own = Float64Array.from(best, (label) => Math.exp(logs[label] as number))
		const considered = this.#evidence.consider(normalized, { labels: best, scores: own })
		const weighed = considered.scores.map(
			(score, at) => Math.log(score) + (considered.adds[at] as number),
		)
		for (let at = best.length; at < weighed.length; at += 1) {
			const label = considered.labels[at] as number
			const by = Math.log(considered.scores[at] as number) - (logs[label] as number)
			raised.set(this.#labels[label] as string, by)
		}
		const sum = logSumExp(scores)
		const lifts = considered.scores.map((score) =>
			Math.log1p(PROBABILITY_OFFSET / (score * Math.exp(-sum))),
		)
		return { rivals: this.#nameRivals(considered.labels, weighed, lifts), raised }
	}

	/** @param labels by number @param logs @param lifts of each */
	#nameRivals(labels: Iterable<number>, logs: Float64Array, lifts?: Float64Array): Rival[] {
		return Array.from(labels, (label, at) => ({
			label: this.#labels[label] as string,
			log: logs[at] as number,
			lift: lifts?.[at] ?? 0,
		}))
	}

	/** What the reranker adds to the logarithm of each label's score, and the rivals that it leaves. */
	#rerank(normalized: string, rivals: readonly Rival[]) {
		const adds = new Map<string, number>()
		if (!this.#reranker) return { adds, rivals }
		const asked = rivals.map(({ log, lift }) => log + lift)
		const all = logSumExp(asked)
		const best = rivals
			.toSorted((a, b) => b.log + b.lift - a.log - a.lift)
			.slice(0, PRIOR_CANDIDATES)
		const predictions = best.map(({ label, log, lift }) => ({
			label,
			score: Math.exp(log + lift - all),
		}))
		const reranked = this.#reranker.rerank(normalized, predictions)
		// The table knows nothing of the title: the scores are as they were, shares of what all labels have.
		if (reranked === predictions) return { adds, rivals }
		const before = new Map(best.map(({ label, log }) => [label, log]))
		return {
			adds,
			rivals: reranked.map(({ label, score }): Rival => {
				const own = before.get(label) as number
				const log = Math.log(Math.max(score, Number.MIN_VALUE)) + all
				adds.set(label, log - own)
				return { label, log, lift: 0 }
			}),
		}
	}

	#sumRivals(rivals: readonly Rival[], weights: LabelWeights | null): number {
		if (!weights) return logSumExp(rivals.map(({ log }) => log))
		// The prior weighs the engine's best labels, and scales them to a sum of 1.
		const best = rivals.toSorted((a, b) => b.log - a.log).slice(0, PRIOR_CANDIDATES)
		return logSumExp(best.map(({ label, log }) => log + (weights.get(label) ?? 0)))
	}
}

interface Rival {
	readonly label: string
	readonly log: number
	/** What the engine's 0.00001 adds to the logarithm: the reranker sees scores as the engine has them. */
	readonly lift: number
}

/** The natural logarithm of the score that an explanation adds up to. */
export function totalOf(
	{ parts, padding, reranking, prior, rivals }: Explanation,
	suggestion: number,
): number {
	const said = [...parts, padding].reduce((sum, { adds }) => sum + (adds[suggestion] ?? 0), 0)
	return said + (reranking[suggestion] ?? 0) + (prior[suggestion] ?? 0) - rivals
}

function addUp(vectors: readonly Float64Array[]): Float64Array {
	const sum = new Float64Array(vectors[0]?.length ?? 0)
	for (const vector of vectors)
		for (let k = 0; k < sum.length; k += 1) sum[k] = (sum[k] as number) + (vector[k] as number)
	return sum
}

function readRows(matrix: FastTextModel['output'], count: number): Float64Array[] {
	const row = new Float32Array(matrix.columns)
	return Array.from({ length: count }, (_, index) => {
		decodeRow(matrix, index, row)
		return Float64Array.from(row)
	})
}

function centre(vectors: readonly Float64Array[]): Float64Array[] {
	const mean = new Float64Array(vectors[0]?.length ?? 0)
	for (const vector of vectors)
		for (const [k, value] of vector.entries()) mean[k] = (mean[k] ?? 0) + value / vectors.length
	return vectors.map((vector) => vector.map((value, k) => value - (mean[k] ?? 0)))
}

function dot(a: Float64Array, b: Float64Array): number {
	let sum = 0
	for (let k = 0; k < a.length; k += 1) sum += (a[k] as number) * (b[k] as number)
	return sum
}

function logSumExp(values: readonly number[]): number {
	const most = Math.max(...values)
	return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0))
}
