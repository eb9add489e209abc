// How far two samples of p@1 are apart, with intervals that know how large the samples are. Pure.
import { type AnyP1Bins, type Estimate, P1_BINS } from '../../../src/shared/report-parts.ts'
import { wilson, Z95 } from '../../../src/shared/statistics.ts'
import { countPosts } from './p1-tally.ts'

/** What 95 of 100 values of Kolmogorov's distribution are below. */
const KOLMOGOROV95 = 1.3580986393225505

/**
 * The Kolmogorov–Smirnov distance: the largest difference of the two cumulative distributions, here at the bins' edges.
 *
 * The interval is the distance plus and minus what two samples of the same distribution are apart in 95 of 100 cases
 * (Smirnov 1948, "Table for estimating the goodness of fit of empirical distributions"): the distance of two samples differs
 * from that of their distributions by no more than that.
 */
export function ksDistance(a: AnyP1Bins, b: AnyP1Bins): Estimate {
	const [n, m] = [countPosts(a), countPosts(b)]
	checkSamples(n, m)
	let [belowA, belowB, value] = [0, 0, 0]
	for (let bin = 0; bin < P1_BINS; bin += 1) {
		belowA += a[bin]?.posts ?? 0
		belowB += b[bin]?.posts ?? 0
		value = Math.max(value, Math.abs(belowA / n - belowB / m))
	}
	const chance = KOLMOGOROV95 * Math.sqrt(1 / n + 1 / m)
	return { value, low: Math.max(0, value - chance), high: Math.min(1, value + chance) }
}

/** With fewer, the distribution of the index is not chi-squared. */
const LEAST_POSTS_A_PART = 5

/** Parts of the population stability index. */
const PSI_PARTS = 10

/**
 * Edges between which the reference has about equally many posts, from 0 to 1: deciles, moved to edges of bins. Fewer parts
 * where a bin holds more than one of them.
 */
export function chooseEdges(reference: AnyP1Bins): number[] {
	const posts = countPosts(reference)
	const edges = [0]
	let below = 0
	for (const [bin, { posts: inBin }] of reference.entries()) {
		below += inBin
		const wanted = (posts * edges.length) / PSI_PARTS
		const isLast = below === posts
		if (!isLast && below >= wanted && edges.length < PSI_PARTS) edges.push((bin + 1) / P1_BINS)
	}
	return [...edges, 1]
}

/**
 * The population stability index: the sum of (share now − share before) · log(share now / share before) over the parts
 * between the edges. Each part gets half a post more on both sides, so that none is empty.
 *
 * With n and m posts of one distribution, index · nm / (n + m) is chi-squared with parts − 1 degrees of freedom (Yurdakul &
 * Naranjo 2020, "Statistical properties of the population stability index"), and what chance adds on average is taken off the
 * value. Of two distributions that are near each other it is the squared length of a vector that chance moves by one standard
 * deviation in each direction; {@link trueLength} says how long the vector is without chance. That holds for five posts a part
 * and more (Cochran 1954, "Some methods for strengthening the common χ² tests"): fewer may be of almost any distribution, and
 * the upper end is that of {@link widestIndex}.
 */
export function stabilityIndex(
	before: AnyP1Bins,
	now: AnyP1Bins,
	wantedEdges: readonly number[],
): Estimate {
	const [n, m] = [countPosts(before), countPosts(now)]
	checkSamples(n, m)
	const edges = chooseParts(before, wantedEdges)
	const shares = (bins: AnyP1Bins) => smooth(countBetween(bins, edges))
	const [p, q] = [shares(before), shares(now)]
	const raw = q.reduce((sum, share, part) => {
		const was = p[part] as number
		return sum + (share - was) * Math.log(share / was)
	}, 0)
	const freedom = edges.length - 2
	const scale = (n * m) / (n + m)
	const [low, high] = [-Z95, Z95].map((z) => trueLength(raw * scale, freedom, z) ** 2 / scale)
	const value = Math.max(0, raw - freedom / scale)
	const isFew = Math.min(n, m) < LEAST_POSTS_A_PART * p.length
	const widest = isFew ? widestIndex(countBetween(before, edges), countBetween(now, edges)) : 0
	return {
		value,
		low: Math.min(value, low as number),
		high: Math.max(value, high as number, widest),
	}
}

/**
 * The length μ of a vector whose squared length chance makes `squared`. Measured lengths are about normal around
 * μ + (freedom − 1) / 2μ, with a variance of 1.
 *
 * @param z standard deviations above the measured length
 */
function trueLength(squared: number, freedom: number, z: number): number {
	const length = Math.sqrt(squared) + z
	const spread = length ** 2 - 2 * (freedom - 1)
	// So short a vector may be of chance alone.
	if (length <= 0 || spread < 0) return z < 0 ? 0 : length
	return (length + Math.sqrt(spread)) / 2
}

/**
 * The largest index that two samples leave possible: in each part the ends of the shares' intervals of 95% that are farthest
 * apart. An end of 0, whose logarithm there is none of, counts as half a post.
 */
function widestIndex(before: readonly number[], now: readonly number[]): number {
	const ends = (counts: readonly number[]) => {
		const total = counts.reduce((sum, count) => sum + count, 0)
		return counts.map((count) => {
			const { low, high } = wilson(count, total)
			return [Math.max(low, 0.5 / (total + counts.length / 2)), high] as const
		})
	}
	const [p, q] = [ends(before), ends(now)]
	const apart = (share: number, was: number) => (share - was) * Math.log(share / was)
	return q.reduce((sum, [low, high], part) => {
		const [wasLow, wasHigh] = p[part] as readonly [number, number]
		return sum + Math.max(apart(high, wasLow), apart(low, wasHigh))
	}, 0)
}

/** One part alone would tell nothing: then what is below the reference's last bin, the bin itself, and what is above. */
function chooseParts(before: AnyP1Bins, edges: readonly number[]): readonly number[] {
	if (edges.length > 2) return edges
	const bin = before.findLastIndex(({ posts }) => posts > 0)
	return [...new Set([0, bin / P1_BINS, (bin + 1) / P1_BINS, 1])]
}

function countBetween(bins: AnyP1Bins, edges: readonly number[]): number[] {
	const last = edges.map((edge) => Math.round(edge * P1_BINS))
	return last.slice(1).map((until, part) => countPosts(bins.slice(last[part], until)))
}

function smooth(counts: readonly number[]): number[] {
	const total = counts.reduce((sum, count) => sum + count, 0)
	return counts.map((count) => (count + 0.5) / (total + counts.length / 2))
}

function checkSamples(n: number, m: number): void {
	if (n < 1 || m < 1) throw new RangeError(`samples of ${n} and ${m} posts; expected one at least`)
}
