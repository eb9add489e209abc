// Pairs of words: ids ascend, and a row is new, or one of those before, each as likely.
import { canGoOn, decode, decodeEven, decodeNumber, NUMBER_BYTES } from './decoder'
import { hasRoom, putInt } from '../unpacking/file'
import { allocate } from '../../model/kernels/memory'
import { Adaptive, newAdaptive } from './models'
import { DONE, FAILED, MORE } from '../unpacking/steps'

let left: u32 = 0
let gaps: usize = 0
let isNew: Adaptive = changetype<Adaptive>(0)
let id: i64 = -1
let seen: u32 = 0

/** @returns whether the file has room for so many */
export function startPairs(count: u32): bool {
	left = count
	gaps = allocate(<u64>NUMBER_BYTES)
	isNew = newAdaptive(2)
	return hasRoom(<u64>count * 8)
}

export function stepPairs(): i32 {
	for (; left > 0; left--) {
		if (!canGoOn()) return MORE
		id += 1 + <i64>decodeNumber(gaps)
		if (id > 0x7fffffff || id < 0) return FAILED
		putInt(<u32>id)
		const isFirst = seen == 0 || decode(isNew) == 1
		const row = isFirst ? <i32>seen : decodeEven(seen)
		if (row < 0) return FAILED
		putInt(<u32>row)
		if (isFirst) seen += 1
	}
	return DONE
}
