// fastText's part of a model, where it lies in the file. What this can't ask is left to fastText itself: other losses, matrices that
// are not quantised, norms of labels, words in another order than that of their bytes.
import { byte, has, int32, int64, isAtEnd, isCut, limit, moveTo, position, setCursor, take } from './cursor'
import { Matrix, readMatrix } from './matrix'
import { allocate } from '../../model/kernels/memory'
import { indexPairs } from './pairs'
import { compareWords, Words, wordAt } from './words'

const MAGIC: i32 = 793712314
const VERSION: i32 = 12
const SOFTMAX: i32 = 3
const SUPERVISED: i32 = 3
const WORD: u32 = 0
const LABEL: u32 = 1
/** A zero, count and type. scorer.ts has the same number. */
const LEAST_ENTRY: usize = 10

export let wordNgrams: i32 = 0
export let bucket: u64 = 0
export const words = changetype<Words>(memory.data(8, 4))
export const labels = changetype<Words>(memory.data(8, 4))
export let input: Matrix = changetype<Matrix>(0)
export let output: Matrix = changetype<Matrix>(0)

let pairs: usize = 0
let pairCount: i64 = 0

/** Whether it can be asked here. */
export function readModel(file: usize, length: usize): bool {
	setCursor(file, length)
	if (int32() != MAGIC || int32() != VERSION) return false
	return readArguments() && readDictionary() && readMatrices() && isAtEnd() && fits()
}

function readArguments(): bool {
	// dim, window, epoch, minCount and neg say nothing that the rest does not say.
	take(20)
	wordNgrams = int32()
	const loss = int32()
	const model = int32()
	bucket = <u64>int32()
	const minn = int32()
	const maxn = int32()
	// The rate of updates and the sampling threshold.
	take(12)
	const hasPairs = wordNgrams > 1
	return !isCut && loss == SOFTMAX && model == SUPERVISED && minn <= maxn && maxn == 0 && (!hasPairs || bucket > 0)
}

function readDictionary(): bool {
	const size = int32()
	const wordCount = int32()
	const labelCount = int32()
	// Tokens of the training text.
	take(8)
	pairCount = int64()
	if (isCut || wordCount < 0 || labelCount < 1 || wordCount + labelCount != size) return false
	if (!readEntries(words, wordCount, WORD) || !readEntries(labels, labelCount, LABEL)) return false
	for (let place: usize = 1; place < words.count; place++)
		if (compareWords(wordAt(words, place - 1), wordAt(words, place)) >= 0) return false
	// Without a prune map each pair has a row.
	if (pairCount < 0) return wordNgrams < 2
	pairs = take(<u64>pairCount << 3)
	return !isCut && pairCount < 1 << 27
}

function readEntries(entries: Words, count: usize, type: u32): bool {
	if (!has(<u64>count * <u64>LEAST_ENTRY)) return false
	entries.list = allocate(<u64>count << 2)
	entries.count = count
	const stop = limit()
	let at = position()
	for (let place: usize = 0; place < count; place++) {
		store<u32>(entries.list + (place << 2), <u32>at)
		while (at < stop && load<u8>(at) != 0) at++
		if (at + LEAST_ENTRY > stop || <u32>load<u8>(at, LEAST_ENTRY - 1) != type) return false
		at += LEAST_ENTRY
	}
	moveTo(at)
	return true
}

function readMatrices(): bool {
	if (byte() != 1) return false
	const first = readMatrix()
	if (!first || byte() != 1) return false
	const second = readMatrix()
	if (!second) return false
	input = first
	output = second
	return true
}

function fits(): bool {
	if (output.normCodes != 0 || output.columns != input.columns) return false
	if (output.rows != labels.count || input.rows < words.count) return false
	return pairCount <= 0 || indexPairs(pairs, <usize>pairCount, input.rows - words.count)
}
