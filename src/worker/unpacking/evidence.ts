// The table of evidence, where a model has one: it comes first and as it is, and stands last in the file, with a footer.
import { at, canGoOn, end, pass } from './decoder'
import { keepBehind } from './file'
import { DONE, FAILED, MORE } from './steps'

const MAGIC_BYTES: usize = 4
/** The last of the magic bytes says whether there is a table. */
const WITH_EVIDENCE: u8 = 2
const FOOTER_BYTES: u64 = 8
const FOOTER_MAGIC: u32 = 0x56455357

let place: usize = 0
let left: usize = 0

/** Reads the magic bytes, which the caller has looked at, and how long the table is. */
export function stepHead(): i32 {
	if (!canGoOn()) return MORE
	const version = load<u8>(at + MAGIC_BYTES - 1)
	pass(MAGIC_BYTES)
	if (version != WITH_EVIDENCE) return DONE
	left = load<u32>(at)
	pass(4)
	place = keepBehind(<u64>left + FOOTER_BYTES)
	if (place == 0) return FAILED
	store<u32>(place + left, <u32>left)
	store<u32>(place + left, FOOTER_MAGIC, 4)
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
