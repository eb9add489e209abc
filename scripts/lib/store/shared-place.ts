// A place that other machines read: of a store, what it shares with them; of a release, what pages download.
import type { FileRecord } from '../recorded-files.ts'

export interface SharedFile {
	readonly path: string
	/** As in `20200602.0/model.ftz.packed`. */
	readonly name: string
	/** What `path` holds. */
	readonly record: FileRecord
	/** With which headers a bucket serves it; none where only commands read it. */
	readonly headers?: Readonly<Record<string, string>>
}

export interface SharedPlace {
	/** As a message may show it: without a secret. */
	readonly location: string
	/** Where the files can be read, as far as this is known: a bucket has an address of its own. */
	readonly address: string | null
	/** Where they are on this machine; null for a bucket. */
	readonly folder: string | null
	has(name: string): Promise<boolean>
	/** Writes what is called so into a file. @returns false where there is nothing of this name */
	download(name: string, path: string): Promise<boolean>
	/**
	 * @param onBytes is told how many bytes of the file are there
	 * @returns false where it was there already
	 */
	put(file: SharedFile, onBytes?: (bytes: number) => void): Promise<boolean>
}
