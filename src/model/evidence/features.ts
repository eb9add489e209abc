// What a table of evidence looks up of a title besides its single words: pairs of neighbours, and what its words begin with. They are
// many and their texts long, so that a table knows each by a number. Pure: browser and Node.
import { hashBytes, toUtf8 } from '../features.ts'

/** A number has so many bits, of which the last says what it is of: 0 a beginning, 1 a pair. Of ten million pairs, one in fourteen shares its number with another. */
export const FEATURE_BITS = 28
/** A word is known by so many of its first letters, where it has more. */
const BEGINNING = 4
const BEGINS_WITH_LETTER = /^\p{L}/u
const BEYOND_ASCII = /[^ -~]/

export function isPair(number: number): boolean {
	return (number & 1) === 1
}

/** @param second of a pair; a beginning is of the first alone */
type OnFeature = (number: number, first: string, second?: string) => void

/** Finds the features of titles. Keeps the hashes of their tokens: many copies of one title are looked up at once. */
export class FeatureReader {
	readonly #hashes = new Map<string, TokenHashes>()

	/** @param tokens of a normalised title @param onFeature called for each, which may come several times */
	read(tokens: readonly string[], onFeature: OnFeature): void {
		let before: string | undefined
		let hashBefore = 0
		for (const token of tokens) {
			const { word, beginning } = this.#hash(token)
			if (beginning !== null) onFeature(beginning, token)
			if (before !== undefined && before !== token)
				onFeature(toNumber(Math.imul(hashBefore, PAIR_FACTOR) + word, 1), before, token)
			before = token
			hashBefore = word
		}
	}

	#hash(token: string): TokenHashes {
		const known = this.#hashes.get(token)
		if (known) return known
		const letters = beginningOf(token)
		const hashes = {
			word: hashBytes(toUtf8(token)),
			beginning: letters === null ? null : toNumber(hashBytes(toUtf8(letters)), 0),
		}
		this.#hashes.set(token, hashes)
		return hashes
	}
}

interface TokenHashes {
	readonly word: number
	/** The number of the beginning; null: the word has none. */
	readonly beginning: number | null
}

const PAIR_FACTOR = 0x9e37_79b1

/** The first letters of a word that has more; null for a shorter one, or one that begins with no letter. */
export function beginningOf(token: string): string | null {
	if (token.length <= BEGINNING || !BEGINS_WITH_LETTER.test(token)) return null
	if (!BEYOND_ASCII.test(token)) return token.slice(0, BEGINNING)
	const letters = [...token]
	return letters.length > BEGINNING ? letters.slice(0, BEGINNING).join('') : null
}

/** Source: the finalizer of MurmurHash3 (Appleby 2011), which lets each bit depend on all. */
function toNumber(hash: number, kind: 0 | 1): number {
	let mixed = hash ^ (hash >>> 16)
	mixed = Math.imul(mixed, 0x85eb_ca6b)
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
	return (((mixed ^ (mixed >>> 16)) >>> (33 - FEATURE_BITS)) << 1) | kind
}
