// Opens the store that several machines share: a folder, or a bucket that speaks S3's protocol.
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { exists } from '../files.ts'
import { openBucket } from './bucket.ts'
import { copyAside } from './copy-aside.ts'
import type { SharedStore } from './shared-store.ts'

/**
 * @param url a folder, `file:///folder`, or `s3://bucket/prefix` with the variables that AWS's own tools read
 * @throws AppError `bad-input` for a URL that is neither, and for a bucket without keys
 */
export function openSharedStore(url: string, effects: Pick<Effects, 'env'>): SharedStore {
	if (url.startsWith('s3://')) return openBucket(url, effects)
	if (url.startsWith('file:')) return openFolder(parseFileUrl(url))
	if (/^[a-z][a-z0-9+.-]+:/i.test(url))
		throw new AppError(
			'bad-input',
			`no store can be at ${url.split('@').at(-1)}; expected a folder, file:///folder or s3://bucket/prefix`,
		)
	return openFolder(resolve(url))
}

function parseFileUrl(url: string): string {
	try {
		return fileURLToPath(url)
	} catch (error) {
		throw new AppError(
			'bad-input',
			`no folder's URL: ${url}; expected one like file:///folder`,
			error,
		)
	}
}

function openFolder(folder: string): SharedStore {
	return {
		location: folder,
		has: (name) => exists(join(folder, name)),
		async download(name, path) {
			if (!(await exists(join(folder, name)))) return false
			await copyAside(join(folder, name), path)
			return true
		},
		upload: (path, name) => copyAside(path, join(folder, name)),
	}
}
