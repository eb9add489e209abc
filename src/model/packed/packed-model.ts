// Our own packing of a quantised model for the way to the page: a seventh smaller than gzip makes it, and undone to the byte.
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
import { writeModel } from '../fasttext/write.ts'
import { damaged, RangeDecoder, RangeEncoder } from './range-coder.ts'
import { type PackableModel, walkModel } from './walk.ts'
import { walkEvidence } from './walk-evidence.ts'

/** `WSM` and the format's version: no gzip, and no fastText file begins like that. */
const MAGIC = [0x57, 0x53, 0x4d, 1]
/** With a table of evidence: its length (u32, little endian) and its bytes as they are stand before the rest. No longer written. */
const MAGIC_WITH_PLAIN_EVIDENCE = [0x57, 0x53, 0x4d, 2]
/** With a table of evidence: its length (u32, little endian), then it and the rest in one stream of the coder. */
const MAGIC_WITH_EVIDENCE = [0x57, 0x53, 0x4d, 3]

export function isPackedModel(bytes: Uint8Array): boolean {
	return [MAGIC, MAGIC_WITH_PLAIN_EVIDENCE, MAGIC_WITH_EVIDENCE].some((magic) =>
		beginsWith(bytes, magic),
	)
}

/** Whether a packed model is of the form with evidence that is written today, which pages from before it can't read. */
export function hasPackedEvidence(packed: Uint8Array): boolean {
	return beginsWith(packed, MAGIC_WITH_EVIDENCE)
}

function beginsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
	return magic.every((byte, index) => bytes[index] === byte)
}

/**
 * Packs a `.ftz` as `quantize` writes it, and looks that it unpacks to the same bytes.
 *
 * @param file a fastText file @returns null where the file is of another form
 */
export function packModel(file: Uint8Array): Uint8Array | null {
	const { evidence } = splitModelFile(file)
	const model = readModel(file)
	const packed = evidence ? encodeWithEvidence(model, evidence) : encodeModel(model)
	return packed && isSame(unpackModel(packed, file.length), file) ? packed : null
}

/** A model without evidence as {@link packModel} packs its file. @returns null for a model of another form */
export function encodeModel(model: FastTextModel): Uint8Array | null {
	if (!isPackable(model)) return null
	const encoder = new RangeEncoder()
	walkModel(encoder, model, Infinity)
	return concatBytes([Uint8Array.from(MAGIC), encoder.finish()])
}

function encodeWithEvidence(model: FastTextModel, evidence: Uint8Array): Uint8Array | null {
	if (!isPackable(model)) return null
	const encoder = new RangeEncoder()
	walkEvidence(encoder, readEvidence(evidence), Infinity)
	walkModel(encoder, model, Infinity)
	const length = new DataView(new ArrayBuffer(4))
	length.setUint32(0, evidence.length, true)
	return concatBytes([
		Uint8Array.from(MAGIC_WITH_EVIDENCE),
		new Uint8Array(length.buffer),
		encoder.finish(),
	])
}

/** About how many bytes a table takes in a packed model. */
export function measureEvidence(evidence: Evidence): number {
	const encoder = new RangeEncoder()
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
	if (!isPackedModel(packed)) throw damaged('it does not begin like one')
	if (hasPackedEvidence(packed)) return unpackWithEvidence(packed, length)
	if (beginsWith(packed, MAGIC)) return unpackFastText(packed, length)
	const { evidence, rest } = takeEvidence(packed)
	const whole = joinModelFile({ fastText: new Uint8Array(0), evidence })
	if (whole.length > length)
		throw damaged(`its evidence alone has ${whole.length} of ${length} bytes`)
	const fastText = unpackFastText(rest, length - whole.length)
	return joinModelFile({ fastText, evidence })
}

function unpackWithEvidence(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
	const head = MAGIC_WITH_EVIDENCE.length + 4
	const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
	const own = packed.length < head ? length : view.getUint32(MAGIC_WITH_EVIDENCE.length, true)
	const rest = length - own - FOOTER_BYTES
	if (rest < 0) throw damaged(`its evidence alone has ${own} of ${length} bytes`)
	const decoder = new RangeDecoder(packed.subarray(head))
	const evidence = writeEvidence(walkEvidence(decoder, null, own))
	if (evidence.length !== own)
		throw damaged(`its evidence unpacks to ${evidence.length} bytes in place of ${own}`)
	return joinModelFile({ fastText: decodeFastText(decoder, rest), evidence })
}

/** The evidence, and the packed model as it would be without. */
function takeEvidence(packed: Uint8Array): { evidence: Uint8Array; rest: Uint8Array } {
	const head = MAGIC_WITH_PLAIN_EVIDENCE.length + 4
	if (packed.length < head) throw damaged('it ends within its head')
	const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
	const end = head + view.getUint32(MAGIC_WITH_PLAIN_EVIDENCE.length, true)
	if (end > packed.length) throw damaged(`its evidence ends at ${end} of ${packed.length} bytes`)
	const rest = new Uint8Array(MAGIC.length + packed.length - end)
	rest.set(MAGIC)
	rest.set(packed.subarray(end), MAGIC.length)
	return { evidence: packed.subarray(head, end), rest }
}

function unpackFastText(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
	return decodeFastText(new RangeDecoder(packed.subarray(MAGIC.length)), length)
}

function decodeFastText(decoder: RangeDecoder, length: number): Uint8Array<ArrayBuffer> {
	const model = walkModel(decoder, null, length)
	decoder.finish()
	const file = new Uint8Array(length)
	let at = 0
	for (const part of writeModel(model)) {
		if (at + part.length > length) throw damaged(`it unpacks to more than ${length} bytes`)
		file.set(part, at)
		at += part.length
	}
	if (at < length) throw damaged(`it unpacks to ${at} bytes in place of ${length}`)
	return file
}

function isPackable(model: FastTextModel): model is PackableModel {
	const { input, output, pruned } = model
	if (input.kind === 'dense' || output.kind === 'dense') return false
	return pruned === null || isInOrder(pruned)
}

function isInOrder({ ids, rows }: NonNullable<FastTextModel['pruned']>): boolean {
	let seen = 0
	return ids.every((id, index) => {
		const row = rows[index] ?? 0
		const isKnown = row < seen
		if (row === seen) seen += 1
		return id >= 0 && (index === 0 || id > (ids[index - 1] ?? 0)) && (isKnown || row === seen - 1)
	})
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, index) => byte === b[index])
}
