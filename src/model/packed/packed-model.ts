// Our own packing of a quantised model for the way to the page: a seventh smaller than gzip makes it, and undone to the byte.
// Pure: browser and Node. What it is built from: docs/training.md.
import type { FastTextModel } from '../fasttext/format.ts'
import { readModel } from '../fasttext/read.ts'
import { writeModel } from '../fasttext/write.ts'
import { damaged, RangeDecoder, RangeEncoder } from './range-coder.ts'
import { type PackableModel, walkModel } from './walk.ts'

/** `WSM` and the format's version: no gzip, and no fastText file begins like that. */
const MAGIC = [0x57, 0x53, 0x4d, 1]

export function isPackedModel(bytes: Uint8Array): boolean {
	return MAGIC.every((byte, index) => bytes[index] === byte)
}

/**
 * Packs a `.ftz` as `quantize` writes it, and looks that it unpacks to the same bytes.
 *
 * @param file a fastText file @returns null where the file is of another form
 */
export function packModel(file: Uint8Array): Uint8Array | null {
	const packed = encodeModel(readModel(file))
	return packed && isSame(unpackModel(packed, file.length), file) ? packed : null
}

/** A model as {@link packModel} packs its file. @returns null for a model of another form */
export function encodeModel(model: FastTextModel): Uint8Array | null {
	if (!isPackable(model)) return null
	const encoder = new RangeEncoder()
	walkModel(encoder, model, Infinity)
	const body = encoder.finish()
	const packed = new Uint8Array(MAGIC.length + body.length)
	packed.set(MAGIC)
	packed.set(body, MAGIC.length)
	return packed
}

/**
 * The fastText file that was packed.
 *
 * @param length bytes of that file
 * @throws AppError `damaged`; not for all damage: compare the digest
 */
export function unpackModel(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
	if (!isPackedModel(packed)) throw damaged('it does not begin like one')
	const decoder = new RangeDecoder(packed.subarray(MAGIC.length))
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
