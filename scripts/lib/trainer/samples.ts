// A resolved corpus → samples in the shared memory: for each line the rows of its features and its label.
import type { Corpus } from './corpus.ts'
import type { Crew } from './crew.ts'
import { ENCODE, SAMPLE_FIELDS, STREAM } from './layout.ts'
import { sizeOf } from './struct.ts'
import type { Vocabulary } from './vocabulary.ts'

const SCRATCH_BYTES = 64
const SAMPLE_BYTES = SAMPLE_FIELDS * 4

/** One sample for each line of the text, in its order. */
export interface Samples {
	/** Address of the records: address of the features, their number, label or what is below 0. */
	readonly address: number
	readonly count: number
	free(): void
}

/** Where the kernels look up the row of an n-gram. */
export interface NgramIndex {
	readonly address: number
	readonly mask: number
}

/** Free it with `crew.arena.free(index.address)`. */
export async function indexNgrams(crew: Crew, vocabulary: Vocabulary): Promise<NgramIndex> {
	const { ngrams, ngramRows, words } = vocabulary
	if (!ngrams) return { address: 0, mask: 0 }
	const { arena } = crew
	const capacity = 2 ** Math.ceil(Math.log2(2 * ngrams.length + 2))
	const address = arena.take(capacity * 8, 'the table of n-grams')
	const ids = arena.take(ngrams.length * 4, 'the table of n-grams')
	const rows = arena.take(ngrams.length * 4, 'the table of n-grams')
	crew.uint32(ids, ngrams.length).set(ngrams)
	const view = crew.uint32(rows, ngrams.length)
	for (let i = 0; i < ngrams.length; i += 1) view[i] = words.length + (ngramRows?.[i] ?? i)
	const args = [ids, rows, ngrams.length, address, capacity - 1]
	await crew.run(0, { mode: 'once', kernel: 'indexNgrams', args })
	arena.free(ids, rows)
	return { address, mask: capacity - 1 }
}

/** @param corpus resolved for the vocabulary */
export async function encodeSamples(
	crew: Crew,
	corpus: Corpus,
	vocabulary: Vocabulary,
	index: NgramIndex,
): Promise<Samples> {
	const { arena } = crew
	const address = arena.take(corpus.lineCount * SAMPLE_BYTES, 'the samples')
	const features = await Promise.all(
		corpus.streamTokens.map(async (tokens, thread) => {
			const before = corpus.streamLines.slice(0, thread).reduce((sum, lines) => sum + lines, 0)
			const place = arena.take(tokens * vocabulary.wordNgrams * 4, 'the features of the samples')
			const scratch = arena.take(SCRATCH_BYTES, 'bookkeeping')
			const record = crew.struct(ENCODE, {
				stream: corpus.streams + thread * sizeOf(STREAM),
				wordNgrams: vocabulary.wordNgrams,
				bucket: vocabulary.bucket,
				index: index.address,
				mask: index.mask,
				firstRow: vocabulary.words.length,
				features: place,
				samples: address + before * SAMPLE_BYTES,
			})
			const args = [record.address, scratch]
			await crew.run(thread, { mode: 'repeat', kernel: 'encodeSamples', args })
			arena.shrink(place, record.get('features') - place)
			arena.free(scratch, record.address)
			return place
		}),
	)
	return {
		address,
		count: corpus.lineCount,
		free: () => arena.free(address, ...features),
	}
}

/** Numbers of the samples that can be learnt from: a known label and at least one known feature. */
export function trainableSamples(crew: Crew, samples: Samples): Uint32Array {
	const records = crew.uint32(samples.address, samples.count * SAMPLE_FIELDS)
	const numbers = new Uint32Array(samples.count)
	let length = 0
	for (let number = 0; number < samples.count; number += 1) {
		const features = records[number * SAMPLE_FIELDS + 1] ?? 0
		const label = (records[number * SAMPLE_FIELDS + 2] ?? 0) | 0
		if (features === 0 || label < 0) continue
		numbers[length] = number
		length += 1
	}
	return numbers.subarray(0, length)
}
