import type { FastTextModel } from '../fasttext/format.ts'
import { writeModel } from '../fasttext/write.ts'
import { damaged } from './damage.ts'

/** The file of an unpacked model. @throws AppError `damaged` where it has another length */
export function writeModelOf(model: FastTextModel, length: number): Uint8Array<ArrayBuffer> {
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
