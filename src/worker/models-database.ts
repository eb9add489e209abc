// The IndexedDB database `whichsub-models`: releases that were used, and a few settings. The worker is its only owner.
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { AppError, errorMessage } from '../shared/app-error.ts'
import type { Manifest } from '../shared/manifest.ts'
import type { ReleaseVersion } from '../shared/schema-parts.ts'
import { nameForSite } from '../shared/site-name.ts'

const DATABASE = 'whichsub-models'
/** A rollback must find the release before: two are kept. */
const KEPT_RELEASES = 2
const OPEN_LIMIT_MS = 5_000

interface ModelsSchema extends DBSchema {
	releases: {
		key: ReleaseVersion
		/** `usedAt` in milliseconds: when this release last began to answer. */
		value: { version: ReleaseVersion; manifest: Manifest; usedAt: number }
	}
	/** Apart from the releases, so that listing these does not read megabytes. Decoded bytes. */
	models: { key: string; value: { version: string; bytes: StoredBytes } }
	settings: { key: string; value: unknown }
}

/**
 * A Blob is read from its file, and written, several times as fast as the same bytes among the records; an ArrayBuffer is what earlier
 * pages stored, and what is left to browsers that store no Blob.
 */
type StoredBytes = Blob | ArrayBuffer

export type ModelsDatabase = IDBPDatabase<ModelsSchema>

export interface StoredRelease {
	readonly manifest: Manifest
	readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * @param modelsUrl the folder of releases of this copy of the page
 * @throws AppError `storage` where the browser has or gives no IndexedDB
 */
export async function openModelsDatabase(modelsUrl: string): Promise<ModelsDatabase> {
	if (!globalThis.indexedDB) throw new AppError('storage', 'this browser gives the page no storage')
	const opening = openDB<ModelsSchema>(nameForSite(DATABASE, new URL('..', modelsUrl).href), 1, {
		upgrade(database) {
			database.createObjectStore('releases', { keyPath: 'version' })
			database.createObjectStore('models', { keyPath: 'version' })
			database.createObjectStore('settings')
		},
		// A newer page wants to upgrade the database and waits until this connection closes.
		blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
	})
	try {
		return await Promise.race([opening, failAfter(OPEN_LIMIT_MS)])
	} catch (error) {
		throw storageTrouble(error)
	}
}

// Some versions of Safari never answer (WebKit bug 226547): the model must not wait for them.
function failAfter(milliseconds: number): Promise<never> {
	return new Promise((_, fail) =>
		setTimeout(() => fail(new Error('the browser did not open it')), milliseconds),
	)
}

export async function readSetting(database: ModelsDatabase, key: string): Promise<unknown> {
	return database.get('settings', key)
}

export async function writeSetting(
	database: ModelsDatabase,
	key: string,
	value: unknown,
): Promise<void> {
	const transaction = database.transaction('settings', 'readwrite')
	transaction.store.put(value, key).catch(() => {})
	await transaction.done.catch((error: unknown) => {
		throw storageTrouble(error)
	})
}

/** The model is on its way when this returns: the manifest can be read meanwhile. */
export async function readStoredRelease(
	database: ModelsDatabase,
	version: ReleaseVersion,
): Promise<{
	readonly manifest: Manifest
	readonly bytes: Promise<StoredRelease['bytes'] | null>
} | null> {
	const transaction = database.transaction(['releases', 'models'])
	const [release, model] = await Promise.all([
		transaction.objectStore('releases').get(version),
		transaction.objectStore('models').get(version),
	])
	if (!release) return null
	const bytes = model ? readBytes(model.bytes) : Promise.resolve(null)
	// Who awaits it is told of it.
	bytes.catch(() => {})
	return { manifest: release.manifest, bytes }
}

async function readBytes(stored: StoredBytes): Promise<Uint8Array<ArrayBuffer>> {
	return new Uint8Array(stored instanceof Blob ? await stored.arrayBuffer() : stored)
}

/**
 * Stores a release; where the disk is full, the others make room first.
 *
 * @throws AppError `storage-full`, `storage`
 */
export async function writeStoredRelease(
	database: ModelsDatabase,
	release: StoredRelease,
): Promise<void> {
	try {
		await putRelease(database, release)
	} catch (error) {
		if (!isQuotaError(error)) throw storageTrouble(error)
		try {
			await evictReleases(database, 0)
			await putRelease(database, release)
		} catch (again) {
			throw storageTrouble(again)
		}
	}
}

async function putRelease(
	database: ModelsDatabase,
	{ manifest, bytes }: StoredRelease,
): Promise<void> {
	const { version } = manifest
	await storeBytes(bytes, async (stored) => {
		const transaction = database.transaction(['releases', 'models'], 'readwrite')
		const puts = [
			transaction.objectStore('releases').put({ version, manifest, usedAt: Date.now() }),
			transaction.objectStore('models').put({ version, bytes: stored }),
		]
		await settle(puts, transaction.done)
	})
}

/** When the disk is full, only the transaction has the reason; its requests just say that they were aborted. */
async function settle(requests: readonly Promise<unknown>[], done: Promise<void>): Promise<void> {
	await Promise.allSettled(requests)
	await done
	await Promise.all(requests)
}

/** @param put carries out a transaction, twice where the browser stores no Blob, as Safari in a private window */
async function storeBytes(
	bytes: Uint8Array<ArrayBuffer>,
	put: (stored: StoredBytes) => Promise<void>,
): Promise<void> {
	try {
		await put(new Blob([bytes]))
	} catch (error) {
		if (isQuotaError(error)) throw error
		// A part of a larger buffer would be stored with all of that.
		await put(bytes.slice().buffer)
	}
}

/** What is stored beside a model goes with its release. */
const BESIDE = ['unseen', 'facts', 'tail'] as const
export type Beside = (typeof BESIDE)[number]

function besideKey(version: ReleaseVersion, what: Beside): string {
	return `${version}/${what}`
}

export async function readStoredBeside(
	database: ModelsDatabase,
	version: ReleaseVersion,
	what: Beside,
): Promise<Uint8Array<ArrayBuffer> | null> {
	const stored = await database.get('models', besideKey(version, what))
	return stored ? readBytes(stored.bytes) : null
}

/** @throws AppError `storage-full`, `storage` */
export async function writeStoredBeside(
	database: ModelsDatabase,
	version: ReleaseVersion,
	{ what, bytes }: { readonly what: Beside; readonly bytes: Uint8Array<ArrayBuffer> },
): Promise<void> {
	const store = storeBytes(bytes, async (stored) => {
		const transaction = database.transaction(['releases', 'models'], 'readwrite')
		const put = async () => {
			// Another tab may have dropped the release meanwhile: what is beside it would stay for ever.
			if (!(await transaction.objectStore('releases').get(version))) return
			await transaction
				.objectStore('models')
				.put({ version: besideKey(version, what), bytes: stored })
		}
		await settle([put()], transaction.done)
	})
	await store.catch((error: unknown) => {
		throw storageTrouble(error)
	})
}

export async function deleteStoredRelease(
	database: ModelsDatabase,
	version: ReleaseVersion,
): Promise<void> {
	const transaction = database.transaction(['releases', 'models'], 'readwrite')
	await Promise.all([
		transaction.objectStore('releases').delete(version),
		transaction.objectStore('models').delete(version),
		...BESIDE.map((what) => transaction.objectStore('models').delete(besideKey(version, what))),
		transaction.done,
	])
}

/** Notes that a stored release answers now, and drops all but the ones used last. */
export async function markUsed(database: ModelsDatabase, version: ReleaseVersion): Promise<void> {
	// One transaction: another tab could drop the release between the two steps, and it would come back without its model.
	const transaction = database.transaction('releases', 'readwrite')
	const mark = async () => {
		const release = await transaction.store.get(version)
		if (release) await transaction.store.put({ ...release, usedAt: Date.now() })
	}
	await Promise.all([mark(), transaction.done])
	await evictReleases(database, KEPT_RELEASES)
}

async function evictReleases(database: ModelsDatabase, kept: number): Promise<void> {
	const releases = await database.getAll('releases')
	const oldest = releases.sort((a, b) => b.usedAt - a.usedAt).slice(kept)
	for (const { version } of oldest) await deleteStoredRelease(database, version)
}

function isQuotaError(error: unknown): boolean {
	return error instanceof DOMException && error.name === 'QuotaExceededError'
}

function storageTrouble(error: unknown): AppError {
	if (isQuotaError(error)) return new AppError('storage-full', 'the disk is full', error)
	return new AppError('storage', `the browser's storage failed: ${errorMessage(error)}`, error)
}
