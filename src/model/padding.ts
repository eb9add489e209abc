// Zero vectors that a model counts in the mean of a title: they stand in its dictionary as one word, and are asked for by
// appending it. Pure: browser and Node.

const PREFIX = '<pad:'

/** How many a model can have. */
export const PADDING_COUNTS: readonly number[] = Array.from({ length: 32 }, (_, index) => index + 1)

/** The word for so many zero vectors; no normalised title holds it, because `<` stands alone there. */
export function paddingToken(count: number): string {
	return `${PREFIX}${count}>`
}

/** Whether a token stands for zero vectors. */
export function isPadding(token: string): boolean {
	return token.startsWith(PREFIX)
}

/** How many a model has. @param knows whether a token is in its dictionary */
export function paddingOf(knows: (token: string) => boolean): number {
	return PADDING_COUNTS.find((count) => knows(paddingToken(count))) ?? 0
}

/** What is asked in place of a normalised title. */
export function padTitle(normalized: string, count: number): string {
	return count === 0 ? normalized : `${normalized}${` ${paddingToken(count)}`.repeat(count)}`
}

/** One text of several titles, parted by as many zero vectors as a title has behind it: each counts as if it were asked alone. */
export function joinCopies(titles: readonly string[], padding: number): string {
	return titles.join(`${padTitle('', Math.max(1, padding))} `)
}

/** The tokens of each title in a text of {@link joinCopies}; of any other text there is one. */
export function splitCopies(text: string): string[][] {
	const copies: string[][] = [[]]
	let passed = 0
	for (const token of text.split(' ')) {
		if (isPadding(token)) {
			passed += 1
			if (passed < Number(token.slice(PREFIX.length, -1))) continue
			passed = 0
			copies.push([])
		} else if (token !== '') copies.at(-1)?.push(token)
	}
	return copies
}

/**
 * How a model reads titles, as its manifest says it: 1 is the normalised title, 2 the same with padding. A page that knows
 * no padding would give wrong answers with such a model; it refuses what it does not know.
 */
export const READING_VERSIONS = [1, 2] as const

export function readingVersion(padding: number): number {
	return padding === 0 ? 1 : 2
}

export function isKnownReading(version: number): boolean {
	return READING_VERSIONS.some((known) => known === version)
}
