// What a reranker learns from: titles whose subreddit is known, each with its best candidates.

export interface RankedExamples {
	/** How many candidates a title has at most. */
	readonly width: number
	readonly featureCount: number
	/** [titles][width][features] */
	readonly features: Float32Array
	/** [titles][width]: log(p · evidence), a candidate's score before it is corrected. */
	readonly base: Float32Array
	/** [titles]: how many candidates each has. What lies behind them in `features` and `base` is never read. */
	readonly counts: Uint16Array
	/** [titles]: which candidate is right, −1 where none is. Titles without a right candidate teach nothing. */
	readonly right: Int16Array
}

/**
 * The titles that teach something, in their order.
 *
 * @throws RangeError where the arrays don't fit each other, or a number of those titles is not finite
 */
export function teachingTitles(examples: RankedExamples): Int32Array {
	checkLengths(examples)
	const titles = Int32Array.from(examples.right.keys()).filter(
		(title) => (examples.right[title] as number) >= 0,
	)
	for (const title of titles) checkTitle(examples, title)
	return titles
}

function checkLengths({ width, featureCount, ...arrays }: RankedExamples): void {
	const titles = arrays.counts.length
	const expected = {
		right: titles,
		base: titles * width,
		features: titles * width * featureCount,
	}
	for (const [name, length] of Object.entries(expected)) {
		const got = arrays[name as keyof typeof expected].length
		if (got !== length)
			throw new RangeError(`${name} of ${titles} titles: expected ${length} numbers, got ${got}`)
	}
}

function checkTitle(examples: RankedExamples, title: number): void {
	const { width, featureCount, features, base } = examples
	const count = examples.counts[title] as number
	const right = examples.right[title] as number
	if (count > width || right >= count)
		throw new RangeError(
			`title ${title}: candidate ${right} is right of ${count}, in room for ${width}`,
		)
	const start = title * width
	if (!base.subarray(start, start + count).every(Number.isFinite))
		throw new RangeError(`title ${title}: the base of a candidate is not a finite number`)
	const end = (start + count) * featureCount
	if (!features.subarray(start * featureCount, end).every(Number.isFinite))
		throw new RangeError(`title ${title}: a feature is not a finite number`)
}
