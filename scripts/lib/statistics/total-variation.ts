// How far two samples of names are apart, beside what chance brings. Pure.
import type { TotalVariation } from '../../../src/shared/drift-report.ts'

/** How often each name occurs. */
export type Counts = ReadonlyMap<string, number>

/** Up to so many occurrences in both samples chance is summed up exactly; above, it is as good as normal. */
const EXACT_UP_TO = 100

/** The 95% point of the standard normal distribution. */
const Z_ONE_SIDED = 1.6448536269514722

/**
 * Half the sum of the shares' absolute differences. Samples of the same distribution are apart, too, and far where there are
 * many names and few posts; how far is what dealing all occurrences out anew would give: each one goes to a sample with a
 * probability of the sample's part of all.
 */
export function totalVariation(a: Counts, b: Counts): TotalVariation {
	const [n, m] = [sumOf(a), sumOf(b)]
	if (n < 1 || m < 1) throw new RangeError(`samples of ${n} and ${m}; expected one at least`)
	let distance = 0
	let mean = 0
	let variance = 0
	const byCount = new Map<number, Moments>()
	for (const name of new Set([...a.keys(), ...b.keys()])) {
		const [inA, inB] = [a.get(name) ?? 0, b.get(name) ?? 0]
		distance += Math.abs(inA / n - inB / m)
		const count = inA + inB
		const chance = byCount.get(count) ?? dealOut(count, n, m)
		byCount.set(count, chance)
		mean += chance.mean
		variance += chance.variance
	}
	const high = (mean + Z_ONE_SIDED * Math.sqrt(variance)) / 2
	return {
		distance: Math.min(1, distance / 2),
		chance: { mean: Math.min(1, mean / 2), high: Math.min(1, high) },
	}
}

interface Moments {
	readonly mean: number
	readonly variance: number
}

/** Of the absolute difference of a name's shares, where its occurrences fall into the samples by chance. */
function dealOut(count: number, n: number, m: number): Moments {
	const toA = n / (n + m)
	const squares = (count * toA * (1 - toA) * (n + m) ** 2) / (n * m) ** 2
	const mean =
		count > EXACT_UP_TO ? Math.sqrt((2 / Math.PI) * squares) : dealOutExactly(count, n, m)
	return { mean, variance: Math.max(0, squares - mean ** 2) }
}

function dealOutExactly(count: number, n: number, m: number): number {
	const toA = n / (n + m)
	let mean = 0
	// The probability that i of them fall into the first sample, each from the one before: all in logarithms, because 0.01^100
	// is no number any more.
	let logProbability = count * Math.log(1 - toA)
	for (let i = 0; i <= count; i += 1) {
		mean += Math.exp(logProbability) * Math.abs(i / n - (count - i) / m)
		logProbability += Math.log(((count - i) * toA) / ((i + 1) * (1 - toA)))
	}
	return mean
}

function sumOf(counts: Counts): number {
	let sum = 0
	for (const count of counts.values()) sum += count
	return sum
}
