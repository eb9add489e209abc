// A file that is put where everybody can read it.
import type { FileRecord } from '../recorded-files.ts'

export interface PublicFile {
	readonly path: string
	/** As in `20200602.0/model.ftz.packed`. */
	readonly name: string
	/** What `path` holds. */
	readonly record: FileRecord
	readonly contentType: string
	readonly cacheControl: string
}
