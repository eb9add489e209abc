// Files by what they are: <data>/store/objects/<two digits>/<SHA-256>. What was made once is found again by its digest.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { linkFile } from '../files.ts'
import { checkRecordedFile, type FileRecord } from '../recorded-files.ts'

type Place = Pick<Effects, 'dataDir'>

/** The folder of the store. */
export function storeDir({ dataDir }: Place): string {
	return join(dataDir, 'store')
}

/** The name of an object, in a store of this machine and in a shared one. */
export function objectName({ sha256 }: Pick<FileRecord, 'sha256'>): string {
	return `objects/${sha256.slice(0, 2)}/${sha256}`
}

export function objectPath(effects: Place, file: Pick<FileRecord, 'sha256'>): string {
	return join(storeDir(effects), objectName(file))
}

/** Whether it is there, with its size; its digest is checked when it is taken. */
export async function hasObject(effects: Place, file: FileRecord): Promise<boolean> {
	return hasSize(objectPath(effects, file), file.bytes)
}

export function hasSize(path: string, bytes: number): Promise<boolean> {
	return stat(path).then(
		(found) => found.isFile() && found.size === bytes,
		() => false,
	)
}

/** Keeps a file that was just described. It costs no space where the disk knows links. */
export async function putObject(effects: Place, path: string, file: FileRecord): Promise<void> {
	if (await hasObject(effects, file)) return
	await linkFile(path, objectPath(effects, file))
}

/**
 * Brings a file back to where it was.
 *
 * @returns false where the store has none, or a damaged one, which is then removed
 */
export async function takeObject(effects: Place, file: FileRecord, path: string): Promise<boolean> {
	const object = objectPath(effects, file)
	if (!(await isWhole(object, file))) {
		await rm(object, { force: true })
		return false
	}
	await linkFile(object, path)
	return true
}

/** Whether a file is the one on record. */
export async function isWhole(path: string, record: FileRecord): Promise<boolean> {
	try {
		await checkRecordedFile({ path, record, what: 'object', remedy: '' })
		return true
	} catch (error) {
		if (error instanceof AppError && error.code !== 'storage') return false
		throw error
	}
}
