// A shared place in a bucket that speaks S3's protocol.
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { makeFolder, replaceFile, storageError } from '../files.ts'
import { openBucketClient } from './bucket-client.ts'
import { uploadToBucket } from './bucket-upload.ts'
import type { SharedPlace } from './shared-place.ts'

/** @throws AppError `bad-input` for a URL without a bucket, and where there are no keys */
export function openBucket(url: string, effects: Pick<Effects, 'env'>): SharedPlace {
	const client = openBucketClient(url, effects)
	const { location, base, send, broken } = client
	return {
		location,
		address: base,
		folder: null,
		has: async (name) => (await send('HEAD', `${base}/${name}`)).ok,
		async download(name, path) {
			const response = await send('GET', `${base}/${name}`)
			if (!response.ok) {
				await response.body?.cancel()
				return false
			}
			await save(response, path, broken)
			return true
		},
		put: (file, onBytes) => uploadToBucket(client, file, onBytes),
	}
}

async function save(response: Response, path: string, broken: () => AppError): Promise<void> {
	await makeFolder(dirname(path))
	try {
		await replaceFile(path, async (file) => {
			if (!response.body) return
			const chunks = Readable.fromWeb(response.body as ReadableStream<Uint8Array>)
			// Unlike `write`, it writes the rest, too, where a disk takes less than it is asked to.
			for await (const chunk of chunks as AsyncIterable<Uint8Array>) await file.writeFile(chunk)
		})
	} catch (error) {
		if (error instanceof TypeError) throw broken()
		throw storageError(error, path)
	}
}
