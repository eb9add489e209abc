// Whether one model is better than another on the same posts, or whether it is chance. Pure.
import { Z95 } from '../../../src/shared/statistics.ts'

/** Posts that both models were asked about. */
export interface PairedHits {
	readonly posts: number
	/** Posts that only the first model got right, and only the second. */
	readonly onlyA: number
	readonly onlyB: number
}

export interface PairedDifference {
	/** The second model's share of hits minus the first's, in [-1, 1]. */
	readonly difference: number
	/** An interval that holds the true difference in 95 of 100 cases. */
	readonly low: number
	readonly high: number
	/** How probable a difference at least as large would be between models that are equally good. */
	readonly p: number
}

/**
 * Compares the hits of two models on the same posts.
 *
 * Only the posts that the models disagree about tell them apart. The interval is the one of Agresti & Min 2005, "Simple
 * improved confidence intervals for comparing matched proportions" (Wald's, after adding half a post to each of the four
 * cells); p is McNemar's test with the mid-p value, as recommended by Fagerland, Lydersen & Laake 2013, "The McNemar test
 * for binary matched-pairs data".
 */
export function comparePaired({ posts, onlyA, onlyB }: PairedHits): PairedDifference {
	if (posts < 1 || onlyA < 0 || onlyB < 0 || onlyA + onlyB > posts)
		throw new RangeError(`hits of ${posts} posts: only A ${onlyA}, only B ${onlyB}`)
	const [n, a, b] = [posts + 2, onlyA + 0.5, onlyB + 0.5]
	const middle = (b - a) / n
	const error = Math.sqrt(a + b - (b - a) ** 2 / n) / n
	return {
		difference: (onlyB - onlyA) / posts,
		low: Math.max(-1, middle - Z95 * error),
		high: Math.min(1, middle + Z95 * error),
		p: mcNemarMidP(onlyA, onlyB),
	}
}

// Equally good models share the posts they disagree about as coins fall: twice the smaller tail, the observed case half.
function mcNemarMidP(onlyA: number, onlyB: number): number {
	const n = onlyA + onlyB
	const k = Math.min(onlyA, onlyB)
	let logChoose = 0
	for (let i = 1; i <= k; i += 1) logChoose += Math.log((n - k + i) / i)
	const observed = Math.exp(logChoose - n * Math.LN2)
	// From the observed case outwards, each relative to the one before.
	let relative = 1
	let tail = 1
	for (let i = k; i > 0 && relative > 1e-17; i -= 1) {
		relative *= i / (n - i + 1)
		tail += relative
	}
	return Math.min(1, observed * (2 * tail - 1))
}
