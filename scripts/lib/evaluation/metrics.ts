// From the suggestions for each post to the figures of an evaluation. Pure.

import type { Suggestion } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'
import type { SubredditFigures } from '../../../src/shared/evaluation-report.ts'
import type { Metrics } from '../../../src/shared/metrics.ts'

/** Bins of the calibration error, all of the same width. */
const ECE_BINS = 15

export interface Figures {
	readonly metrics: Metrics
	/** By name, for each subreddit that occurs in the posts or is suggested first. */
	readonly subreddits: readonly SubredditFigures[]
	/** Posts whose title has no word that the model knows: it suggests nothing. They count as misses. */
	readonly unknownTitlePosts: number
}

interface Tally {
	posts: number
	hits1: number
	hits5: number
	predicted: number
	/** Of p@1, of the titles that it was suggested first for. */
	sum: number
}

interface Bin {
	hits: number
	sum: number
}

/**
 * Adds up the suggestions for posts whose subreddit is known, in any order.
 *
 * - recall@k: the share of posts whose subreddit is among the first k suggestions.
 * - recall@5.weighted: the mean of recall@5 over the subreddits that occur in the posts and whose size is known, weighted by
 *   their subscribers.
 * - f1 of a subreddit, from first suggestions: 2 hits1 / (posts + predicted), which is the harmonic mean of precision
 *   (hits1 / predicted) and recall (hits1 / posts).
 * - macro F1: the plain mean of f1 over the subreddits that occur in the posts or are suggested first at least once. One
 *   that the model does not know counts with 0.
 * - ece: expected calibration error of the first suggestion's probability, 15 bins of equal width; ece@5: of the sum of
 *   all five, which claims how often one of them is right. Source: Naeini,
 *   Cooper & Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning".
 */
export class MetricsTally {
	readonly #known: ReadonlySet<string>
	readonly #sizes: ReadonlyMap<string, number>
	readonly #subreddits = new Map<string, Tally>()
	readonly #bins1 = makeBins()
	readonly #bins5 = makeBins()
	#posts = 0
	#hits1 = 0
	#hits5 = 0
	#unknownLabelPosts = 0
	#unknownTitlePosts = 0

	/**
	 * @param labels all subreddits that the model knows
	 * @param sizes subscribers of subreddits, as far as they are known
	 */
	constructor(labels: Iterable<string>, sizes: ReadonlyMap<string, number> = new Map()) {
		this.#known = new Set(labels)
		this.#sizes = sizes
	}

	/**
	 * @param actual the subreddit that the post was posted in
	 * @param suggestions most probable first; none where the model knows no word of the title
	 * @throws RangeError for a probability outside [0, 1] or NaN: no score may ever come of it
	 */
	add(actual: string, suggestions: readonly Pick<Suggestion, 'subreddit' | 'probability'>[]): void {
		const five = suggestions.slice(0, SUGGESTION_COUNT)
		for (const { probability } of five)
			if (!(probability >= 0 && probability <= 1))
				throw new RangeError(`probability: ${probability}; expected 0 to 1`)
		const rank = five.findIndex(({ subreddit }) => subreddit === actual)
		const first = five[0]?.subreddit
		const p1 = five[0]?.probability ?? 0
		// Rounding may bring a sum of five a little above 1.
		const p5 = Math.min(1, sumOf(five.map(({ probability }) => probability)))
		const tally = this.#tally(actual)
		const hit1 = rank === 0 ? 1 : 0
		const hit5 = rank === -1 ? 0 : 1
		tally.posts += 1
		tally.hits1 += hit1
		tally.hits5 += hit5
		if (first === undefined) this.#unknownTitlePosts += 1
		else {
			const predicted = this.#tally(first)
			predicted.predicted += 1
			predicted.sum += p1
		}
		if (!this.#known.has(actual)) this.#unknownLabelPosts += 1
		this.#posts += 1
		this.#hits1 += hit1
		this.#hits5 += hit5
		addToBin(this.#bins1, p1, hit1)
		addToBin(this.#bins5, p5, hit5)
	}

	/** @throws AppError `bad-input` where no post was added: there is no score of nothing */
	finish(): Figures {
		const posts = this.#posts
		if (posts === 0)
			throw new AppError(
				'bad-input',
				'no posts to evaluate on: 0; give files or a snapshot with posts',
			)
		const subreddits = [...this.#subreddits]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([label, tally]) => figuresOf(label, tally))
		return {
			metrics: {
				posts,
				labels: this.#known.size,
				'recall@1': this.#hits1 / posts,
				'recall@5': this.#hits5 / posts,
				...this.#weightedRecall(),
				macroF1: sumOf(subreddits.map(({ f1 }) => f1)) / subreddits.length,
				meanP1: sumOf(this.#bins1.map((bin) => bin.sum)) / posts,
				ece: calibrationError(this.#bins1, posts),
				'ece@5': calibrationError(this.#bins5, posts),
				unknownLabelPosts: this.#unknownLabelPosts,
			},
			subreddits,
			unknownTitlePosts: this.#unknownTitlePosts,
		}
	}

	#weightedRecall(): { 'recall@5.weighted'?: number } {
		let hits = 0
		let total = 0
		for (const [label, { posts, hits5 }] of this.#subreddits) {
			const size = this.#sizes.get(label)
			if (size === undefined || posts === 0) continue
			hits += size * (hits5 / posts)
			total += size
		}
		return total > 0 ? { 'recall@5.weighted': hits / total } : {}
	}

	#tally(label: string): Tally {
		const tally = this.#subreddits.get(label) ?? {
			posts: 0,
			hits1: 0,
			hits5: 0,
			predicted: 0,
			sum: 0,
		}
		this.#subreddits.set(label, tally)
		return tally
	}
}

function makeBins(): Bin[] {
	return Array.from({ length: ECE_BINS }, () => ({ hits: 0, sum: 0 }))
}

function sumOf(numbers: readonly number[]): number {
	return numbers.reduce((total, one) => total + one, 0)
}

function addToBin(bins: readonly Bin[], probability: number, hit: number): void {
	const bin = bins[Math.min(ECE_BINS - 1, Math.floor(probability * ECE_BINS))]
	if (!bin) return
	bin.hits += hit
	bin.sum += probability
}

// A bin's share of the posts times its gap is |hits − sum of probabilities| / posts.
function calibrationError(bins: readonly Bin[], posts: number): number {
	return bins.reduce((error, { hits, sum }) => error + Math.abs(hits - sum), 0) / posts
}

function figuresOf(
	label: string,
	{ posts, hits1, hits5, predicted, sum }: Tally,
): SubredditFigures {
	return {
		label,
		posts,
		hits1,
		hits5,
		predicted,
		precision: predicted === 0 ? 0 : hits1 / predicted,
		recall: posts === 0 ? 0 : hits1 / posts,
		f1: (2 * hits1) / (posts + predicted),
		meanP1: predicted === 0 ? 0 : Math.min(1, sum / predicted),
	}
}
