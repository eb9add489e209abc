// Counts p@1 into bins: the histogram, the reliability curve and the reference of drift in one. Pure.
import { type AnyP1Bins, P1_BINS, type P1Bins } from '../../../src/shared/report-parts.ts'

export class P1Tally {
	readonly #posts = new Uint32Array(P1_BINS)
	readonly #sums = new Float64Array(P1_BINS)
	readonly #hits = new Uint32Array(P1_BINS)

	/**
	 * @param p1 0 for a title without a known word
	 * @throws RangeError for what is no probability
	 */
	add(p1: number, hit: boolean): void {
		if (!(p1 >= 0 && p1 <= 1)) throw new RangeError(`p@1: ${p1}; expected 0 to 1`)
		const bin = Math.min(P1_BINS - 1, Math.floor(p1 * P1_BINS))
		this.#posts[bin] = (this.#posts[bin] as number) + 1
		this.#sums[bin] = (this.#sums[bin] as number) + p1
		if (hit) this.#hits[bin] = (this.#hits[bin] as number) + 1
	}

	finish(): P1Bins {
		return Array.from(this.#posts, (posts, bin) => ({
			posts,
			sum: this.#sums[bin] as number,
			hits: this.#hits[bin] as number,
		}))
	}
}

/** Of posts whose subreddit nobody knows. */
export function withoutHits(bins: P1Bins): AnyP1Bins {
	return bins.map((bin) => ({ ...bin, hits: null }))
}

export function countPosts(bins: AnyP1Bins): number {
	return bins.reduce((total, { posts }) => total + posts, 0)
}

/** Of one post at least. */
export function meanP1(bins: AnyP1Bins): number {
	// Rounding may bring a sum of ones a little above their number.
	return Math.min(1, bins.reduce((total, { sum }) => total + sum, 0) / countPosts(bins))
}
