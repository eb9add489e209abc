// N-grams by fastText's hash: counting them exactly, and turning lines into the features of samples.
import { bucketOf, NGRAM_FACTOR, slotOf, widen } from './hash'
import { LINE_END, Word } from './tokenize'

const STEP_TOKENS: u32 = 1 << 16
const MAX_NGRAM: usize = 8

/** A final number of this and above is a label: number - LABEL_FROM; UNKNOWN is neither word nor label. */
export const LABEL_FROM: u32 = 0x80000000
export const UNKNOWN: u32 = 0xffffffff
const UNKNOWN_LABEL: u32 = UNKNOWN - 1

/** One worker's stream and what its word numbers mean; mirrors STREAM in layout.ts. */
@unmanaged
export class Stream {
	tokens: usize
	tokenCount: u32
	words: usize
	/** Final number of each word. */
	finals: usize
}

/** Mirrors NGRAM_COUNT in layout.ts. */
@unmanaged
export class NgramCount {
	streams: usize
	streamCount: u32
	wordNgrams: u32
	bucket: u32
	/** Only ids whose mixed bits fall into share `partition` of so many are counted. */
	partitions: u32
	partition: u32
	/** Pairs of id + 1 and count. */
	slots: usize
	mask: u32
	used: u32
	/** Where counting is. */
	stream: u32
	token: u32
	minCount: u32
	/** Shared by all workers: [0] number of pairs, then id and count of each. */
	kept: usize
	keptCapacity: u32
}

/** Mirrors ENCODE in layout.ts. */
@unmanaged
export class Encode {
	stream: usize
	token: u32
	wordNgrams: u32
	bucket: u32
	/** Pairs of id + 1 and row; null: rows are the ids themselves plus `firstRow`. */
	index: usize
	mask: u32
	firstRow: u32
	features: usize
	samples: usize
	sampleCount: u32
}

/** One line: where its rows stand, how many, and its label or -1; mirrors SAMPLE in layout.ts. */
@unmanaged
export class Sample {
	features: u32
	length: u32
	label: i32
}

// @ts-ignore
@inline
function isPartition(id: u32, partitions: u32, partition: u32): bool {
	// By the upper bits: the lower ones choose the slot.
	return <u32>((<u64>slotOf(id, 0xffffffff) * <u64>partitions) >> 32) == partition
}

/**
 * Counts the n-grams of one partition; 0 done, 1 call again, 2 the table is too small: start over with a larger one.
 * `own` is the worker's scratch of 64 bytes: the running hashes of the n-grams that end at the current word.
 */
export function countNgrams(job: NgramCount, own: usize): i32 {
	const stream = changetype<Stream>(job.streams + <usize>job.stream * offsetof<Stream>())
	const end = min(job.token + STEP_TOKENS, stream.tokenCount)
	let open: usize = 0
	let token = job.token
	for (; token < stream.tokenCount; token++) {
		const number = load<u32>(stream.tokens + (<usize>token << 2))
		if (number == LINE_END) {
			open = 0
			// A step ends where a line ends.
			if (token >= end) {
				token++
				break
			}
			continue
		}
		const final = load<u32>(stream.finals + (<usize>number << 2))
		if (final >= LABEL_FROM && final != UNKNOWN) continue
		const hash = widen(changetype<Word>(stream.words + (<usize>number << 4)).hash)
		for (let start: usize = 0; start < open; start++) {
			const ngram = load<u64>(own + (start << 3)) * NGRAM_FACTOR + hash
			store<u64>(own + (start << 3), ngram)
			const id = bucketOf(ngram, job.bucket)
			if (isPartition(id, job.partitions, job.partition)) countOne(job, id)
		}
		open = openNext(own, open, hash, job.wordNgrams)
	}
	if (job.used * 8 > job.mask * 7) return 2
	job.token = token
	if (token < stream.tokenCount) return 1
	job.token = 0
	job.stream++
	if (job.stream < job.streamCount) return 1
	emitKept(job)
	return 0
}

// @ts-ignore
@inline
function openNext(own: usize, open: usize, hash: u64, wordNgrams: u32): usize {
	const most = min(<usize>wordNgrams - 1, MAX_NGRAM - 1)
	if (most == 0) return 0
	if (open == most) {
		for (let start: usize = 1; start < most; start++)
			store<u64>(own + ((start - 1) << 3), load<u64>(own + (start << 3)))
		open--
	}
	store<u64>(own + (open << 3), hash)
	return open + 1
}

// @ts-ignore
@inline
function countOne(job: NgramCount, id: u32): void {
	let slot = slotOf(id, job.mask)
	while (true) {
		const place = job.slots + (<usize>slot << 3)
		const key = load<u32>(place)
		if (key == id + 1) {
			store<u32>(place, load<u32>(place, 4) + 1, 4)
			return
		}
		if (key == 0) {
			if (job.used * 8 > job.mask * 7) return
			store<u32>(place, id + 1)
			store<u32>(place, 1, 4)
			job.used++
			return
		}
		slot = (slot + 1) & job.mask
	}
}

function emitKept(job: NgramCount): void {
	for (let slot: u32 = 0; slot <= job.mask; slot++) {
		const place = job.slots + (<usize>slot << 3)
		if (load<u32>(place) == 0 || load<u32>(place, 4) < job.minCount) continue
		const at = atomic.add<u32>(job.kept, 1)
		if (at >= job.keptCapacity) continue
		store<u32>(job.kept + 8 + (<usize>at << 3), load<u32>(place) - 1)
		store<u32>(job.kept + 8 + (<usize>at << 3), load<u32>(place, 4), 4)
	}
}

/** Fills a zeroed table with ids → rows. */
export function indexNgrams(ids: usize, rows: usize, count: u32, slots: usize, mask: u32): void {
	for (let position: u32 = 0; position < count; position++) {
		const id = load<u32>(ids + (<usize>position << 2))
		let slot = slotOf(id, mask)
		while (load<u32>(slots + (<usize>slot << 3)) != 0) slot = (slot + 1) & mask
		store<u32>(slots + (<usize>slot << 3), id + 1)
		store<u32>(slots + (<usize>slot << 3), load<u32>(rows + (<usize>position << 2)), 4)
	}
}

/** Writes the samples of one stream; 0 done, 1 call again. */
export function encodeSamples(job: Encode, own: usize): i32 {
	const stream = changetype<Stream>(job.stream)
	const end = min(job.token + STEP_TOKENS, stream.tokenCount)
	let open: usize = 0
	let feature = job.features
	let first = feature
	let label: i32 = -1
	let token = job.token
	for (; token < stream.tokenCount; token++) {
		const number = load<u32>(stream.tokens + (<usize>token << 2))
		if (number == LINE_END) {
			addSample(job, first, feature, label)
			first = feature
			label = -1
			open = 0
			if (token >= end) {
				token++
				break
			}
			continue
		}
		const final = load<u32>(stream.finals + (<usize>number << 2))
		if (final >= LABEL_FROM && final != UNKNOWN) {
			if (label == -1 && final != UNKNOWN_LABEL) label = <i32>(final - LABEL_FROM)
			continue
		}
		if (final != UNKNOWN) {
			store<u32>(feature, final)
			feature += 4
		}
		const hash = widen(changetype<Word>(stream.words + (<usize>number << 4)).hash)
		for (let start: usize = 0; start < open; start++) {
			const ngram = load<u64>(own + (start << 3)) * NGRAM_FACTOR + hash
			store<u64>(own + (start << 3), ngram)
			const row = rowOf(job, bucketOf(ngram, job.bucket))
			if (row == UNKNOWN) continue
			store<u32>(feature, row)
			feature += 4
		}
		open = openNext(own, open, hash, job.wordNgrams)
	}
	job.features = feature
	job.token = token
	return token < stream.tokenCount ? 1 : 0
}

// @ts-ignore
@inline
function rowOf(job: Encode, id: u32): u32 {
	if (job.index == 0) return job.firstRow + id
	let slot = slotOf(id, job.mask)
	while (true) {
		const place = job.index + (<usize>slot << 3)
		const key = load<u32>(place)
		if (key == id + 1) return load<u32>(place, 4)
		if (key == 0) return UNKNOWN
		slot = (slot + 1) & job.mask
	}
}

// @ts-ignore
@inline
function addSample(job: Encode, first: usize, end: usize, label: i32): void {
	const sample = changetype<Sample>(job.samples + <usize>job.sampleCount * offsetof<Sample>())
	sample.features = <u32>first
	sample.length = <u32>((end - first) >> 2)
	sample.label = label
	job.sampleCount++
}
