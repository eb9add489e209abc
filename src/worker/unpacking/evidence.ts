// What a packed model begins with, and the table of evidence, where it has one: that comes first, and stands last in the file, with a
// footer.
import { at, canGoOn, pass } from './decoder'
import { keepBehind } from './file'
import { DONE, FAILED, MORE } from './steps'
import { FOOTER_BYTES, startTableFile } from './table-file'

const MAGIC_BYTES: usize = 4

export let hasTable: bool = false

/** Reads the magic bytes, which the caller has looked at, and how long the table is. */
export function stepHead(): i32 {
	if (!canGoOn()) return MORE
	pass(MAGIC_BYTES)
	const length = <usize>load<u32>(at)
	pass(4)
	hasTable = length > 0
	if (!hasTable) return DONE
	const place = keepBehind(<u64>length + FOOTER_BYTES)
	if (place == 0) return FAILED
	startTableFile(place, length)
	return DONE
}
