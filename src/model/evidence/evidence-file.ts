// The second part of a model: for single words, pairs and beginnings of words, how much each speaks for which labels. A table of its own, because a product of
// short vectors can't say that a rare word stands for one label of thousands. It lies behind fastText's part in the model's file,
// where fastText does not look. Pure: browser and Node.
//
// Layout, little endian: `WSEV`, version (u32), labels (u32), words (u32), entries (u32), features (u32), strength (f32), 16 levels
// (f32); one f32 a label; words, each a byte for what it shares with the one before, a byte for its other bytes, and these; the
// distances between the features' numbers (LEB128); one byte a word and a feature, 64 times its weight; for each the number of its
// labels and the distances between them (LEB128); 4 bits an entry, its level. Version 1, which is written where there are no
// features, says nothing of them. Behind all of it the length of the whole (u32) and `WSEV` once more, by which a reader finds it
// from the end.
import { AppError } from '../../shared/app-error.ts'
import { concatBytes } from '../concat-bytes.ts'
import { FEATURE_BITS } from './features.ts'

const MAGIC = 0x5645_5357
/** Of words alone, and of words and features. */
const VERSIONS = [1, 2]
/** Of version 1, the shorter one. */
const HEADER_BYTES = 24
export const EVIDENCE_LEVELS = 16
/** Length and magic behind the table. */
export const FOOTER_BYTES = 8
/** Weights of words are kept in so many parts of one. */
export const WORD_WEIGHT_STEPS = 64

/** What words say about labels, as `scripts/lib/evidence` makes it. */
export interface Evidence {
	/** How much the table counts beside fastText's scores. */
	readonly strength: number
	/** For each label, in the order of {@link import('../sort-labels.ts').sortLabels}: what a word adds that does not speak for it. */
	readonly absent: Float32Array
	/** UTF-8 as Latin-1, in the order of their bytes. */
	readonly words: readonly string[]
	/** Numbers of pairs and beginnings of words (./features.ts), ascending. In the lists below they follow the words. */
	readonly features: Uint32Array
	/** How much each word and feature counts, in 1 / {@link WORD_WEIGHT_STEPS}. */
	readonly weights: Uint8Array
	/** Word or feature w speaks for the labels at `starts[w]` to `starts[w + 1]` of the two lists below. */
	readonly starts: Uint32Array
	/** Places of labels, ascending within a word or feature. */
	readonly labels: Uint16Array
	/** What each entry adds, as one of the levels. */
	readonly levels: Uint8Array
	readonly levelValues: Float32Array
}

/** A model's file in its two parts. */
export interface SplitFile {
	readonly fastText: Uint8Array
	/** Without the footer; null where the file has fastText's part alone. */
	readonly evidence: Uint8Array | null
}

/** Views of both parts; nothing is copied. */
export function splitModelFile(file: Uint8Array): SplitFile {
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
	const end = file.length - FOOTER_BYTES
	if (end < HEADER_BYTES || view.getUint32(end + 4, true) !== MAGIC)
		return { fastText: file, evidence: null }
	const length = view.getUint32(end, true)
	const start = end - length
	if (start < 0 || view.getUint32(start, true) !== MAGIC) return { fastText: file, evidence: null }
	return { fastText: file.subarray(0, start), evidence: file.subarray(start, end) }
}

/** fastText's part and the evidence become one file. */
export function joinModelFile({ fastText, evidence }: SplitFile): Uint8Array<ArrayBuffer> {
	if (!evidence) return new Uint8Array(fastText)
	const file = new Uint8Array(fastText.length + evidence.length + FOOTER_BYTES)
	file.set(fastText)
	file.set(evidence, fastText.length)
	const view = new DataView(file.buffer)
	view.setUint32(file.length - FOOTER_BYTES, evidence.length, true)
	view.setUint32(file.length - 4, MAGIC, true)
	return file
}

/** The table's bytes. Labels within a word must ascend, words and features too. */
export function writeEvidence(evidence: Evidence): Uint8Array<ArrayBuffer> {
	const { words, features, absent, labels, levels, levelValues, strength, weights, starts } =
		evidence
	const version = features.length === 0 ? 1 : 2
	const counts = [
		absent.length,
		words.length,
		labels.length,
		...(version === 1 ? [] : [features.length]),
	]
	const header = Uint32Array.from([MAGIC, version, ...counts])
	const numbers = Float32Array.from([strength, ...levelValues, ...absent])
	const nibbles = new Uint8Array(Math.ceil(labels.length / 2))
	for (const [at, level] of levels.entries())
		nibbles[at >> 1] = (nibbles[at >> 1] ?? 0) | (level << ((at & 1) * 4))
	return concatBytes([
		new Uint8Array(header.buffer),
		new Uint8Array(numbers.buffer),
		Uint8Array.from(writeWords(words)),
		Uint8Array.from(writeDistances(features)),
		weights,
		Uint8Array.from(writeLists(starts, labels)),
		nibbles,
	])
}

function writeWords(words: readonly string[]): number[] {
	const bytes: number[] = []
	let before = ''
	for (const word of words) {
		let shared = 0
		while (shared < 255 && shared < before.length && before[shared] === word[shared]) shared += 1
		bytes.push(shared, word.length - shared)
		for (let at = shared; at < word.length; at += 1) bytes.push(word.charCodeAt(at))
		before = word
	}
	return bytes
}

function writeLists(starts: Uint32Array, labels: Uint16Array): number[] {
	const bytes: number[] = []
	for (let word = 0; word + 1 < starts.length; word += 1) {
		const own = labels.subarray(starts[word], starts[word + 1])
		pushVarint(bytes, own.length)
		for (const distance of distancesBetween(own)) pushVarint(bytes, distance)
	}
	return bytes
}

function writeDistances(ascending: Uint32Array): number[] {
	const bytes: number[] = []
	for (const distance of distancesBetween(ascending)) pushVarint(bytes, distance)
	return bytes
}

/** How many numbers each one leaves out behind the one before. */
function* distancesBetween(ascending: Uint16Array | Uint32Array): Generator<number> {
	let last = -1
	for (const number of ascending) {
		yield number - last - 1
		last = number
	}
}

function pushVarint(bytes: number[], value: number): void {
	let rest = value
	for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128)
	bytes.push(rest)
}

/** @throws AppError `damaged`, `unsupported` for a later version */
export function readEvidence(bytes: Uint8Array): Evidence {
	const reader = new Reader(bytes)
	if (reader.uint32() !== MAGIC) throw damaged('it does not begin with WSEV')
	const version = reader.uint32()
	if (!VERSIONS.includes(version))
		throw new AppError(
			'unsupported',
			`evidence: version ${version}; this page reads versions ${VERSIONS.join(' and ')}`,
		)
	const [labelCount, wordCount, entryCount] = [reader.uint32(), reader.uint32(), reader.uint32()]
	const featureCount = version === 1 ? 0 : reader.uint32()
	if (labelCount > 65_536 || (wordCount + featureCount) * 3 + entryCount > bytes.length * 2)
		throw damaged(
			`${labelCount} labels, ${wordCount} words, ${featureCount} features, ${entryCount} entries in ${bytes.length} bytes`,
		)
	const strength = reader.float32()
	const levelValues = reader.float32s(EVIDENCE_LEVELS)
	const absent = reader.float32s(labelCount)
	const words = readWords(reader, wordCount)
	const features = readFeatures(reader, featureCount)
	const listCount = wordCount + featureCount
	const weights = reader.bytes(listCount).slice()
	const { starts, labels } = readLists(reader, { listCount, entryCount, labelCount })
	const nibbles = reader.bytes(Math.ceil(entryCount / 2))
	const levels = new Uint8Array(entryCount)
	for (let at = 0; at < entryCount; at += 1)
		levels[at] = ((nibbles[at >> 1] as number) >> ((at & 1) * 4)) & 15
	if (!reader.isAtEnd) throw damaged('it has bytes behind its end')
	if (
		!Number.isFinite(strength) ||
		!levelValues.every(Number.isFinite) ||
		!absent.every(Number.isFinite)
	)
		throw damaged('a weight is no number')
	return { strength, absent, words, features, weights, starts, labels, levels, levelValues }
}

function readWords(reader: Reader, count: number): string[] {
	const words: string[] = []
	let before = ''
	for (let index = 0; index < count; index += 1) {
		const shared = reader.byte()
		const own = reader.bytes(reader.byte())
		if (shared > before.length)
			throw damaged(`word ${index} shares ${shared} of ${before.length} bytes`)
		before = before.slice(0, shared) + String.fromCharCode(...own)
		words.push(before)
	}
	return words
}

function readFeatures(reader: Reader, count: number): Uint32Array {
	const features = new Uint32Array(count)
	let last = -1
	for (let index = 0; index < count; index += 1) {
		last += reader.varint() + 1
		if (last >= 2 ** FEATURE_BITS) throw damaged(`feature ${index} has the number ${last}`)
		features[index] = last
	}
	return features
}

function readLists(
	reader: Reader,
	counts: { readonly listCount: number; readonly entryCount: number; readonly labelCount: number },
): Pick<Evidence, 'starts' | 'labels'> {
	const starts = new Uint32Array(counts.listCount + 1)
	const labels = new Uint16Array(counts.entryCount)
	let at = 0
	for (let word = 0; word < counts.listCount; word += 1) {
		const end = at + reader.varint()
		if (end > counts.entryCount) throw damaged(`more than ${counts.entryCount} entries`)
		let label = -1
		for (; at < end; at += 1) {
			label += reader.varint() + 1
			if (label >= counts.labelCount) throw damaged(`label ${label} of ${counts.labelCount}`)
			labels[at] = label
		}
		starts[word + 1] = at
	}
	if (at !== counts.entryCount) throw damaged(`${at} entries in place of ${counts.entryCount}`)
	return { starts, labels }
}

/** Reads on from where it was; no byte outside. */
class Reader {
	readonly #bytes: Uint8Array
	readonly #view: DataView
	#at = 0

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
	}

	get isAtEnd(): boolean {
		return this.#at === this.#bytes.length
	}

	byte(): number {
		return this.#bytes[this.#take(1)] as number
	}

	uint32(): number {
		return this.#view.getUint32(this.#take(4), true)
	}

	float32(): number {
		return this.#view.getFloat32(this.#take(4), true)
	}

	float32s(count: number): Float32Array {
		return Float32Array.from({ length: count }, () => this.float32())
	}

	bytes(count: number): Uint8Array {
		const from = this.#take(count)
		return this.#bytes.subarray(from, from + count)
	}

	varint(): number {
		let value = 0
		for (let shift = 0; shift < 28; shift += 7) {
			const byte = this.byte()
			value |= (byte & 127) << shift
			if (byte < 128) return value
		}
		throw damaged('a number is too long')
	}

	#take(count: number): number {
		const from = this.#at
		if (from + count > this.#bytes.length)
			throw damaged(`it ends after ${this.#bytes.length} bytes`)
		this.#at += count
		return from
	}
}

function damaged(problem: string): AppError {
	return new AppError('damaged', `the model's table of evidence is damaged: ${problem}`)
}
