// A store that several machines share, as a store uses it.
import type { FileRecord } from '../recorded-files.ts'

export interface SharedStore {
	/** As a message may show it: without a secret. */
	readonly location: string
	has(name: string): Promise<boolean>
	/** Writes what is called so into a file. @returns false where there is nothing of this name */
	download(name: string, path: string): Promise<boolean>
	/** @param file what `path` holds */
	upload(path: string, name: string, file: FileRecord): Promise<void>
}
