// Reads training text and counts in how many titles of each label each word stands.
import { createReadStream } from 'node:fs'
import { parseTrainingLine } from '../../../src/model/training-text.ts'
import { readLines } from '../posts/lines.ts'

/** A file in the trainer's text format, and how much each of its lines counts. */
export interface WeighedText {
	readonly path: string
	readonly weight: number
}

/** Titles of labels by their words. Parallel lists, by label and then by word. */
export interface PairCounts {
	readonly words: readonly string[]
	/** Weighed titles with each word, and how many titles these are. */
	readonly wordTitles: Float64Array
	readonly wordLines: Uint32Array
	/** Weighed titles of each label. */
	readonly labelTitles: Float64Array
	/** Weighed titles of all. */
	readonly titles: number
	readonly pairLabels: Uint16Array
	readonly pairWords: Uint32Array
	readonly pairTitles: Float64Array
}

// A label, a word and a source fit into the 53 bits of a double, and sorting doubles needs no comparison function.
const SOURCES = 4
const WORDS = 2 ** 28

/** @param labels places of the labels; lines of others are passed over */
export async function countPairs(
	texts: readonly WeighedText[],
	labels: ReadonlyMap<string, number>,
): Promise<PairCounts> {
	const words = new Map<string, number>()
	const keys = new GrowingList()
	const labelTitles = new Float64Array(labels.size)
	let titles = 0
	for (const [source, { path, weight }] of texts.entries())
		for await (const lines of readLines(createReadStream(path)))
			for (const line of lines) {
				const title = typeof line === 'string' ? parseTrainingLine(line) : null
				const label = title ? labels.get(title.subreddit) : undefined
				if (!title || label === undefined) continue
				labelTitles[label] = (labelTitles[label] ?? 0) + weight
				titles += weight
				for (const word of new Set(title.text.split(' '))) {
					if (word === '') continue
					const number = words.get(word) ?? words.size
					words.set(word, number)
					keys.push((label * WORDS + number) * SOURCES + source)
				}
			}
	const weights = texts.map(({ weight }) => weight)
	return {
		words: [...words.keys()],
		labelTitles,
		titles,
		...joinPairs(keys.sorted(), words.size, weights),
	}
}

/** The same label and word several times become one pair. */
function joinPairs(keys: Float64Array, wordCount: number, weights: readonly number[]) {
	const wordTitles = new Float64Array(wordCount)
	const wordLines = new Uint32Array(wordCount)
	const pairLabels = new Uint16Array(keys.length)
	const pairWords = new Uint32Array(keys.length)
	const pairTitles = new Float64Array(keys.length)
	let pair = -1
	let last = -1
	for (const key of keys) {
		const source = key % SOURCES
		const id = Math.floor(key / SOURCES)
		const word = id % WORDS
		const weight = weights[source] ?? 0
		wordTitles[word] = (wordTitles[word] ?? 0) + weight
		wordLines[word] = (wordLines[word] ?? 0) + 1
		if (id !== last) {
			pair += 1
			last = id
			pairLabels[pair] = Math.floor(id / WORDS)
			pairWords[pair] = word
		}
		pairTitles[pair] = (pairTitles[pair] ?? 0) + weight
	}
	const count = pair + 1
	return {
		wordTitles,
		wordLines,
		pairLabels: pairLabels.subarray(0, count),
		pairWords: pairWords.subarray(0, count),
		pairTitles: pairTitles.subarray(0, count),
	}
}

class GrowingList {
	#values = new Float64Array(1 << 20)
	#length = 0

	push(value: number): void {
		if (this.#length === this.#values.length) {
			const larger = new Float64Array(this.#length * 2)
			larger.set(this.#values)
			this.#values = larger
		}
		this.#values[this.#length] = value
		this.#length += 1
	}

	sorted(): Float64Array {
		return this.#values.subarray(0, this.#length).sort()
	}
}
