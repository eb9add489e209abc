// The table of evidence, where a model has one: it comes first, coded (./table.ts) or as it is, and stands last in the file, with a
// footer.
import { at, canGoOn, end, pass } from './decoder'
import { keepBehind } from '../unpacking/file'
import { DONE, FAILED, MORE } from '../unpacking/steps'
import { setTable } from './table'

const MAGIC_BYTES: usize = 4
/** The last of the magic bytes says whether there is a table. */
const AS_IT_IS: u8 = 2
const CODED: u8 = 3
const FOOTER_BYTES: u64 = 8
const FOOTER_MAGIC: u32 = 0x56455357

let place: usize = 0
/** Bytes of a table that comes as it is. */
let left: usize = 0
/** Whether there is a table that the coder has. */
export let isCoded: bool = false

/** Reads the magic bytes, which the caller has looked at, and how long the table is. */
export function stepHead(): i32 {
	if (!canGoOn()) return MORE
	const version = load<u8>(at + MAGIC_BYTES - 1)
	pass(MAGIC_BYTES)
	if (version != AS_IT_IS && version != CODED) return DONE
	const length = <usize>load<u32>(at)
	pass(4)
	place = keepBehind(<u64>length + FOOTER_BYTES)
	if (place == 0) return FAILED
	store<u32>(place + length, <u32>length)
	store<u32>(place + length, FOOTER_MAGIC, 4)
	isCoded = version == CODED
	if (isCoded) setTable(place, length)
	else left = length
	return DONE
}

export function stepEvidence(): i32 {
	const arrived = min(left, end - min(at, end))
	memory.copy(place, at, arrived)
	pass(arrived)
	place += arrived
	left -= arrived
	return left > 0 ? MORE : DONE
}
