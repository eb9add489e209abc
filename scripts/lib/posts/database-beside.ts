// A second connection to a database's file, whose statements run on a thread of the library while this one goes on.
import type { InArgs } from '@libsql/client/sqlite3'
import Connection from 'libsql/promise'

// SQLite's own waiting delays a signal; `Wait` does the rest.
const BUSY_SLICE_MS = 200

/** What a statement gave: rows as lists of columns, or how many rows it changed. */
export interface BesideResult {
	readonly rows: readonly { readonly [column: number]: unknown }[]
	readonly rowsAffected: number
}

export interface CountedStatement {
	readonly sql: string
	readonly args?: InArgs
	/** How many rows it must change; any number if not given. */
	readonly changes?: number
}

/** Of the library's statements, whose types it leaves open. */
interface Prepared {
	/** Whether it gives rows. */
	readonly reader: boolean
	raw(isRaw: boolean): void
	/** Its first step runs beside: all of an insertion, and of what gives one row. */
	iterate(args: InArgs): Promise<Iterable<readonly unknown[]>>
}

export class BesideConnection {
	readonly #uri: string
	readonly #setup: string
	#database: Connection | null = null
	#last: Promise<unknown> = Promise.resolve()
	readonly #prepared = new Map<string, Prepared>()

	/** @param setup is carried out first, whenever it connects */
	constructor(uri: string, setup: string) {
		this.#uri = uri
		this.#setup = setup
	}

	/** One after the other, in the order in which they were asked for. @throws SQLite's errors */
	execute(sql: string, args: InArgs): Promise<BesideResult> {
		const result = this.#last.then(() => this.#run(sql, args))
		this.#last = result.catch(() => {})
		return result
	}

	/** All of them in one transaction; errors as of `execute`. @returns false, and nothing is changed, where one changes other than it says */
	transact(statements: readonly CountedStatement[]): Promise<boolean> {
		const result = this.#last.then(() => this.#transact(statements))
		this.#last = result.catch(() => {})
		return result
	}

	/** A refused statement stays open until it is collected: the next one begins on a new connection. */
	close(): void {
		this.#prepared.clear()
		this.#database?.close()
		this.#database = null
	}

	async #transact(statements: readonly CountedStatement[]): Promise<boolean> {
		await this.#run('BEGIN IMMEDIATE', [])
		try {
			for (const { sql, args = [], changes } of statements) {
				const { rowsAffected } = await this.#run(sql, args)
				if (changes === undefined || changes === rowsAffected) continue
				await this.#run('ROLLBACK', [])
				return false
			}
			await this.#run('COMMIT', [])
			return true
		} catch (error) {
			// A refused statement is still open, and closing alone would not end the transaction.
			await this.#run('ROLLBACK', []).catch(() => {})
			this.close()
			throw error
		}
	}

	async #run(sql: string, args: InArgs): Promise<BesideResult> {
		const statement = await this.#prepare(sql)
		const rows = [...(await statement.iterate(args))]
		if (statement.reader) return { rows, rowsAffected: 0 }
		const [changes] = await (await this.#prepare('SELECT changes()')).iterate([])
		return { rows, rowsAffected: Number(changes?.[0]) }
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
