// The files that belong to a release beside its model: stored, or downloaded and then stored. Worker.
import type { LoadProgress } from '../shared/classifier-protocol.ts'
import type { Manifest } from '../shared/manifest.ts'
import { downloadPacked, type PackedFile } from './download.ts'
import { takeTurn } from './download-turn.ts'
import type { Beside } from './models-database.ts'
import type { ModelsStore } from './models-store.ts'

interface Release {
	readonly manifest: Manifest
	/** Where its files are. */
	folder(): Promise<URL>
}

interface Wanted {
	readonly what: Beside
	/** What the manifest says of it. */
	readonly file: PackedFile
}

/** Downloads only where the file is not stored, and by one tab at a time. @throws AppError as `downloadPacked`, `policy` */
export async function loadBeside(
	store: ModelsStore,
	{ manifest: { version }, folder }: Release,
	{ what, file }: Wanted,
	onProgress: (progress: LoadProgress) => void,
): Promise<Uint8Array<ArrayBuffer>> {
	const stored = await store.readBeside(version, what, file)
	if (stored) return stored
	return takeTurn(`whichsub-download-${version}-${what}`, onProgress, async (tell) => {
		// Another tab may just have stored it.
		const other = await store.readBeside(version, what, file)
		if (other) return other
		const bytes = await downloadPacked(await folder(), file, tell)
		await store.writeBeside(version, what, bytes)
		return bytes
	})
}
