// Which rows of a model's input matrix a title asks for, exactly as fastText finds them: words, then the n-grams that have a
// row. Pure: browser and Node.
import type { FastTextModel } from './fasttext/format.ts'
import { isPadding } from './padding.ts'

const FNV_OFFSET = 2_166_136_261
const FNV_PRIME = 16_777_619
const NGRAM_FACTOR = 116_049_371n
/** The engine ends each title with a line break, which fastText reads as this token. */
const END_OF_LINE = '</s>'

/** A word or a run of neighbouring words that the model has a vector for. */
export interface Feature {
	/** Tokens parted by spaces, as in the normalised title. */
	readonly text: string
	readonly row: number
}

/** Finds the features of titles; makes its tables once for a model. */
export class FeatureFinder {
	readonly #words: ReadonlyMap<string, number>
	readonly #pruned: ReadonlyMap<number, number> | null
	readonly #wordNgrams: number
	readonly #bucket: bigint

	constructor({ args, words, pruned }: FastTextModel) {
		this.#words = new Map(words.map(({ bytes }, row) => [bytes, row]))
		this.#pruned = pruned && new Map(Array.from(pruned.ids, (id, at) => [id, pruned.rows[at] ?? 0]))
		this.#wordNgrams = args.wordNgrams
		this.#bucket = BigInt(args.bucket)
	}

	/** @param text a normalised title, with its padding where the model has some: in fastText's order, padding included */
	find(text: string): Feature[] {
		const tokens = [...text.split(' ').filter((token) => token !== ''), END_OF_LINE]
		const bytes = tokens.map(utf8)
		const words = tokens.flatMap((token, at) => {
			const row = this.#words.get(bytes[at] ?? '')
			return row === undefined ? [] : [{ text: token, row }]
		})
		return [...words, ...this.#findNgrams(tokens, bytes.map(hash))]
	}

	/** Source: `Dictionary::addWordNgrams` and `pushHash` of fastText 0.9.2. Words without a row count, too. */
	#findNgrams(tokens: readonly string[], hashes: readonly bigint[]): Feature[] {
		const found: Feature[] = []
		for (let first = 0; first < tokens.length; first += 1) {
			let mixed = hashes[first] ?? 0n
			const end = Math.min(tokens.length, first + this.#wordNgrams)
			for (let last = first + 1; last < end; last += 1) {
				mixed = BigInt.asUintN(64, mixed * NGRAM_FACTOR + (hashes[last] ?? 0n))
				const row = this.#ngramRow(Number(mixed % this.#bucket))
				if (row !== null) found.push({ text: tokens.slice(first, last + 1).join(' '), row })
			}
		}
		return found
	}

	#ngramRow(id: number): number | null {
		const place = this.#pruned ? this.#pruned.get(id) : id
		return place === undefined ? null : this.#words.size + place
	}
}

/**
 * Whether a feature is a zero vector, or an n-gram with one or with the end of the line: no training text has such n-grams, so
 * that a row for one is an accident of hashing.
 */
export function isFiller({ text }: Feature): boolean {
	return text.split(' ').some((token) => token === END_OF_LINE || isPadding(token))
}

/** UTF-8 bytes, one in each character, as a model's dictionary has them. */
function utf8(token: string): string {
	return encodeURIComponent(token).replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	)
}

// 32-bit FNV-1a of signed bytes, widened with its sign: fastText keeps a word's hash as int32_t and mixes it as uint64_t.
function hash(bytes: string): bigint {
	let value = FNV_OFFSET
	for (let at = 0; at < bytes.length; at += 1)
		value = Math.imul(value ^ ((bytes.charCodeAt(at) << 24) >> 24), FNV_PRIME)
	return BigInt.asUintN(64, BigInt(value | 0))
}
