// Where files are put for everybody to read: a bucket that speaks S3's protocol, or a folder that a web server publishes.
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { openBucketClient } from './bucket-client.ts'
import { uploadToBucket } from './bucket-upload.ts'
import { copyAside } from './copy-aside.ts'
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
	if (to.startsWith('s3://')) {
		const client = openBucketClient(to, effects)
		const { location, base } = client
		const put: PublicFiles['put'] = (file, tell) => uploadToBucket(client, file, tell)
		return { location, address: base, folder: null, put }
	}
	if (/^[a-z][a-z0-9+.-]+:/i.test(to) && !to.startsWith('file:'))
		throw new AppError(
			'bad-input',
			`nothing can be put to ${to.split('@').at(-1)}; expected s3://bucket/prefix or a folder`,
		)
	return openFolder(to.startsWith('file:') ? fileURLToPath(to) : resolve(to))
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
