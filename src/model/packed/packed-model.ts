// Our own packing of a quantised model for the way to the page: a fifth smaller than gzip makes it, and undone to the byte.
// Pure: browser and Node. What it is built from: docs/training.md.
import { concatBytes } from '../concat-bytes.ts'
import {
	type Evidence,
	FOOTER_BYTES,
	joinModelFile,
	readEvidence,
	splitModelFile,
	writeEvidence,
} from '../evidence/evidence-file.ts'
import type { FastTextModel } from '../fasttext/format.ts'
import { readModel } from '../fasttext/read.ts'
import { Decoder, Encoder } from './coder.ts'
import { damaged } from './damage.ts'
import { writeModelOf } from './model-bytes.ts'
import { unpackRangeCoded } from './range-coded/unpack.ts'
import { MAGIC_BYTES, magicOf, PACKED_VERSION, packedVersion } from './version.ts'
import { isPackable, walkModel } from './walk.ts'
import { walkEvidence } from './walk-evidence.ts'
import type { PackableModel } from './walk-shared.ts'

/** Behind the magic bytes the length of the table of evidence (u32, little endian), 0 where there is none; then the coder's stream. */
const HEAD_BYTES = MAGIC_BYTES + 4

/**
 * Packs a `.ftz` as `quantize` writes it, and looks that it unpacks to the same bytes.
 *
 * @param file a fastText file @returns null where the file is of another form
 */
export function packModel(file: Uint8Array): Uint8Array | null {
	const { evidence } = splitModelFile(file)
	const model = readModel(file)
	if (!isPackable(model)) return null
	const packed = encode(model, evidence)
	return isSame(unpackModel(packed, file.length), file) ? packed : null
}

/** Bytes of a model without evidence as {@link packModel} packs its file. @returns null for a model of another form */
export function measureModel(model: FastTextModel): number | null {
	return isPackable(model) ? encode(model, null).length : null
}

function encode(model: PackableModel, evidence: Uint8Array | null): Uint8Array {
	const encoder = new Encoder()
	const table = evidence && readEvidence(evidence)
	if (table) walkEvidence(encoder, table, Infinity)
	walkModel(encoder, model, { words: table?.words ?? [], limit: Infinity })
	const length = new DataView(new ArrayBuffer(4))
	length.setUint32(0, evidence?.length ?? 0, true)
	return concatBytes([magicOf(PACKED_VERSION), new Uint8Array(length.buffer), encoder.finish()])
}

/** About how many bytes a table takes in a packed model. */
export function measureEvidence(evidence: Evidence): number {
	const encoder = new Encoder()
	walkEvidence(encoder, evidence, Infinity)
	return encoder.finish().length
}

/**
 * The fastText file that was packed.
 *
 * @param length bytes of that file
 * @throws AppError `damaged`; not for all damage: compare the digest
 */
export function unpackModel(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
	const version = packedVersion(packed)
	if (version === null) throw damaged('it does not begin like one')
	return version === PACKED_VERSION
		? decode(packed, length)
		: unpackRangeCoded(packed, version, length)
}

function decode(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
	if (packed.length < HEAD_BYTES) throw damaged('it ends too early')
	const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
	const own = view.getUint32(MAGIC_BYTES, true)
	const decoder = new Decoder(packed.subarray(HEAD_BYTES))
	if (own === 0) return decodeFastText(decoder, { words: [], limit: length })
	const rest = length - own - FOOTER_BYTES
	if (rest < 0) throw damaged(`its evidence alone has ${own} of ${length} bytes`)
	const table = walkEvidence(decoder, null, own)
	const evidence = writeEvidence(table)
	if (evidence.length !== own)
		throw damaged(`its evidence unpacks to ${evidence.length} bytes in place of ${own}`)
	const fastText = decodeFastText(decoder, { words: table.words, limit: rest })
	return joinModelFile({ fastText, evidence })
}

function decodeFastText(
	decoder: Decoder,
	known: { readonly words: readonly string[]; readonly limit: number },
): Uint8Array<ArrayBuffer> {
	const model = walkModel(decoder, null, known)
	decoder.finish()
	return writeModelOf(model, known.limit)
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, index) => byte === b[index])
}
