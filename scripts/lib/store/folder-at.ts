// What people name as a store, or as a place to put files: a bucket or a folder.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../../src/shared/app-error.ts'

/**
 * @param url a folder, `file:///folder`, or `s3://bucket/prefix`
 * @returns the folder; null for a bucket
 * @throws AppError `bad-input` for anything else
 */
export function folderAt(url: string): string | null {
	if (url.startsWith('s3://')) return null
	if (url.startsWith('file:')) return parseFileUrl(url)
	if (/^[a-z][a-z0-9+.-]+:/i.test(url))
		throw new AppError(
			'bad-input',
			`can't write to ${url.split('@').at(-1)}; expected a folder, file:///folder or s3://bucket/prefix`,
		)
	return resolve(url)
}

function parseFileUrl(url: string): string {
	try {
		return fileURLToPath(url)
	} catch (error) {
		throw new AppError('bad-input', `no folder's URL: ${url}; expected file:///folder`, error)
	}
}
