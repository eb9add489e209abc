// The IndexedDB database `whichsub-picks`: what a person picked, one record a title. The page is its only owner.
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { AppError, errorMessage } from '../shared/app-error.ts'
import type { Feedback } from '../shared/feedback.ts'
import { nameForSite } from '../shared/site-name.ts'

/** Its name at the top of a host; a copy of the page in a folder has its own. */
const DATABASE = 'whichsub-picks'
const VERSION = 2
/** Some browsers never answer (WebKit bug 226547): a pick must not wait for them. */
const OPEN_LIMIT_MS = 5_000

interface PicksSchema extends DBSchema {
	picks: { key: string; value: Feedback; indexes: { time: string; title: string } }
}

/** A record, and the one that it replaced. */
export interface StoredPick {
	readonly stored: Feedback
	readonly replaced: Feedback | undefined
}

type Connection = IDBPDatabase<PicksSchema>

/**
 * Connects when it is first used, and again after the browser took the connection away: site data was cleared, another tab
 * deleted the database or opened it with a newer version. Every method throws AppError `storage-full` or `storage` where
 * the storage fails.
 */
export class PicksDatabase {
	#opening: Promise<Connection> | null = null

	/**
	 * Adds a pick, or replaces the one of the same title: a title has one pick that holds. It is on the disk when this
	 * resolves.
	 *
	 * @returns the stored record, with the id of the one that it replaced, and that one
	 */
	put(pick: Feedback): Promise<StoredPick> {
		return this.#use(async (database) => {
			const transaction = database.transaction('picks', 'readwrite', { durability: 'strict' })
			const replaced = await transaction.store.index('title').get(pick.title)
			const stored = replaced ? replace(replaced, pick) : pick
			transaction.store.put(stored).catch(() => {})
			// When the disk is full, only the transaction has the reason; its requests just say that they were aborted.
			await transaction.done
			return { stored, replaced }
		})
	}

	/**
	 * Adds picks of elsewhere; of two for one title the later one stays.
	 *
	 * @returns how many are new
	 */
	merge(picks: readonly Feedback[]): Promise<number> {
		return this.#use(async (database) => {
			const transaction = database.transaction('picks', 'readwrite', { durability: 'strict' })
			const { store } = transaction
			let added = 0
			for (const pick of picks) {
				const before = (await store.index('title').get(pick.title)) ?? (await store.get(pick.id))
				if (before && before.time >= pick.time) continue
				if (before) store.delete(before.id).catch(() => {})
				store.put(pick).catch(() => {})
				added += 1
			}
			await transaction.done
			return added
		})
	}

	/** Takes a pick away, also where it is stored under the id of one that it has replaced. */
	delete({ id, title }: Feedback): Promise<void> {
		return this.#use(async (database) => {
			const transaction = database.transaction('picks', 'readwrite', { durability: 'strict' })
			const { store } = transaction
			const key = (await store.index('title').getKey(title)) ?? id
			store.delete(key).catch(() => {})
			await transaction.done
		})
	}

	/** The pick of a title, or null. */
	find(title: string): Promise<Feedback | null> {
		return this.#use(
			async (database) => (await database.getFromIndex('picks', 'title', title)) ?? null,
		)
	}

	count(): Promise<number> {
		return this.#use((database) => database.count('picks'))
	}

	/** As they are stored, oldest first; validate them before exporting. */
	readAll(): Promise<unknown[]> {
		return this.#use((database) => database.getAllFromIndex('picks', 'time'))
	}

	clear(): Promise<void> {
		return this.#use((database) => database.clear('picks'))
	}

	async #use<T>(work: (database: Connection) => Promise<T>): Promise<T> {
		try {
			try {
				return await work(await this.#connect())
			} catch (error) {
				if (!isConnectionLost(error)) throw error
				this.#opening = null
				return await work(await this.#connect())
			}
		} catch (error) {
			if (error instanceof DOMException && error.name === 'QuotaExceededError')
				throw new AppError('storage-full', 'the disk is full', error)
			throw new AppError('storage', `the browser's storage failed: ${errorMessage(error)}`, error)
		}
	}

	/** One connection at a time; one that failed or was lost is not kept. */
	#connect(): Promise<Connection> {
		if (this.#opening) return this.#opening
		const forget = () => {
			if (this.#opening === opening) this.#opening = null
		}
		const opening = openPicks(forget).catch((error: unknown) => {
			forget()
			throw error
		})
		this.#opening = opening
		return opening
	}
}

/** The newer of two exports of a pick wins, so its time must be later even if the clock was set back. */
function replace(before: Feedback, pick: Feedback): Feedback {
	const time = Math.max(Date.parse(pick.time), Date.parse(before.time) + 1)
	return { ...pick, id: before.id, time: new Date(time).toISOString() }
}

async function openPicks(onLost: () => void): Promise<Connection> {
	if (!globalThis.indexedDB) throw new Error('this browser gives the page none')
	try {
		return await withinLimit(openVersion(VERSION, onLost))
	} catch (error) {
		if (!(error instanceof DOMException && error.name === 'VersionError')) throw error
		// A newer page has upgraded the database. Its picks can be used if it still keeps them in the same place.
		return withinLimit(openVersion(undefined, onLost))
	}
}

async function openVersion(version: number | undefined, onLost: () => void): Promise<Connection> {
	const name = nameForSite(DATABASE, document.baseURI)
	let isNew = false
	const database = await openDB<PicksSchema>(name, version, {
		upgrade(upgraded, oldVersion, _newVersion, transaction) {
			const store =
				oldVersion === 0
					? upgraded.createObjectStore('picks', { keyPath: 'id' })
					: transaction.objectStore('picks')
			isNew = oldVersion === 0
			if (isNew) store.createIndex('time', 'time')
			store.createIndex('title', 'title')
		},
		// Another tab wants to delete or upgrade the database and waits until this connection closes.
		blocking: (_current, _blocked, event) => {
			;(event.target as IDBDatabase).close()
			onLost()
		},
		terminated: onLost,
	})
	if (hasPicks(database)) {
		if (isNew && name !== DATABASE) await copyShared(database)
		return database
	}
	database.close()
	throw new Error('a newer version of this page has changed it; reload the page')
}

/** Earlier pages had one database for all folders of a host. Whose its picks were nobody knows: each copy gets them. */
async function copyShared(to: Connection): Promise<void> {
	const databases = await indexedDB.databases()
	if (!databases.some(({ name }) => name === DATABASE)) return
	const shared = await openDB<PicksSchema>(DATABASE)
	try {
		if (!hasPicks(shared)) return
		const picks = await shared.getAll('picks')
		const { store, done } = to.transaction('picks', 'readwrite')
		for (const pick of picks) store.put(pick).catch(() => {})
		await done
	} finally {
		shared.close()
	}
}

function hasPicks(database: Connection): boolean {
	if (!database.objectStoreNames.contains('picks')) return false
	const { indexNames } = database.transaction('picks').store
	return indexNames.contains('time') && indexNames.contains('title')
}

/** Closes a connection that opens after the time limit, as nobody waits for it. */
async function withinLimit(opening: Promise<Connection>): Promise<Connection> {
	let timer: ReturnType<typeof setTimeout> | undefined
	const limit = new Promise<never>((_, fail) => {
		timer = setTimeout(() => {
			opening.then(
				(database) => database.close(),
				() => {},
			)
			fail(new Error('the browser did not open it'))
		}, OPEN_LIMIT_MS)
	})
	try {
		return await Promise.race([opening, limit])
	} finally {
		clearTimeout(timer)
	}
}

/** The connection was closed, by us or by the browser; a new one may work. */
function isConnectionLost(error: unknown): boolean {
	return (
		error instanceof DOMException &&
		['InvalidStateError', 'AbortError', 'NotFoundError', 'UnknownError'].includes(error.name)
	)
}
