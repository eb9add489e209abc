// The IndexedDB database `whichsub-picks`: what a person picked, one record a pick. The page is its only owner.
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { AppError, errorMessage } from '../shared/app-error.ts'
import type { Feedback } from '../shared/feedback.ts'

const DATABASE = 'whichsub-picks'

interface PicksSchema extends DBSchema {
	picks: { key: string; value: Feedback; indexes: { time: string } }
}

/** Every method throws AppError `storage-full` or `storage` where the browser's storage fails. */
export class PicksDatabase {
	readonly #database: IDBPDatabase<PicksSchema>

	private constructor(database: IDBPDatabase<PicksSchema>) {
		this.#database = database
	}

	static async open(): Promise<PicksDatabase> {
		return attempt(async () => {
			if (!globalThis.indexedDB) throw new Error('there is none')
			const database = await openDB<PicksSchema>(DATABASE, 1, {
				upgrade(upgraded) {
					upgraded.createObjectStore('picks', { keyPath: 'id' }).createIndex('time', 'time')
				},
				// A newer page wants to upgrade: let go, or it waits for ever.
				blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
			})
			return new PicksDatabase(database)
		})
	}

	/** Adds a pick, or replaces the one with its id. It is on the disk when this resolves. */
	put(pick: Feedback): Promise<void> {
		return attempt(async () => {
			const transaction = this.#database.transaction('picks', 'readwrite', { durability: 'strict' })
			transaction.store.put(pick).catch(() => {})
			// Of a full disk only the transaction tells the reason; its requests say that they were aborted.
			await transaction.done
		})
	}

	delete(id: string): Promise<void> {
		return attempt(() => this.#database.delete('picks', id))
	}

	count(): Promise<number> {
		return attempt(() => this.#database.count('picks'))
	}

	/** As they are stored, oldest first: to be validated before they leave. */
	readAll(): Promise<unknown[]> {
		return attempt(() => this.#database.getAllFromIndex('picks', 'time'))
	}

	clear(): Promise<void> {
		return attempt(() => this.#database.clear('picks'))
	}
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work()
	} catch (error) {
		if (error instanceof DOMException && error.name === 'QuotaExceededError')
			throw new AppError('storage-full', 'the disk is full', error)
		throw new AppError('storage', `the browser's storage failed: ${errorMessage(error)}`, error)
	}
}
