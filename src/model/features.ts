// Which rows of a model's input matrix a title asks for, exactly as fastText finds them: words, then the n-grams that have a
// row. Pure: browser and Node.
import type { FastTextModel } from './fasttext/format.ts'
import { isPadding } from './padding.ts'

const FNV_OFFSET = 2_166_136_261
const FNV_PRIME = 16_777_619
const BEYOND_ASCII = /[^ -~]/
const NGRAM_FACTOR = 116_049_371n
/** The engine ends each title with a line break, which fastText reads as this token. */
const END_OF_LINE = '</s>'

/** A word or a run of neighbouring words that the model has a vector for. */
export interface Feature {
	/** Tokens parted by spaces, as in the normalised title. */
	readonly text: string
	readonly row: number
}

/** Called for each feature: its row, and the first and the last of its tokens. */
type OnFeature = (row: number, first: number, last: number) => void

/** Finds the features of titles; makes its tables once for a model. */
export class FeatureFinder {
	readonly #words: ReadonlyMap<string, number>
	readonly #pruned: ReadonlyMap<number, number> | null
	readonly #wordNgrams: number
	readonly #mix: NgramMixer

	constructor({ args, words, pruned }: FastTextModel) {
		this.#words = new Map(words.map(({ bytes }, row) => [bytes, row]))
		this.#pruned = pruned && new Map(Array.from(pruned.ids, (id, at) => [id, pruned.rows[at] ?? 0]))
		this.#wordNgrams = args.wordNgrams
		this.#mix = createMixer(args.bucket)
	}

	/** Whether a token has a vector of its own. */
	knows(token: string): boolean {
		return this.#words.has(toUtf8(token))
	}

	/** @param text a normalised title, with its padding where the model has some: in fastText's order, padding included */
	find(text: string): Feature[] {
		const tokens = tokensOf(text)
		const found: Feature[] = []
		this.#walk(tokens, (row, first, last) =>
			found.push({ text: tokens.slice(first, last + 1).join(' '), row }),
		)
		return found
	}

	/** The rows of {@link find} alone, for who asks about many titles. */
	findRows(text: string): number[] {
		const rows: number[] = []
		this.#walk(tokensOf(text), (row) => rows.push(row))
		return rows
	}

	#walk(tokens: readonly string[], onFeature: OnFeature): void {
		const bytes = tokens.map(toUtf8)
		for (const [at, token] of bytes.entries()) {
			const row = this.#words.get(token)
			if (row !== undefined) onFeature(row, at, at)
		}
		if (this.#wordNgrams > 1) this.#walkNgrams(bytes.map(hashBytes), onFeature)
	}

	/** Source: `Dictionary::addWordNgrams` and `pushHash` of fastText 0.9.2. Words without a row count, too. */
	#walkNgrams(hashes: readonly number[], onFeature: OnFeature): void {
		for (let first = 0; first < hashes.length; first += 1) {
			const end = Math.min(hashes.length, first + this.#wordNgrams)
			this.#mix(hashes, first, end, (id, last) => {
				const row = this.#ngramRow(id)
				if (row !== null) onFeature(row, first, last)
			})
		}
	}

	#ngramRow(id: number): number | null {
		const place = this.#pruned ? this.#pruned.get(id) : id
		return place === undefined ? null : this.#words.size + place
	}
}

function tokensOf(text: string): string[] {
	return [...text.split(' ').filter((token) => token !== ''), END_OF_LINE]
}

/** Mixes the hashes from `first` on, and tells the id of each n-gram, and where it ends. */
type NgramMixer = (
	hashes: readonly number[],
	first: number,
	end: number,
	onNgram: (id: number, last: number) => void,
) => void

/** fastText mixes in 64 bits and takes the result modulo `bucket`. Of a power of two the lower 32 bits decide, without big integers. */
function createMixer(bucket: number): NgramMixer {
	return isPowerOfTwo(bucket) ? mixLowerBits(bucket) : mixAllBits(BigInt(bucket))
}

/** The id of a pair of neighbours by their hashes, for who looks up thousands. */
export function createPairId(bucket: number): (first: number, second: number) => number {
	if (isPowerOfTwo(bucket)) {
		const [factor, mask] = [Number(NGRAM_FACTOR), bucket - 1]
		return (first, second) => ((Math.imul(first, factor) + second) & mask) >>> 0
	}
	const modulo = BigInt(Math.max(1, bucket))
	return (first, second) =>
		Number(BigInt.asUintN(64, widen(first) * NGRAM_FACTOR + widen(second)) % modulo)
}

function isPowerOfTwo(bucket: number): boolean {
	return bucket > 0 && Number.isInteger(Math.log2(bucket)) && bucket <= 2 ** 32
}

function mixLowerBits(bucket: number): NgramMixer {
	const factor = Number(NGRAM_FACTOR)
	const mask = bucket - 1
	return (hashes, first, end, onNgram) => {
		let mixed = hashes[first] ?? 0
		for (let last = first + 1; last < end; last += 1) {
			mixed = (Math.imul(mixed, factor) + (hashes[last] ?? 0)) | 0
			onNgram((mixed & mask) >>> 0, last)
		}
	}
}

function mixAllBits(bucket: bigint): NgramMixer {
	return (hashes, first, end, onNgram) => {
		let mixed = widen(hashes[first] ?? 0)
		for (let last = first + 1; last < end; last += 1) {
			mixed = BigInt.asUintN(64, mixed * NGRAM_FACTOR + widen(hashes[last] ?? 0))
			onNgram(Number(mixed % bucket), last)
		}
	}
}

// fastText keeps a word's hash as int32_t and mixes it as uint64_t.
function widen(hash: number): bigint {
	return BigInt.asUintN(64, BigInt(hash))
}

/**
 * Whether a feature is a zero vector, or an n-gram with one or with the end of the line: no training text has such n-grams, so
 * that a row for one is an accident of hashing.
 */
export function isFiller({ text }: Feature): boolean {
	return text.split(' ').some((token) => token === END_OF_LINE || isPadding(token))
}

/** UTF-8 bytes of a token, one character each, as a model's words are kept. */
export function toUtf8(token: string): string {
	if (!BEYOND_ASCII.test(token)) return token
	return encodeURIComponent(token).replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	)
}

/** The token of {@link toUtf8}. @throws URIError where the bytes are no UTF-8 */
export function fromUtf8(bytes: string): string {
	if (!BEYOND_ASCII.test(bytes)) return bytes
	return decodeURIComponent(
		Array.from(bytes, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''),
	)
}

/** 32-bit FNV-1a of signed bytes, as a signed number. */
export function hashBytes(bytes: string): number {
	let value = FNV_OFFSET
	for (let at = 0; at < bytes.length; at += 1)
		value = Math.imul(value ^ ((bytes.charCodeAt(at) << 24) >> 24), FNV_PRIME)
	return value | 0
}
