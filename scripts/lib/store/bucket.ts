// A shared store in a bucket that speaks S3's protocol.
import { openAsBlob } from 'node:fs'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { makeFolder, replaceFile, storageError } from '../files.ts'
import { openBucketClient } from './bucket-client.ts'
import type { SharedStore } from './shared-store.ts'

/** @throws AppError `bad-input` for a URL without a bucket, and where there are no keys */
export function openBucket(url: string, effects: Pick<Effects, 'env'>): SharedStore {
	const { location, base, send, broken, refused } = openBucketClient(url, effects)
	return {
		location,
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
		async upload(path, name, file) {
			// A blob has a length, which S3 asks for, and is read from the disk as it is sent. The digest is known, so nothing has
			// to be read twice, and the server checks it.
			const headers = { 'x-amz-content-sha256': file.sha256 }
			const body = await openAsBlob(path)
			const response = await send('PUT', `${base}/${name}`, { body, headers })
			await response.body?.cancel()
			if (!response.ok) throw await refused(response)
		},
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
