// Opens the store that several machines share: a folder, or a bucket that speaks S3's protocol.
import { join } from 'node:path'
import type { Effects } from '../effects.ts'
import { exists } from '../files.ts'
import { openBucket } from './bucket.ts'
import { copyAside } from './copy-aside.ts'
import { folderAt } from './folder-at.ts'
import type { SharedStore } from './shared-store.ts'

/**
 * @param url a folder, `file:///folder`, or `s3://bucket/prefix` with the variables that AWS's own tools read
 * @throws AppError `bad-input` for a URL that is neither, and for a bucket without keys
 */
export function openSharedStore(url: string, effects: Pick<Effects, 'env'>): SharedStore {
	const folder = folderAt(url)
	return folder === null ? openBucket(url, effects) : openFolder(folder)
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
