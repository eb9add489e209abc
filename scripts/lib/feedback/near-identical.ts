// Finds titles that are one title with a word changed here and there: copies made by a program. Pure.

const HASHES = 16
/** Titles that share so many of their words are near-identical. */
const MIN_JACCARD = 0.8
/** Rows of a band: two titles with a Jaccard similarity of 0.8 meet in one of four bands with probability 0.88. */
const BAND_ROWS = 4

/**
 * Groups texts by the similarity of their sets of words: MinHash signatures in bands make the candidates (Broder 1997;
 * Leskovec, Rajaraman & Ullman, "Mining of massive datasets", chapter 3), the Jaccard similarity decides.
 *
 * @param texts normalised titles
 * @returns for each text the index of the first one of its group
 */
export function groupNearIdentical(texts: readonly string[]): number[] {
	const words = texts.map((text) => new Set(text.split(' ')))
	const groups = texts.map((_, index) => index)
	const firstOf = (index: number): number => {
		let first = index
		while (groups[first] !== first) first = groups[first] ?? first
		return first
	}
	const buckets = new Map<string, number>()
	for (const [index, set] of words.entries())
		for (const band of bandsOf(set)) {
			const other = buckets.get(band)
			if (other === undefined) buckets.set(band, index)
			else if (jaccard(set, words[other] ?? set) >= MIN_JACCARD)
				groups[Math.max(firstOf(index), firstOf(other))] = Math.min(firstOf(index), firstOf(other))
		}
	return groups.map((_, index) => firstOf(index))
}

function bandsOf(words: ReadonlySet<string>): string[] {
	const signature = Array.from({ length: HASHES }, (_, seed) => {
		let smallest = Number.POSITIVE_INFINITY
		for (const word of words) smallest = Math.min(smallest, hash(word, seed))
		return smallest
	})
	return Array.from({ length: HASHES / BAND_ROWS }, (_, band) =>
		[band, ...signature.slice(band * BAND_ROWS, (band + 1) * BAND_ROWS)].join(' '),
	)
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
	let shared = 0
	for (const word of a) if (b.has(word)) shared += 1
	return shared / (a.size + b.size - shared)
}

/** FNV-1a with the last steps of MurmurHash3, 32 bits. */
function hash(word: string, seed: number): number {
	let state = (0x811c9dc5 ^ Math.imul(seed + 1, 0x9e3779b1)) >>> 0
	for (let index = 0; index < word.length; index += 1)
		state = Math.imul(state ^ word.charCodeAt(index), 0x01000193)
	state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
	state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
	return (state ^ (state >>> 16)) >>> 0
}
