// The first part: the model's arguments, and how many words, labels and pairs follow. It begins the file.
import { putArguments } from '../unpacking/arguments'
import { canGoOn, decodeNumber, NUMBER_BYTES } from './decoder'
import { hasRoom, putInt, putLong } from '../unpacking/file'
import { allocate } from '../../model/kernels/memory'
import { DONE, FAILED, MORE } from '../unpacking/steps'

const LOSSES: u64 = 4
/** Bytes that it writes. */
const HEADER_BYTES: u64 = 92

let numbers: usize = 0
let limit: u64 = 0
export let words: u32 = 0
export let labels: u32 = 0
/** One more than there are; 0 where the model has no list of them. */
export let pairs: u32 = 0

export function startHeader(length: usize): void {
	numbers = allocate(<u64>NUMBER_BYTES)
	limit = <u64>length
}

/** How many there are of something, or -1 where the file is too short for so many. */
export function decodeCount(): i64 {
	const known = decodeNumber(numbers)
	return known > limit ? -1 : <i64>known
}

export function stepHeader(): i32 {
	if (!canGoOn()) return MORE
	if (!hasRoom(HEADER_BYTES)) return FAILED
	const dim = <u32>decodeNumber(numbers)
	const epoch = <u32>decodeNumber(numbers)
	const minCount = <u32>decodeNumber(numbers)
	const neg = <u32>decodeNumber(numbers)
	const wordNgrams = <u32>decodeNumber(numbers)
	const loss = decodeNumber(numbers)
	if (loss >= LOSSES) return FAILED
	const bucket = <u32>decodeNumber(numbers)
	putArguments(dim, epoch, minCount, neg, wordNgrams, <u32>loss, bucket)
	return putCounts() ? DONE : FAILED
}

function putCounts(): bool {
	const tokens = decodeNumber(numbers)
	const wordCount = decodeCount()
	const labelCount = decodeCount()
	const pairCount = decodeCount()
	if (wordCount < 0 || labelCount < 0 || pairCount < 0) return false
	words = <u32>wordCount
	labels = <u32>labelCount
	pairs = <u32>pairCount
	putInt(words + labels)
	putInt(words)
	putInt(labels)
	putLong(tokens)
	putLong(<u64>(pairCount - 1))
	return true
}
