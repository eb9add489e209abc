// Reads training text and counts in how many titles of each label each term stands: a word, a pair of neighbours, or what words
// begin with.
import { createReadStream } from 'node:fs'
import { FeatureReader } from '../../../src/model/evidence/features.ts'
import { parseTrainingLine } from '../../../src/model/training-text.ts'
import { readLines } from '../posts/lines.ts'

/** A file in the trainer's text format, and how much each of its lines counts. */
export interface WeighedText {
	readonly path: string
	readonly weight: number
}

/** Titles of labels by their terms: words, then features. An entry is a label and a term of it, in this order. */
export interface TermCounts {
	readonly words: readonly string[]
	/** The numbers of pairs and beginnings that are not too rare, ascending. */
	readonly features: Uint32Array
	/** Weighed titles with each term, and how many lines these are. */
	readonly termTitles: Float64Array
	readonly termLines: Uint32Array
	/** Weighed titles of each label. */
	readonly labelTitles: Float64Array
	/** Weighed titles of all. */
	readonly titles: number
	readonly entryLabels: Uint16Array
	readonly entryTerms: Uint32Array
	readonly entryTitles: Float64Array
}

/** Features in fewer lines are left out: most are in one or two, and of 40 million one would run out of memory. */
const FEW_FEATURE_LINES = 4
// A label, a term and a source fit into the 53 bits of a double, and sorting doubles needs no comparison function.
const SOURCES = 8
const TERMS = 2 ** 29

interface Corpus {
	readonly texts: readonly WeighedText[]
	/** Places of the labels; lines of others are passed over. */
	readonly labels: ReadonlyMap<string, number>
}

/** @param labels places of the labels; lines of others are passed over */
export async function countTerms(
	texts: Corpus['texts'],
	labels: Corpus['labels'],
): Promise<TermCounts> {
	const corpus = { texts, labels }
	const { words, features } = await listTerms(corpus)
	const places = new Map(Array.from(features, (number, at) => [number, words.size + at]))
	const keys = new GrowingList(Float64Array)
	const labelTitles = new Float64Array(labels.size)
	let titles = 0
	await readTitles(corpus, ({ source, label, tokens }) => {
		const weight = texts[source]?.weight ?? 0
		labelTitles[label] = (labelTitles[label] ?? 0) + weight
		titles += weight
		const push = (term: number) => keys.push((label * TERMS + term) * SOURCES + source)
		for (const word of new Set(tokens)) push(words.get(word) ?? 0)
		for (const number of featuresOf(tokens)) {
			const term = places.get(number)
			if (term !== undefined) push(term)
		}
	})
	const weights = texts.map(({ weight }) => weight)
	return {
		words: [...words.keys()],
		features,
		labelTitles,
		titles,
		...joinEntries(keys.sorted(), words.size + features.length, weights),
	}
}

/** The words with their places, and the features that are not too rare. */
async function listTerms(corpus: Corpus) {
	const words = new Map<string, number>()
	const numbers = new GrowingList(Uint32Array)
	await readTitles(corpus, ({ tokens }) => {
		for (const word of tokens) if (!words.has(word)) words.set(word, words.size)
		for (const number of featuresOf(tokens)) numbers.push(number)
	})
	const sorted = numbers.sorted()
	const isEnough = (number: number, at: number) =>
		sorted[at - 1] !== number && sorted[at + FEW_FEATURE_LINES - 1] === number
	return { words, features: sorted.filter(isEnough) }
}

/** Each feature of a title once. */
function featuresOf(tokens: readonly string[]): Set<number> {
	const numbers = new Set<number>()
	new FeatureReader().read(tokens, (number) => numbers.add(number))
	return numbers
}

interface ReadTitle {
	/** The place of its text. */
	readonly source: number
	readonly label: number
	readonly tokens: readonly string[]
}

async function readTitles(
	{ texts, labels }: Corpus,
	onTitle: (title: ReadTitle) => void,
): Promise<void> {
	for (const [source, { path }] of texts.entries())
		for await (const lines of readLines(createReadStream(path)))
			for (const line of lines) {
				const title = typeof line === 'string' ? parseTrainingLine(line) : null
				const label = title ? labels.get(title.subreddit) : undefined
				if (!title || label === undefined) continue
				onTitle({ source, label, tokens: title.text.split(' ').filter((word) => word !== '') })
			}
}

/** The same label and term several times become one entry. */
function joinEntries(keys: Float64Array, termCount: number, weights: readonly number[]) {
	const termTitles = new Float64Array(termCount)
	const termLines = new Uint32Array(termCount)
	const entryLabels = new Uint16Array(keys.length)
	const entryTerms = new Uint32Array(keys.length)
	const entryTitles = new Float64Array(keys.length)
	let entry = -1
	let last = -1
	for (const key of keys) {
		const source = key % SOURCES
		const id = Math.floor(key / SOURCES)
		const term = id % TERMS
		const weight = weights[source] ?? 0
		termTitles[term] = (termTitles[term] ?? 0) + weight
		termLines[term] = (termLines[term] ?? 0) + 1
		if (id !== last) {
			entry += 1
			last = id
			entryLabels[entry] = Math.floor(id / TERMS)
			entryTerms[entry] = term
		}
		entryTitles[entry] = (entryTitles[entry] ?? 0) + weight
	}
	const count = entry + 1
	return {
		termTitles,
		termLines,
		entryLabels: entryLabels.subarray(0, count),
		entryTerms: entryTerms.subarray(0, count),
		entryTitles: entryTitles.subarray(0, count),
	}
}

class GrowingList<List extends Float64Array | Uint32Array> {
	#values: List
	#length = 0
	readonly #make: new (
		length: number,
	) => List

	constructor(make: new (length: number) => List) {
		this.#make = make
		this.#values = new make(1 << 20)
	}

	push(value: number): void {
		if (this.#length === this.#values.length) {
			const larger = new this.#make(this.#length * 2)
			larger.set(this.#values)
			this.#values = larger
		}
		this.#values[this.#length] = value
		this.#length += 1
	}

	sorted(): List {
		return this.#values.subarray(0, this.#length).sort() as List
	}
}
