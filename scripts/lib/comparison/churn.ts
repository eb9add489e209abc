// How much the suggestions of two models differ, whoever is right. Pure.
import type { Churn } from '../../../src/shared/comparison-report.ts'
import type { Estimate } from '../../../src/shared/report-parts.ts'
import { wilson, Z95 } from '../../../src/shared/statistics.ts'
import { firstOf, fiveOf, NONE, type PairedAnswers } from './paired-answers.ts'

/**
 * @returns `first`: the share of the posts whose first suggestion is another one, with Wilson's interval; `five`: the mean,
 * over the posts, of the share of the five that are others, with the interval of a mean
 * @throws RangeError where there are no posts
 */
export function measureChurn({ posts, a, b }: PairedAnswers): Pick<Churn, 'first' | 'five'> {
	let changed = 0
	const shares = new Float64Array(posts)
	for (let post = 0; post < posts; post += 1) {
		if (firstOf(a, post) !== firstOf(b, post)) changed += 1
		shares[post] = shareOfOthers(fiveOf(a, post), fiveOf(b, post))
	}
	return { first: wilson(changed, posts), five: estimateMean(shares) }
}

/** Of the longer list the share that the other one lacks; 0 between two empty ones. */
function shareOfOthers(a: Int32Array, b: Int32Array): number {
	let [lengthA, lengthB, same] = [0, 0, 0]
	for (const label of a) if (label !== NONE) lengthA += 1
	for (const label of b) {
		if (label === NONE) continue
		lengthB += 1
		if (a.includes(label)) same += 1
	}
	const length = Math.max(lengthA, lengthB)
	return length === 0 ? 0 : (length - same) / length
}

/** The mean of shares, with the interval of a normal mean, cut to [0, 1]. */
function estimateMean(shares: Float64Array): Estimate {
	const n = shares.length
	const value = shares.reduce((sum, share) => sum + share, 0) / n
	const squares = shares.reduce((sum, share) => sum + (share - value) ** 2, 0)
	const half = n > 1 ? Z95 * Math.sqrt(squares / (n - 1) / n) : 1
	return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) }
}
