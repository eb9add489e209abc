// Intervals of shares, for reports and charts. Pure.
import type { Estimate } from './report-parts.ts'

/** The 97.5% point of the standard normal distribution: for intervals of 95%. */
export const Z95 = 1.959963984540054

/**
 * A share with its interval: never outside [0, 1], and right for few trials, too.
 *
 * Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; without a correction for
 * continuity, as Brown, Cai & DasGupta 2001, "Interval estimation for a binomial proportion", recommend.
 *
 * @throws RangeError for hits that are no part of the trials, or no trials: a share of nothing is none
 */
export function wilson(hits: number, trials: number): Estimate {
	if (!(trials > 0 && hits >= 0 && hits <= trials))
		throw new RangeError(`share: ${hits} of ${trials}; expected a part of at least one`)
	const value = hits / trials
	const z2 = Z95 * Z95
	const middle = (value + z2 / (2 * trials)) / (1 + z2 / trials)
	const half =
		(Z95 / (1 + z2 / trials)) * Math.sqrt((value * (1 - value)) / trials + z2 / (4 * trials ** 2))
	// Rounding must not push the value out of its own interval: of no hits the lower end is 0, not 1e-19.
	return { value, low: clamp(middle - half, 0, value), high: clamp(middle + half, value, 1) }
}

/**
 * The difference of two shares of independent samples, second minus first.
 *
 * Source: Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10.
 */
export function differenceOfShares(first: Estimate, second: Estimate): Estimate {
	const value = second.value - first.value
	const below = Math.hypot(second.value - second.low, first.high - first.value)
	const above = Math.hypot(second.high - second.value, first.value - first.low)
	return { value, low: Math.max(-1, value - below), high: Math.min(1, value + above) }
}

export type Verdict = 'better' | 'worse' | 'no clear difference'

/** What the interval of a difference says about the second of two. */
export function verdictOf({ low, high }: { readonly low: number; readonly high: number }): Verdict {
	if (low > 0) return 'better'
	return high < 0 ? 'worse' : 'no clear difference'
}

function clamp(value: number, low: number, high: number): number {
	return Math.min(high, Math.max(low, value))
}
