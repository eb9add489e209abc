// The noncentral chi-squared distribution, and what a value of it says about its noncentrality. Pure.
import { Z95 } from '../../../src/shared/statistics.ts'
import { logGamma, lowerGamma } from './gamma.ts'

/** Terms of the sum that are smaller than this share of the largest one are left out. */
const NEGLIGIBLE = 1e-17

/** Above it the root of a value is as good as normal, and the sum would be long. */
const LARGE = 10_000

/** The share of the distribution below `x`: a Poisson mixture of central ones, summed from its largest weight outwards. */
export function noncentralChiSquared(x: number, freedom: number, noncentrality: number): number {
	if (x <= 0) return 0
	const half = noncentrality / 2
	if (half === 0) return lowerGamma(freedom / 2, x / 2)
	const middle = Math.floor(half)
	const weight = Math.exp(middle * Math.log(half) - half - logGamma(middle + 1))
	const below = (j: number) => lowerGamma(freedom / 2 + j, x / 2)
	let sum = weight * below(middle)
	for (let j = middle, term = weight; j > 0 && term > weight * NEGLIGIBLE; j -= 1) {
		term *= j / half
		sum += term * below(j - 1)
	}
	for (let j = middle + 1, term = weight; ; j += 1) {
		term *= half / j
		if (term <= weight * NEGLIGIBLE) return Math.min(1, sum)
		sum += term * below(j)
	}
}

/**
 * The noncentralities that a value makes credible: with the lower one as large a value comes in 2.5 of 100 cases, with the
 * higher one as small a value. 0 where even a central distribution has as large or as small ones more often.
 */
export function noncentralityInterval(x: number, freedom: number): { low: number; high: number } {
	if (x > LARGE) return { low: approximate(x, freedom, -Z95), high: approximate(x, freedom, Z95) }
	return { low: solve(x, freedom, 0.975), high: solve(x, freedom, 0.025) }
}

// The value is the squared length of a vector of standard normal numbers around one of length μ; its length is about normal
// around μ + (freedom − 1) / 2μ, with a variance of 1.
function approximate(x: number, freedom: number, z: number): number {
	const length = Math.sqrt(x) + z
	return ((length + Math.sqrt(length ** 2 - 2 * (freedom - 1))) / 2) ** 2
}

// The share below x falls as the noncentrality grows.
function solve(x: number, freedom: number, share: number): number {
	if (noncentralChiSquared(x, freedom, 0) <= share) return 0
	let low = 0
	// The distribution's mean is freedom + noncentrality, its variance 2 freedom + 4 noncentrality.
	let high = x + 10 * Math.sqrt(x + freedom) + 10
	for (let step = 0; step < 60 && high - low > 1e-9 * high; step += 1) {
		const middle = (low + high) / 2
		if (noncentralChiSquared(x, freedom, middle) > share) low = middle
		else high = middle
	}
	return (low + high) / 2
}
