// Files by what they are: <data>/store/objects/<two digits>/<SHA-256>. What was made once is found again by its digest.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
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

export function hasSize(path: string, bytes: number): Promise<boolean> {
	return stat(path).then(
		(found) => found.isFile() && found.size === bytes,
		() => false,
	)
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
