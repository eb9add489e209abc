// Which words, labels and n-grams a model knows, chosen by exact counts.
import { LABEL_PREFIX } from '../../../src/model/training-text.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Corpus } from './corpus.ts'
import type { Crew } from './crew.ts'
import { LABEL_FROM, NGRAM_COUNT, UNKNOWN } from './layout.ts'

const LABEL_BYTES = Buffer.from(LABEL_PREFIX)

/**
 * Buckets by the hundred for each n-gram that a model knows: an id stands for one n-gram nearly always (measured: nothing
 * lost against 2^31 - 1), and ids of 27 bits take a seventh less of a model on the wire than ids of 31.
 */
export const EXACT_BUCKET = 2 ** 27

/** Each worker sweeps over the text so many times, counting a share of the n-grams: more of them need less memory. */
const SWEEPS = 2
/** So many times the mean. */
const SKEWED = 10
const SCRATCH_BYTES = 64
const GROW = 2

/** What the rows of a model stand for: words first, then n-grams. */
export interface Vocabulary {
	/** UTF-8 bytes as Latin-1 text: any bytes survive. Most frequent first, as in `labels`. */
	readonly words: readonly string[]
	readonly wordCounts: readonly number[]
	/** With their prefix. */
	readonly labels: readonly string[]
	readonly labelCounts: readonly number[]
	readonly wordNgrams: number
	/** What fastText's hash of an n-gram is taken modulo of. */
	readonly bucket: number
	/** Ids of the n-grams that have a row; null where there are words alone. */
	readonly ngrams: Uint32Array | null
	readonly ngramCounts: Uint32Array
	/** Row of each n-gram, counted from the first after the words; null where it is the n-gram's own position. */
	readonly ngramRows: Uint32Array | null
}

export interface VocabularyOptions {
	/** A word or an n-gram that occurs more rarely is left out. */
	readonly minCount: number
	readonly wordNgrams: number
}

/** Rows of the input matrix. */
export function rowCount({ words, ngrams, ngramRows }: Vocabulary): number {
	if (ngrams === null) return words.length
	if (ngramRows === null) return words.length + ngrams.length
	return words.length + ngramRows.reduce((most, row) => Math.max(most, row + 1), 0)
}

/** Whether the most frequent label would suffer from being a candidate so often. */
export function isSkewed(counts: readonly number[]): boolean {
	const total = counts.reduce((sum, count) => sum + count, 0)
	return counts.some((count) => count > (SKEWED * total) / counts.length)
}

/** Counts a corpus. Resolves it, so that samples can be made of it. */
export async function countVocabulary(
	crew: Crew,
	corpus: Corpus,
	{ minCount, wordNgrams }: VocabularyOptions,
): Promise<Vocabulary> {
	const { words, labels, counts, names } = chooseWords(corpus, minCount)
	if (labels.length < 2)
		throw new AppError(
			'bad-data',
			`training text has ${labels.length} labels; at least two are needed, as in: ${LABEL_PREFIX}Name token token`,
		)
	const finals = new Uint32Array(corpus.wordCount).fill(UNKNOWN)
	for (const [final, number] of words.entries()) finals[number] = final
	for (const [label, number] of labels.entries()) finals[number] = LABEL_FROM + label
	corpus.resolve(finals)
	const kept =
		wordNgrams > 1
			? await countNgrams(crew, corpus, { wordNgrams, minCount })
			: { ids: null, counts: new Uint32Array(0) }
	return {
		words: words.map(names),
		wordCounts: words.map((number) => counts[number] ?? 0),
		labels: labels.map(names),
		labelCounts: labels.map((number) => counts[number] ?? 0),
		wordNgrams,
		bucket: EXACT_BUCKET,
		ngrams: kept.ids,
		ngramCounts: kept.counts,
		ngramRows: null,
	}
}

/** Says what the words of another corpus are in a vocabulary that is already chosen. */
export function resolveCorpus(corpus: Corpus, vocabulary: Vocabulary): void {
	const known = new Map<string, number>()
	for (const [row, word] of vocabulary.words.entries()) known.set(word, row)
	for (const [label, name] of vocabulary.labels.entries()) known.set(name, LABEL_FROM + label)
	const finals = Uint32Array.from({ length: corpus.wordCount }, (_, number) => {
		const bytes = corpus.bytes(number)
		const final = known.get(latin1(bytes))
		if (final !== undefined) return final
		// A label that the model does not know must not be taken for a word.
		return isLabel(bytes) ? UNKNOWN_LABEL : UNKNOWN
	})
	corpus.resolve(finals)
}

const UNKNOWN_LABEL = UNKNOWN - 1

function chooseWords(corpus: Corpus, minCount: number) {
	const counts = corpus.counts()
	const hashes = corpus.hashes()
	const words: number[] = []
	const labels: number[] = []
	for (let number = 0; number < corpus.wordCount; number += 1)
		if (isLabel(corpus.bytes(number))) labels.push(number)
		else if ((counts[number] ?? 0) >= minCount) words.push(number)
	const names = (number: number) => latin1(corpus.bytes(number))
	// The order must not depend on the number of workers, hence the ties by hash and bytes.
	const byCount = (a: number, b: number) =>
		(counts[b] ?? 0) - (counts[a] ?? 0) ||
		(hashes[a] ?? 0) - (hashes[b] ?? 0) ||
		(names(a) < names(b) ? -1 : 1)
	return { words: words.sort(byCount), labels: labels.sort(byCount), counts, names }
}

function isLabel(bytes: Uint8Array): boolean {
	return LABEL_BYTES.every((byte, index) => bytes[index] === byte)
}

function latin1(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** Ids and counts of the n-grams that occur often enough, most frequent first. */
async function countNgrams(
	crew: Crew,
	corpus: Corpus,
	{ wordNgrams, minCount }: VocabularyOptions,
): Promise<{ ids: Uint32Array; counts: Uint32Array }> {
	const { arena } = crew
	const occurrences = corpus.tokenCount * (wordNgrams - 1)
	const keptCapacity = Math.ceil(occurrences / minCount)
	const kept = arena.take(8 + keptCapacity * 8, 'the table of n-grams')
	const job = { corpus, wordNgrams, minCount, kept, keptCapacity }
	await Promise.all(
		Array.from({ length: crew.threads }, (_, thread) => countPartitions(crew, thread, job)),
	)
	const [length = 0] = crew.uint32(kept, 1)
	const pairs = crew.uint32(kept + 8, length * 2).slice()
	arena.free(kept)
	return sortNgrams(pairs)
}

interface PartitionJob extends VocabularyOptions {
	readonly corpus: Corpus
	readonly kept: number
	readonly keptCapacity: number
}

async function countPartitions(crew: Crew, thread: number, job: PartitionJob): Promise<void> {
	const { arena } = crew
	const { corpus, wordNgrams, minCount, kept, keptCapacity } = job
	const partitions = SWEEPS * crew.threads
	const scratch = arena.take(SCRATCH_BYTES, 'bookkeeping')
	const expected = (corpus.tokenCount * (wordNgrams - 1)) / partitions
	let capacity = 2 ** Math.ceil(Math.log2(Math.max(1024, expected)))
	let slots = arena.take(capacity * 8, 'the table of n-grams')
	const record = crew.struct(NGRAM_COUNT, {
		streams: corpus.streams,
		streamCount: corpus.streamTokens.length,
		wordNgrams,
		bucket: EXACT_BUCKET,
		partitions,
		minCount,
		kept,
		keptCapacity,
	})
	for (let partition = thread; partition < partitions; partition += crew.threads) {
		for (;;) {
			crew.uint32(slots, capacity * 2).fill(0)
			record.set({ partition, slots, mask: capacity - 1, used: 0, stream: 0, token: 0 })
			const args = [record.address, scratch]
			const result = await crew.run(thread, { mode: 'repeat', kernel: 'countNgrams', args })
			if (result !== GROW) break
			arena.free(slots)
			capacity *= 2
			slots = arena.take(capacity * 8, 'the table of n-grams')
		}
	}
	arena.free(slots, scratch, record.address)
}

/** Most frequent first, ties by id: whichever worker found an n-gram first leaves no trace. */
function sortNgrams(pairs: Uint32Array): { ids: Uint32Array; counts: Uint32Array } {
	const length = pairs.length / 2
	// Count and id fit into the 53 bits of a double, and sorting doubles needs no comparison function.
	const most = 2 ** 22 - 1
	const keys = Float64Array.from({ length }, (_, i) => {
		const count = Math.min(most, pairs[i * 2 + 1] ?? 0)
		return (most - count) * 2 ** 31 + (pairs[i * 2] ?? 0)
	}).sort()
	const ids = Uint32Array.from(keys, (key) => key % 2 ** 31)
	const counts = Uint32Array.from(keys, (key) => most - Math.floor(key / 2 ** 31))
	return { ids, counts }
}
