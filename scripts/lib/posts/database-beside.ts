// A second connection to a database's file, whose statements run on a thread of the library while this one goes on.
import type { InArgs } from '@libsql/client'
import Connection from 'libsql/promise'

// SQLite's own waiting delays a signal; `Wait` does the rest.
const BUSY_SLICE_MS = 200

/** What a statement gave: rows as lists of columns, or how many rows it changed. */
export interface BesideResult {
	readonly rows: readonly { readonly [column: number]: unknown }[]
	readonly rowsAffected: number
}

/** Of the library's statements, whose types it leaves open. */
interface Prepared {
	/** Whether it gives rows. */
	readonly reader: boolean
	raw(isRaw: boolean): void
	/** The first step, in which an insertion does all of its work, is what runs beside. */
	iterate(args: InArgs): Promise<Iterable<readonly unknown[]>>
}

export class BesideConnection {
	readonly #uri: string
	readonly #setup: string
	#database: Connection | null = null
	readonly #prepared = new Map<string, Prepared>()

	/** @param setup is carried out first, whenever it connects */
	constructor(uri: string, setup: string) {
		this.#uri = uri
		this.#setup = setup
	}

	/** One statement at a time. @throws SQLite's errors */
	async execute(sql: string, args: InArgs): Promise<BesideResult> {
		const rows = [...(await (await this.#prepare(sql)).iterate(args))]
		const [changes] = await (await this.#prepare('SELECT changes()')).iterate([])
		return { rows, rowsAffected: Number(changes?.[0]) }
	}

	/** A refused statement stays open until it is collected: the next one begins on a new connection. */
	close(): void {
		this.#prepared.clear()
		this.#database?.close()
		this.#database = null
	}

	async #prepare(sql: string): Promise<Prepared> {
		if (this.#database === null) {
			this.#database = new Connection(this.#uri, { timeout: BUSY_SLICE_MS })
			await this.#database.exec(this.#setup)
		}
		const known = this.#prepared.get(sql)
		if (known) return known
		const prepared = (await this.#database.prepare(sql)) as Prepared
		if (prepared.reader) prepared.raw(true)
		this.#prepared.set(sql, prepared)
		return prepared
	}
}
