// What a p@1 was worth on the reference's posts: curves that never fall. Pure.
import { type Block, poolViolators } from '../../../src/model/calibration.ts'
import type { FittedCurve } from '../../../src/shared/drift-report.ts'
import type { SubredditFigures } from '../../../src/shared/evaluation-report.ts'
import type { AnyP1Bins, P1Bins } from '../../../src/shared/report-parts.ts'

/**
 * For posts: how often the first suggestion was right. Isotonic regression of the bins' shares of hits on their mean p@1.
 *
 * Source: Zadrozny & Elkan 2002, as for the calibration itself (`src/model/calibration.ts`).
 */
export function fitRecallCurve(bins: P1Bins): FittedCurve {
	const blocks = bins
		.filter(({ posts }) => posts > 0)
		.map(({ posts, sum, hits }) => ({ weight: posts, hits, scoreSum: sum }))
	return toCurve(poolViolators(blocks))
}

/** For subreddits: f1, by the mean p@1 of the titles that it was suggested first for. Each counts once, as for the macro F1. */
export function fitF1Curve(subreddits: readonly SubredditFigures[]): FittedCurve {
	const blocks = subreddits
		.filter(({ predicted }) => predicted > 0)
		.map(({ meanP1, f1 }) => ({ weight: 1, hits: f1, scoreSum: meanP1 }))
		.sort((a, b) => a.scoreSum - b.scoreSum)
	return toCurve(poolViolators(blocks))
}

// Rounding can bring neighbours' means together; a curve has one value at a p@1.
function toCurve(blocks: readonly Block[]): FittedCurve {
	const knots: FittedCurve = []
	for (const { weight, hits, scoreSum } of blocks) {
		const p1 = Math.min(1, scoreSum / weight)
		const value = Math.min(1, hits / weight)
		const before = knots.at(-1)
		if (!before || before.p1 < p1) knots.push({ p1, value, weight })
	}
	return knots
}

/** Where a p@1 lies on a curve: the knots at both sides of it, and how near it is to the second one, from 0 to 1. */
export function findKnots(
	curve: FittedCurve,
	p1: number,
): { readonly below: number; readonly above: number; readonly share: number } {
	const above = curve.findIndex((knot) => knot.p1 >= p1)
	const last = curve.length - 1
	if (above === -1) return { below: last, above: last, share: 1 }
	if (above === 0) return { below: 0, above: 0, share: 1 }
	const [low, high] = [curve[above - 1]?.p1 ?? 0, curve[above]?.p1 ?? 1]
	return { below: above - 1, above, share: (p1 - low) / (high - low) }
}

/** Linear between the knots, flat outside them. */
export function readCurve(curve: FittedCurve, p1: number): number {
	const { below, above, share } = findKnots(curve, p1)
	const [low, high] = [curve[below]?.value ?? 0, curve[above]?.value ?? 0]
	return low + (high - low) * share
}

/** The mean of a curve over posts, each bin read at the mean of its posts' p@1. */
export function meanOfCurve(curve: FittedCurve, bins: AnyP1Bins): number {
	let [total, posts] = [0, 0]
	for (const bin of bins) {
		if (bin.posts === 0) continue
		total += bin.posts * readCurve(curve, bin.sum / bin.posts)
		posts += bin.posts
	}
	return total / posts
}
