// Copies a file into a folder that others read: it appears there whole.
import { constants } from 'node:fs'
import { copyFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder, storageError, temporaryPath } from '../files.ts'

export async function copyAside(from: string, to: string): Promise<void> {
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
