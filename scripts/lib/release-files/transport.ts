// How a model is packed for the way to the page: as small as can be, and undone to the byte.
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { packModel, unpackModel } from '../../../src/model/packed/packed-model.ts'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { MAX_DECODED_MODEL_BYTES, type Manifest } from '../../../src/shared/manifest.ts'

const compress = promisify(gzip)
const decompress = promisify(gunzip)

export interface PackedFile {
	readonly encoding: Manifest['model']['encoding']
	/** What the file's name ends with. No server takes it for a content encoding: the page decodes the file itself. */
	readonly extension: string
	readonly bytes: Uint8Array
}

/** Our own packing where the model is of its form, as what `quantize` writes is; else gzip. */
export async function packForTransport(model: Uint8Array): Promise<PackedFile> {
	const packed = packModel(model)
	if (packed) return { encoding: 'whichsub-4', extension: 'packed', bytes: packed }
	return { encoding: 'gzip', extension: 'gzip', bytes: await compress(model, { level: 9 }) }
}

/** @throws AppError `damaged` */
export async function unpackFromTransport(
	bytes: Uint8Array,
	{ encoding, decodedBytes }: Pick<Manifest['model'], 'encoding' | 'decodedBytes'>,
	{ path, remedy }: { readonly path: string; readonly remedy: string },
): Promise<Uint8Array> {
	try {
		return encoding === 'gzip'
			? await decompress(bytes, { maxOutputLength: MAX_DECODED_MODEL_BYTES })
			: unpackModel(bytes, decodedBytes)
	} catch (error) {
		throw new AppError('damaged', `${path} is damaged: ${errorMessage(error)}; ${remedy}`, error)
	}
}
