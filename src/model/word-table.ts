// The words of a model file and which pairs of them it has learnt, found without the rest of the model: a title that is still being
// typed ends in the beginning of a word. Pure: browser and Node.
import type { Evidence } from './evidence/evidence-file.ts'
import { readWordList, type WordList } from './fasttext/read.ts'
import { createPairId, fromUtf8, hashBytes, toUtf8 } from './features.ts'

/** A place in the table that holds no pair. */
const FREE = -1

/** Places in the order of the words' bytes, from the first up to, and not with, the last. */
export interface WordRange {
	readonly from: number
	readonly until: number
}

/** The words of a table of evidence, as {@link toUtf8} makes them, in the order of their bytes, and where the labels of each start. */
type WordLists = Pick<Evidence, 'words' | 'starts'>

const NO_EVIDENCE: WordLists = { words: [], starts: new Uint32Array(1) }

/** The words of a model in the order of their bytes, and which pairs of them it has learnt. */
export interface Words {
	/** The words that begin with a text, which itself may be one of them: the first, then. */
	startingWith(prefix: string): WordRange
	word(place: number): string
	/** What {@link signsOf} knows a token by. */
	hash(token: string): number
	/**
	 * What tells how likely the words of a range are.
	 *
	 * @param marks hashes of tokens that stand beside frequent words
	 * @param previous hash of the token before; null where there is none
	 */
	signsOf(range: WordRange, marks: readonly number[], previous: number | null): WordSigns
}

/** A number for each word of a range; good until the next range. */
export interface WordSigns {
	/** For how many labels the table of evidence has it: the more, the more frequent it is; 0 where it has it not. */
	readonly labels: Uint32Array
	/** Of how many pairs of it and a mark, in either order, the model has learnt something; 0 where it keeps no list of pairs. */
	readonly marks: Uint8Array
	/** 1 where the model has learnt something of its following the token before. */
	readonly follows: Uint8Array
}

export class WordTable implements Words {
	/** The words' UTF-8 bytes one after the other, sorted; word i has those from starts[i] up to starts[i + 1]. */
	readonly #bytes: Uint8Array
	readonly #starts: Uint32Array
	/** Ids of the pairs that have a vector; null: the model keeps no list of them. */
	readonly #pairIds: Int32Array | null
	/** Made when it is first asked for: a model is loaded before anybody types. */
	#pairs: PairSet | null = null
	readonly #pairId: (first: number, second: number) => number
	readonly #evidence: WordLists

	private constructor(
		words: SortedWords,
		evidence: WordLists,
		pairIds: Int32Array | null,
		bucket: number,
	) {
		this.#bytes = words.bytes
		this.#starts = words.starts
		this.#evidence = evidence
		this.#pairIds = pairIds
		this.#pairId = createPairId(bucket)
	}

	/**
	 * @param file a `.bin` or `.ftz` file, of which nothing is kept
	 * @param evidence whose words the model knows beside those
	 * @throws AppError `damaged` where its dictionary breaks off
	 */
	static read(file: Uint8Array, evidence: WordLists = NO_EVIDENCE): WordTable {
		const { wordNgrams, bucket, pruned, ...own } = readWordList(file)
		const words = mergeWords(sortWords(own), packWords(evidence.words))
		// Without a prune map every pair has a row, learnt or not.
		return new WordTable(words, evidence, wordNgrams > 1 ? (pruned?.ids ?? null) : null, bucket)
	}

	get size(): number {
		return this.#starts.length - 1
	}

	startingWith(prefix: string): WordRange {
		const bytes = toUtf8(prefix)
		return { from: this.#find(bytes, false), until: this.#find(bytes, true) }
	}

	word(place: number): string {
		return fromUtf8(this.#bytesOf(place))
	}

	hash(token: string): number {
		return hashBytes(toUtf8(token))
	}

	signsOf(
		{ from, until }: WordRange,
		marks: readonly number[],
		previous: number | null,
	): WordSigns {
		const count = until - from
		const signs = {
			labels: new Uint32Array(count),
			marks: new Uint8Array(count),
			follows: new Uint8Array(count),
		}
		for (let at = 0; at < count; at += 1) {
			const bytes = this.#bytesOf(from + at)
			const word = hashBytes(bytes)
			signs.labels[at] = this.#countLabels(bytes)
			for (const mark of marks)
				signs.marks[at] =
					(signs.marks[at] as number) +
					Number(this.#hasPair(word, mark)) +
					Number(this.#hasPair(mark, word))
			signs.follows[at] = Number(previous !== null && this.#hasPair(previous, word))
		}
		return signs
	}

	#countLabels(bytes: string): number {
		const { words, starts } = this.#evidence
		const at = findFirst(words.length, (middle) => (words[middle] ?? '') >= bytes)
		return words[at] === bytes ? (starts[at + 1] ?? 0) - (starts[at] ?? 0) : 0
	}

	#hasPair(first: number, second: number): boolean {
		if (!this.#pairIds) return false
		this.#pairs ??= new PairSet(this.#pairIds)
		return this.#pairs.has(this.#pairId(first, second))
	}

	#bytesOf(place: number): string {
		return String.fromCharCode(
			...this.#bytes.subarray(this.#starts[place], this.#starts[place + 1]),
		)
	}

	/** The first place whose word is not before the prefix, or that is behind all words which begin with it. */
	#find(prefix: string, behind: boolean): number {
		return findFirst(this.size, (middle) => {
			const order = this.#compareStart(middle, prefix)
			return order > 0 || (order === 0 && !behind)
		})
	}

	/** Below 0 where a word is before the prefix, 0 where it begins with it. */
	#compareStart(place: number, prefix: string): number {
		const start = this.#starts[place] ?? 0
		const length = (this.#starts[place + 1] ?? 0) - start
		for (let at = 0; at < prefix.length; at += 1) {
			if (at === length) return -1
			const difference = (this.#bytes[start + at] ?? 0) - prefix.charCodeAt(at)
			if (difference !== 0) return difference
		}
		return 0
	}
}

/** The first of ascending places that is far enough; `count` where none is. */
function findFirst(count: number, isFarEnough: (place: number) => boolean): number {
	let from = 0
	let until = count
	while (from < until) {
		const middle = (from + until) >>> 1
		if (isFarEnough(middle)) until = middle
		else from = middle + 1
	}
	return from
}

type SortedWords = Pick<WordList, 'bytes' | 'starts'>

/** Our own files have their words in order; fastText's have the most frequent first. */
function sortWords(words: SortedWords): SortedWords {
	const { bytes, starts } = words
	const count = starts.length - 1
	const compare = (a: number, b: number) => compareWords(words, a, words, b)
	let isSorted = true
	for (let place = 1; place < count && isSorted; place += 1)
		isSorted = compare(place - 1, place) <= 0
	if (isSorted) return { bytes, starts }
	const order = Uint32Array.from({ length: count }, (_, place) => place).sort(compare)
	const sorted = { bytes: new Uint8Array(bytes.length), starts: new Uint32Array(count + 1) }
	let at = 0
	for (const [place, old] of order.entries()) {
		const word = bytes.subarray(starts[old], starts[old + 1])
		sorted.bytes.set(word, at)
		at += word.length
		sorted.starts[place + 1] = at
	}
	return sorted
}

function packWords(words: readonly string[]): SortedWords {
	const starts = new Uint32Array(words.length + 1)
	for (const [place, word] of words.entries())
		starts[place + 1] = (starts[place] ?? 0) + word.length
	const bytes = new Uint8Array(starts[words.length] ?? 0)
	for (const [place, word] of words.entries())
		for (let at = 0; at < word.length; at += 1)
			bytes[(starts[place] ?? 0) + at] = word.charCodeAt(at)
	return { bytes, starts }
}

/** Words of two lists, each once. */
function mergeWords(a: SortedWords, b: SortedWords): SortedWords {
	const [countA, countB] = [a.starts.length - 1, b.starts.length - 1]
	if (countB === 0) return a
	const bytes = new Uint8Array(a.bytes.length + b.bytes.length)
	const starts = new Uint32Array(countA + countB + 1)
	let [atA, atB, count, end] = [0, 0, 0, 0]
	while (atA < countA || atB < countB) {
		const order = atA === countA ? 1 : atB === countB ? -1 : compareWords(a, atA, b, atB)
		const [from, place] = order <= 0 ? [a, atA] : [b, atB]
		const word = from.bytes.subarray(from.starts[place], from.starts[place + 1])
		bytes.set(word, end)
		end += word.length
		count += 1
		starts[count] = end
		if (order <= 0) atA += 1
		if (order >= 0) atB += 1
	}
	return { bytes: bytes.slice(0, end), starts: starts.slice(0, count + 1) }
}

function compareWords(a: SortedWords, placeA: number, b: SortedWords, placeB: number): number {
	const [startA, startB] = [a.starts[placeA] ?? 0, b.starts[placeB] ?? 0]
	const lengthA = (a.starts[placeA + 1] ?? 0) - startA
	const lengthB = (b.starts[placeB + 1] ?? 0) - startB
	const length = Math.min(lengthA, lengthB)
	for (let at = 0; at < length; at += 1) {
		const difference = (a.bytes[startA + at] ?? 0) - (b.bytes[startB + at] ?? 0)
		if (difference !== 0) return difference
	}
	return lengthA - lengthB
}

/** Ids of pairs with open addressing: thousands of words are looked up at a key press, where a `Set` takes five times as long. */
class PairSet {
	readonly #slots: Int32Array
	readonly #mask: number

	constructor(ids: Int32Array) {
		const size = 2 ** Math.ceil(Math.log2(Math.max(2, ids.length * 2)))
		this.#slots = new Int32Array(size).fill(FREE)
		this.#mask = size - 1
		for (const id of ids) this.#slots[this.#slotOf(id)] = id
	}

	has(id: number): boolean {
		return this.#slots[this.#slotOf(id)] !== FREE
	}

	/** Where an id is, or the free slot where it would be. */
	#slotOf(id: number): number {
		let slot = Math.imul(id, 0x9e3779b1) >>> 8
		for (;;) {
			slot &= this.#mask
			const held = this.#slots[slot]
			if (held === id || held === FREE) return slot
			slot += 1
		}
	}
}
