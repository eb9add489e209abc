// The numbers that stand for names of subreddits in SQLite. None is ever taken away, so each is asked for once.
import type { Database } from './database.ts'
import { NameTable, type PackedPosts, packedSubreddit, storePacked } from './packed-posts.ts'

const ADD = 'INSERT OR IGNORE INTO post_subreddits (name) SELECT value FROM json_each(?1)'
const READ = `SELECT json_group_array(json_array(name, id)) FROM post_subreddits
	WHERE name IN (SELECT value FROM json_each(?1))`

export class SubredditNumbers {
	readonly #database: Database
	readonly #known = new NameTable()

	constructor(database: Database) {
		this.#database = database
	}

	/** Makes packed posts what SQLite stores; gives numbers to subreddits that have none. */
	async putInto({ bytes }: PackedPosts): Promise<void> {
		const left = storePacked(bytes, this.#known)
		if (left.length === 0) return
		const names = new Set(left.map((start) => packedSubreddit(bytes, start)))
		const args = [JSON.stringify([...names])]
		await this.#database.executeBeside(ADD, args)
		const { rows } = await this.#database.executeBeside(READ, args)
		for (const [name, number] of JSON.parse(String(rows[0]?.[0])) as [string, number][])
			this.#known.add(name, number)
		storePacked(bytes, this.#known, left)
	}
}
