// Where files are put for everybody to read: a bucket that speaks S3's protocol, or a folder that a web server publishes.
import { join } from 'node:path'
import type { Effects } from '../effects.ts'
import { openBucketClient } from './bucket-client.ts'
import { uploadToBucket } from './bucket-upload.ts'
import { copyAside } from './copy-aside.ts'
import { folderAt } from './folder-at.ts'
import { isWhole } from './objects.ts'
import type { PublicFile } from './public-file.ts'

export interface PublicFiles {
	/** As a message may show it: without a secret. */
	readonly location: string
	/** Where the files can be read, as far as this is known: a bucket has an address of its own. */
	readonly address: string | null
	/** Where they are on this machine; null for a bucket. */
	readonly folder: string | null
	/**
	 * @param onBytes is told how many bytes of the file are there
	 * @returns false where it was there already
	 */
	put(file: PublicFile, onBytes: (bytes: number) => void): Promise<boolean>
}

/**
 * @param to `s3://bucket/prefix` with the variables that AWS's own tools read, or a folder
 * @throws AppError `bad-input`
 */
export function openPublicFiles(to: string, effects: Pick<Effects, 'env'>): PublicFiles {
	const folder = folderAt(to)
	if (folder !== null) return openFolder(folder)
	const client = openBucketClient(to, effects)
	const put: PublicFiles['put'] = (file, onBytes) => uploadToBucket(client, file, onBytes)
	return { location: client.location, address: client.base, folder: null, put }
}

function openFolder(folder: string): PublicFiles {
	return {
		location: folder,
		address: null,
		folder,
		async put({ path, name, record }, onBytes) {
			const there = join(folder, name)
			const isThere = await isWhole(there, record)
			if (!isThere) await copyAside(path, there)
			onBytes(record.bytes)
			return !isThere
		},
	}
}
