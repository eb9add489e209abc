// Brings features of any unit to mean 0 and standard deviation 1, so that one learning rate suits all.
import type { RankedExamples } from './ranked-examples.ts'

export interface Standardisation {
	readonly means: Float64Array
	/** What the distance to the mean is multiplied by; 0 for a feature that says nothing. */
	readonly scales: Float64Array
}

/** Keeps the scale of a feature that hardly varies finite. */
const EPSILON = 1e-6
/**
 * What varies less, relative to its mean, counts as constant: it would get weights that are huge beside what they are
 * multiplied by, and a rounding error would decide a title's order.
 */
const LEAST_DEVIATION = 1e-5

/** Mean and deviation of each feature over all candidates of the titles that are named. */
export function standardise(examples: RankedExamples, titles: Int32Array): Standardisation {
	const means = new Float64Array(examples.featureCount)
	const scales = new Float64Array(examples.featureCount)
	for (let feature = 0; feature < means.length; feature += 1) {
		const mean = average(examples, titles, feature, (value) => value)
		const variance = average(examples, titles, feature, (value) => (value - mean) ** 2)
		const deviation = Math.sqrt(variance)
		const isConstant = deviation < LEAST_DEVIATION * Math.max(1, Math.abs(mean))
		means[feature] = mean
		scales[feature] = isConstant ? 0 : 1 / (deviation + EPSILON)
	}
	return { means, scales }
}

function average(
	{ features, featureCount, width, counts }: RankedExamples,
	titles: Int32Array,
	feature: number,
	convert: (value: number) => number,
): number {
	let sum = 0
	let candidates = 0
	for (const title of titles) {
		const start = title * width * featureCount + feature
		const count = counts[title] as number
		for (let candidate = 0; candidate < count; candidate += 1)
			sum += convert(features[start + candidate * featureCount] as number)
		candidates += count
	}
	return sum / candidates
}
