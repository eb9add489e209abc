// A file of a release beside its model, packed by gzip, and what the manifest says of it.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { sha256 } from './files.ts'

const pack = promisify(gzip)

export async function packGzip(file: string, decoded: Uint8Array) {
	const content: Uint8Array = await pack(decoded, { level: 9 })
	const record = {
		file,
		bytes: content.length,
		sha256: sha256(content),
		encoding: 'gzip',
		decodedBytes: decoded.length,
		decodedSha256: sha256(decoded),
	} as const
	return { record, content }
}
