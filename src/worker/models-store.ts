// What the classifier keeps between visits. It never throws: without IndexedDB it keeps nothing, and says why.
import * as v from 'valibot'
import { type SerializedError, serializeError } from '../shared/app-error.ts'
import type { DownloadPause, LoadRequest, Target } from '../shared/classifier-protocol.ts'
import { Manifest } from '../shared/manifest.ts'
import { parseWith } from '../shared/parse.ts'
import { ChannelName } from '../shared/releases.ts'
import { ReleaseVersion, UnitInterval } from '../shared/schema-parts.ts'
import { isIntact, type PackedFile } from './download.ts'
import { dropOldPauses, StoredPauses } from './download-pause.ts'
import { markStep } from './mark-step.ts'
import {
	type Beside,
	deleteStoredRelease,
	type ModelsDatabase,
	markUsed,
	openModelsDatabase,
	readSetting,
	readStoredBeside,
	readStoredRelease,
	type StoredRelease,
	writeSetting,
	writeStoredBeside,
	writeStoredRelease,
} from './models-database.ts'
import { isUsable } from './releases-source.ts'

const StoredTarget = v.object({ version: ReleaseVersion, channel: ChannelName })

type Preview = LoadRequest['preview']

const StoredWithheld = v.array(v.string())

const PAUSES_KEY = 'pauses'
const WITHHELD_KEY = 'withheld'

export class ModelsStore {
	readonly #database: ModelsDatabase | null
	#trouble: SerializedError | null
	#ticket: number | null = null

	private constructor(database: ModelsDatabase | null, trouble: SerializedError | null) {
		this.#database = database
		this.#trouble = trouble
	}

	/** @param modelsUrl as {@link openModelsDatabase} */
	static async open(modelsUrl: string): Promise<ModelsStore> {
		try {
			return new ModelsStore(await openModelsDatabase(modelsUrl), null)
		} catch (error) {
			return new ModelsStore(null, serializeError(error))
		}
	}

	/** Why the newest release could not be kept, or null. */
	get trouble(): SerializedError | null {
		return this.#trouble
	}

	/** The visitor's own number in [0, 1), drawn once, so that a visitor stays in or out of a canary. */
	async ticket(): Promise<number> {
		this.#ticket ??= await this.#readTicket()
		return this.#ticket
	}

	/** The release that answered last, for the visitor's own channel or for a preview. */
	async lastTarget(preview: Preview): Promise<Target | null> {
		return this.#attempt(null, async (database) => {
			const last = v.safeParse(StoredTarget, await readSetting(database, lastKey(preview)))
			return last.success ? last.output : null
		})
	}

	/**
	 * A release that is stored whole, and that this page can use. What is damaged is dropped.
	 *
	 * @param prepare begins, while the model is read, with what only asks for its length; what it returns begins, while the digest is
	 * computed, with what stands any bytes
	 */
	async read<T>(
		version: ReleaseVersion,
		prepare: (length: number) => Promise<(bytes: Uint8Array) => Promise<T>>,
	): Promise<{ readonly release: StoredRelease; readonly opening: Promise<T> } | null> {
		return this.#attempt(null, async (database) => {
			const stored = await readStoredRelease(database, version)
			if (!stored) return null
			const manifest = parseWith(Manifest, stored.manifest, 'stored manifest')
			if (isUsable(manifest)) {
				const preparing = prepare(manifest.model.decodedBytes)
				// Who reads is told of it.
				preparing.catch(() => {})
				const bytes = await stored.bytes
				markStep('model is there')
				if (bytes?.length === manifest.model.decodedBytes) {
					const checking = isIntact(bytes, manifest.model)
					const opening = preparing.then((open) => open(bytes))
					opening.catch(() => {})
					if (await checking) return { release: { manifest, bytes }, opening }
				}
			}
			await deleteStoredRelease(database, version)
			return null
		})
	}

	/** The stored model of a manifest that was just fetched. */
	async readModel(manifest: Manifest): Promise<Uint8Array<ArrayBuffer> | null> {
		return this.#attempt(null, async (database) => {
			const bytes = await (await readStoredRelease(database, manifest.version))?.bytes
			return bytes && (await isIntact(bytes, manifest.model)) ? bytes : null
		})
	}

	async write(release: StoredRelease): Promise<void> {
		await this.#attempt(undefined, async (database) => {
			await writeStoredRelease(database, release)
			this.#trouble = null
		})
	}

	/** What is stored beside a release's model, where it is whole. */
	async readBeside(
		version: ReleaseVersion,
		what: Beside,
		file: PackedFile,
	): Promise<Uint8Array<ArrayBuffer> | null> {
		return this.#attempt(null, async (database) => {
			const bytes = await readStoredBeside(database, version, what)
			return bytes && (await isIntact(bytes, file)) ? bytes : null
		})
	}

	async writeBeside(
		version: ReleaseVersion,
		what: Beside,
		bytes: Uint8Array<ArrayBuffer>,
	): Promise<void> {
		await this.#attempt(undefined, (database) =>
			writeStoredBeside(database, version, { what, bytes }),
		)
	}

	/** Notes that a release answers: the next visit starts with it. */
	async remember(preview: Preview, { version, channel }: Target): Promise<void> {
		await this.#attempt(undefined, async (database) => {
			await writeSetting(database, lastKey(preview), { version, channel })
			await markUsed(database, version)
		})
	}

	/** The subreddits that releases.json withheld when it was last read, in lower case. */
	async readWithheld(): Promise<readonly string[]> {
		return this.#attempt([], async (database) => {
			const stored = v.safeParse(StoredWithheld, await readSetting(database, WITHHELD_KEY))
			return stored.success ? stored.output : []
		})
	}

	async writeWithheld(names: readonly string[]): Promise<void> {
		await this.#attempt(undefined, (database) => writeSetting(database, WITHHELD_KEY, [...names]))
	}

	/** The last failed download of a release. */
	async readPause(version: ReleaseVersion): Promise<DownloadPause | null> {
		const pauses = await this.#attempt({}, readPauses)
		return pauses[version] ?? null
	}

	/** Stores the pause of a release; null removes it, after a complete download. */
	async writePause(version: ReleaseVersion, pause: DownloadPause | null): Promise<void> {
		await this.#attempt(undefined, async (database) => {
			const { [version]: before, ...others } = await readPauses(database)
			if (!before && !pause) return
			const pauses = dropOldPauses(others, Date.now())
			await writeSetting(database, PAUSES_KEY, pause ? { ...pauses, [version]: pause } : pauses)
		})
	}

	async forget(version: ReleaseVersion): Promise<void> {
		await this.#attempt(undefined, (database) => deleteStoredRelease(database, version))
	}

	async #readTicket(): Promise<number> {
		return this.#attempt(Math.random(), async (database) => {
			const stored = v.safeParse(UnitInterval, await readSetting(database, 'ticket'))
			if (stored.success) return stored.output
			const drawn = Math.random()
			await writeSetting(database, 'ticket', drawn)
			return drawn
		})
	}

	async #attempt<T>(otherwise: T, work: (database: ModelsDatabase) => Promise<T>): Promise<T> {
		if (!this.#database) return otherwise
		try {
			return await work(this.#database)
		} catch (error) {
			// The first failure is kept: later ones are its consequences.
			this.#trouble ??= serializeError(error)
			return otherwise
		}
	}
}

async function readPauses(database: ModelsDatabase): Promise<StoredPauses> {
	return v.parse(StoredPauses, await readSetting(database, PAUSES_KEY))
}

function lastKey(preview: Preview): string {
	return `last:${preview ?? 'visitor'}`
}
