// Words or labels: each says how much of the one before it repeats, and a letter depends on the two before.
import { canGoOn, decode, decodeInPlace, decodeNumber, NUMBER_BYTES } from './decoder'
import { hasRoom, place, putByte, putLong } from '../unpacking/file'
import { allocate } from '../../model/kernels/memory'
import { letterAfter, startLetters } from './letters'
import { Adaptive, newAdaptive, Specialist } from './models'
import { DONE, FAILED, MORE } from '../unpacking/steps'

const BYTES: u32 = 256
/** What stands behind an entry's bytes: their end, the count, the type. */
const TAIL_BYTES: u64 = 10

let left: u32 = 0
let type: u32 = 0
let prefixes: Adaptive = changetype<Adaptive>(0)
let counts: usize = 0
/** Where the entry before begins, and its length. */
let before: usize = 0
let beforeLength: usize = 0
/** Where the entry in work begins, once its prefix is known. */
let from: usize = 0

/** @param kind 0: words, 1: labels */
export function startEntries(count: u32, kind: u32): void {
	left = count
	type = kind
	prefixes = newAdaptive(BYTES)
	counts = allocate(<u64>NUMBER_BYTES)
	startLetters()
	beforeLength = 0
	from = 0
}

export function stepEntries(): i32 {
	while (left > 0) {
		if (from == 0) {
			if (!canGoOn()) return MORE
			if (!repeatPrefix()) return FAILED
		}
		const said = stepLetters()
		if (said != DONE) return said
		left -= 1
	}
	return DONE
}

function repeatPrefix(): bool {
	const kept = min<usize>(decode(prefixes), beforeLength)
	if (!hasRoom(<u64>kept + TAIL_BYTES)) return false
	from = place
	for (let index: usize = 0; index < kept; index++) putByte(load<u8>(before + index))
	return true
}

function stepLetters(): i32 {
	for (;;) {
		if (!canGoOn()) return MORE
		const letter = decodeInPlace(letterModel())
		if (letter == 0) break
		if (!hasRoom(1 + TAIL_BYTES)) return FAILED
		putByte(letter)
	}
	before = from
	beforeLength = place - from
	from = 0
	putByte(0)
	putLong(decodeNumber(counts))
	putByte(type)
	return DONE
}

function letterModel(): Specialist {
	const length = place - from
	const last: usize = length > 0 ? <usize>load<u8>(place - 1) : 0
	const second: usize = length > 1 ? <usize>load<u8>(place - 2) : 0
	return letterAfter(second, last)
}
