// Reads what was packed until release 20261130.4: by a range coder whose models learn on the way. Pure: browser and Node.
import { FOOTER_BYTES, joinModelFile, writeEvidence } from '../../evidence/evidence-file.ts'
import { damaged } from '../damage.ts'
import { writeModelOf } from '../model-bytes.ts'
import { MAGIC_BYTES } from '../version.ts'
import { RangeDecoder } from './range-coder.ts'
import { walkModel } from './walk.ts'
import { walkEvidence } from './walk-evidence.ts'

/** Behind the magic bytes: the length of the table of evidence (u32, little endian), where there is one. */
const HEAD_BYTES = MAGIC_BYTES + 4

/** @param version 1: no table of evidence; 2: it stands as it is before the rest; 3: the coder has it, too */
export function unpackRangeCoded(
	packed: Uint8Array,
	version: 1 | 2 | 3,
	length: number,
): Uint8Array<ArrayBuffer> {
	if (version === 1) return unpackFastText(new RangeDecoder(packed.subarray(MAGIC_BYTES)), length)
	if (packed.length < HEAD_BYTES) throw damaged('it ends within its head')
	const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
	const own = view.getUint32(MAGIC_BYTES, true)
	const rest = length - own - FOOTER_BYTES
	if (rest < 0) throw damaged(`its evidence alone has ${own} of ${length} bytes`)
	return version === 2
		? unpackWithPlainEvidence(packed.subarray(HEAD_BYTES), own, rest)
		: unpackWithEvidence(packed.subarray(HEAD_BYTES), own, rest)
}

function unpackWithPlainEvidence(packed: Uint8Array, own: number, rest: number) {
	if (own > packed.length) throw damaged(`its evidence ends at ${own} of ${packed.length} bytes`)
	const fastText = unpackFastText(new RangeDecoder(packed.subarray(own)), rest)
	return joinModelFile({ fastText, evidence: packed.subarray(0, own) })
}

function unpackWithEvidence(packed: Uint8Array, own: number, rest: number) {
	const decoder = new RangeDecoder(packed)
	const evidence = writeEvidence(walkEvidence(decoder, null, own))
	if (evidence.length !== own)
		throw damaged(`its evidence unpacks to ${evidence.length} bytes in place of ${own}`)
	return joinModelFile({ fastText: unpackFastText(decoder, rest), evidence })
}

function unpackFastText(decoder: RangeDecoder, length: number): Uint8Array<ArrayBuffer> {
	const model = walkModel(decoder, null, length)
	decoder.finish()
	return writeModelOf(model, length)
}
