// Writes posts to ClickHouse: looks at what is stored of them, applies the rule for a post that comes again, and adds rows.
import { storableText } from '../json-argument.ts'
import { monthOf } from '../month-of.ts'
import type { KeptPost, Withdrawal } from '../parse-row.ts'
import type { StoredPost } from '../post-store.ts'
import { type StoredRow, toStoredPost } from '../stored-row.ts'
import { correctPost, keepNewest, type WriteCounts } from '../write-posts.ts'
import type { ClickHouse } from './client.ts'
import { CHANGE, POST_COLUMNS, POSTS, SOURCES } from './tables.ts'

/** A query has at most 256 kB, unless the server is told otherwise. */
const IDS_A_QUERY = 10_000
const IS_ID = /^[a-z0-9]{1,13}$/

/** What is stored of an id: a post, or that it was removed. */
interface Known {
	readonly post: KeptPost
	readonly source: number
	readonly isGone: boolean
	/** So often was it changed. */
	readonly changes: number
}

/** Of a row: which post, and where it stands in the order of the post's changes. */
interface Change {
	readonly source: number
	readonly changes: number
}

export class ClickHouseWriter {
	readonly #clickhouse: ClickHouse

	constructor(clickhouse: ClickHouse) {
		this.#clickhouse = clickhouse
	}

	async write(posts: readonly StoredPost[]): Promise<WriteCounts> {
		const newest = keepNewest(posts).map((post) => ({ ...post, title: storableText(post.title) }))
		const known = await this.#find(newest.map(({ id }) => id))
		const rows: unknown[][] = []
		let [added, corrected] = [0, 0]
		for (const post of newest) {
			const stored = known.get(post.id)
			const isNew = !stored || stored.isGone
			const { source } = post
			const next = isNew ? post : correctPost(stored.post, post)
			if (!next) continue
			if (isNew) added += 1
			else corrected += 1
			let changes = (stored?.changes ?? 0) + 1
			// Who reads a month alone must find there that the post has left it.
			if (stored && !isNew && monthOf(stored.post.created_utc) !== monthOf(next.created_utc))
				rows.push(goneRow(stored, changes++))
			rows.push(postRow(next, { source, changes }))
		}
		await this.#insert(rows)
		return { added, corrected, known: posts.length - added - corrected }
	}

	async withdraw(withdrawals: readonly Withdrawal[]): Promise<number> {
		const known = await this.#find(withdrawals.map(({ id }) => id))
		const gone = withdrawals.filter((withdrawal) => {
			const stored = known.get(withdrawal.id)
			return stored && !stored.isGone && isWithdrawn(stored.post, withdrawal)
		})
		return this.#markGone(gone, known)
	}

	async remove(ids: readonly string[], files: readonly string[]): Promise<number> {
		const known = await this.#find(ids)
		const sources = await this.#clickhouse.query<[number]>(
			`SELECT id FROM ${SOURCES} FINAL WHERE gone = 0 AND name IN {names:Array(String)}`,
			{ names: files },
		)
		const theirs = new Set(sources.map(([id]) => id))
		const gone = ids.filter((id) => {
			const stored = known.get(id)
			return stored && !stored.isGone && theirs.has(stored.source)
		})
		return this.#markGone(
			gone.map((id) => ({ id })),
			known,
		)
	}

	async #markGone(
		posts: readonly { readonly id: string }[],
		known: ReadonlyMap<string, Known>,
	): Promise<number> {
		const ids = new Set(posts.map(({ id }) => id))
		const rows = [...ids].flatMap((id) => {
			const stored = known.get(id)
			return stored ? [goneRow(stored, stored.changes + 1)] : []
		})
		await this.#insert(rows)
		return rows.length
	}

	async #insert(rows: readonly unknown[][]): Promise<void> {
		if (rows.length > 0) await this.#clickhouse.insert(POSTS, POST_COLUMNS, rows)
	}

	async #find(ids: readonly string[]): Promise<ReadonlyMap<string, Known>> {
		const found = new Map<string, Known>()
		for (let first = 0; first < ids.length; first += IDS_A_QUERY)
			for (const row of await this.#findSome(ids.slice(first, first + IDS_A_QUERY))) {
				const { source, ...post } = toStoredPost(row.slice(0, 7) as unknown as StoredRow)
				found.set(post.id, { post, source, isGone: row[7] === 1, changes: row[8] })
			}
		return found
	}

	async #findSome(ids: readonly string[]) {
		// They stand in the text of the query.
		const list = ids.filter((id) => IS_ID.test(id)).map((id) => `'${id}'`)
		if (list.length === 0) return []
		return this.#clickhouse.query<[...StoredRow, gone: number, changes: number]>(
			`SELECT ${POST_COLUMNS.slice(0, -1).join(', ')}, intDiv(version, ${CHANGE})
			FROM ${POSTS} FINAL WHERE id IN (${list.join(',')})`,
		)
	}
}

/** As `WITHDRAW` of write-posts.ts has it in SQL. */
function isWithdrawn(post: KeptPost, { retrieved_utc, reason }: Withdrawal): boolean {
	const isOlder =
		retrieved_utc !== null && post.retrieved_utc !== null && retrieved_utc < post.retrieved_utc
	return !isOlder && (reason !== 'over18' || !post.over_18)
}

function postRow(post: KeptPost, { source, changes }: Change): unknown[] {
	const { id, created_utc, subreddit, title, over_18, retrieved_utc } = post
	const version = changes * CHANGE + (retrieved_utc ?? 0)
	return [id, created_utc, subreddit, title, over_18 ? 1 : 0, retrieved_utc, source, 0, version]
}

function goneRow({ post, source }: Known, changes: number): unknown[] {
	const { id, created_utc, subreddit } = post
	return [id, created_utc, subreddit, '', 0, null, source, 1, changes * CHANGE]
}
