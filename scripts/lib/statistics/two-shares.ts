// Whether two shares of independent samples differ, and how many trials it takes to tell. Pure.
import { Z95 } from '../../../src/shared/statistics.ts'
import { lowerGamma } from './gamma.ts'

/** The 80% point of the standard normal distribution. */
const Z80 = 0.8416212335729143

/** The power that {@link neededTrials} is for: so often a difference is found that is there. */
export const POWER = 0.8

export interface Trials {
	readonly hits: number
	readonly trials: number
}

/**
 * How probable a difference at least as large would be if both shares were the same: the two-sided z-test with the pooled
 * share, which is Pearson's chi-squared test of a table of two by two.
 */
export function pOfEqualShares(a: Trials, b: Trials): number {
	const pooled = (a.hits + b.hits) / (a.trials + b.trials)
	const variance = pooled * (1 - pooled) * (1 / a.trials + 1 / b.trials)
	if (!(variance > 0)) return 1
	const z2 = (a.hits / a.trials - b.hits / b.trials) ** 2 / variance
	return Math.max(0, 1 - lowerGamma(0.5, z2 / 2))
}

/**
 * The trials that tell two shares apart with a power of 80%, at a level of 5% on both sides.
 *
 * Source: Fleiss, Levin & Paik 2003, "Statistical methods for rates and proportions", 4.4, without a correction for continuity.
 *
 * @param ratio trials of the second sample for each of the first
 * @returns trials of the first sample
 */
export function neededTrials(first: number, second: number, ratio: number): number {
	const pooled = (first + ratio * second) / (1 + ratio)
	const same = Z95 * Math.sqrt((1 + 1 / ratio) * pooled * (1 - pooled))
	const apart = Z80 * Math.sqrt(first * (1 - first) + (second * (1 - second)) / ratio)
	return Math.ceil(((same + apart) / (second - first)) ** 2)
}
