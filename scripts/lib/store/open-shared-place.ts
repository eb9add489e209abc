// Opens a place that several machines share: a folder, or a bucket that speaks S3's protocol.
import { constants } from 'node:fs'
import { copyFile, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { exists, makeFolder, storageError, temporaryPath } from '../files.ts'
import { openBucket } from './bucket.ts'
import { isWhole } from './objects.ts'
import type { SharedPlace } from './shared-place.ts'

/**
 * @param url a folder, `file:///folder`, or `s3://bucket/prefix` with the variables that AWS's own tools read
 * @throws AppError `bad-input` for anything else, and for a bucket without keys
 */
export function openSharedPlace(url: string, effects: Pick<Effects, 'env'>): SharedPlace {
	if (url.startsWith('s3://')) return openBucket(url, effects)
	if (url.startsWith('file:')) return openFolder(parseFileUrl(url))
	if (/^[a-z][a-z0-9+.-]+:/i.test(url))
		throw new AppError(
			'bad-input',
			`can't write to ${url.split('@').at(-1)}; expected a folder, file:///folder or s3://bucket/prefix`,
		)
	return openFolder(resolve(url))
}

function parseFileUrl(url: string): string {
	try {
		return fileURLToPath(url)
	} catch (error) {
		throw new AppError('bad-input', `no folder's URL: ${url}; expected file:///folder`, error)
	}
}

function openFolder(folder: string): SharedPlace {
	return {
		location: folder,
		address: null,
		folder,
		has: (name) => exists(join(folder, name)),
		async download(name, path) {
			if (!(await exists(join(folder, name)))) return false
			await copyAside(join(folder, name), path)
			return true
		},
		async put({ path, name, record }, onBytes) {
			const isThere = await isWhole(join(folder, name), record)
			if (!isThere) await copyAside(path, join(folder, name))
			onBytes?.(record.bytes)
			return !isThere
		},
	}
}

/** Copies a file into a folder that others read: it appears there whole. */
async function copyAside(from: string, to: string): Promise<void> {
	await makeFolder(dirname(to))
	const temporary = temporaryPath(to)
	try {
		await copyFile(from, temporary, constants.COPYFILE_FICLONE)
		await rename(temporary, to)
	} catch (error) {
		throw storageError(error, to)
	} finally {
		await rm(temporary, { force: true })
	}
}
