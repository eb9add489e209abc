// Posts in ClickHouse, for more than one machine holds or reads in SQLite. Nothing in it is a transaction: each change is a row
// more (tables.ts), and whatever was written only in part is written again by the same command.
import { randomInt } from 'node:crypto'
import { AppError } from '../../../../src/shared/app-error.ts'
import type { Database } from '../database.ts'
import { monthOf } from '../month-of.ts'
import { unpackPosts } from '../packed-posts.ts'
import type {
	MonthCount,
	PostStore,
	PruneRules,
	Source,
	StampedMonth,
	StoredPost,
	SubredditCount,
	Window,
} from '../post-store.ts'
import {
	type MonthLines,
	type PackedPage,
	type PageRow,
	packPage,
	partByMonth,
} from '../read-pages.ts'
import { type StoredRow, toStoredPost } from '../stored-row.ts'
import type { ClickHouse } from './client.ts'
import { MAKE_TABLES, POST_COLUMNS, POSTS, PRESENT, removeWhere, SOURCES } from './tables.ts'
import { ClickHouseWriter } from './writer.ts'

/** Each insert makes a part of each month; few large ones are cheaper than many small ones. */
const BATCH_POSTS = 50_000
const PAGE_POSTS = 20_000
const END = 2 ** 32

export interface ClickHouseStoreOptions {
	/** Of lists, picks and collectors. */
	readonly database: Database
	/** Makes the tables where they are missing. */
	readonly make: boolean
}

/** @throws AppError `not-found` where there is no table of posts, and none is to be made */
export async function storeInClickHouse(
	clickhouse: ClickHouse,
	{ database, make }: ClickHouseStoreOptions,
): Promise<PostStore> {
	if (make) for (const sql of MAKE_TABLES) await clickhouse.command(sql)
	const tables = await clickhouse.query(
		`SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = '${POSTS}'`,
	)
	if (tables.length === 0)
		throw new AppError(
			'not-found',
			`no posts yet: ${clickhouse.location}; run whichsub ingest FILE or whichsub posts copy first`,
		)
	return new ClickHousePosts(clickhouse, database)
}

class ClickHousePosts implements PostStore {
	readonly location: string
	readonly database: Database
	readonly batchPosts = BATCH_POSTS
	readonly #clickhouse: ClickHouse
	readonly #writer: ClickHouseWriter

	constructor(clickhouse: ClickHouse, database: Database) {
		this.location = clickhouse.location
		this.database = database
		this.#clickhouse = clickhouse
		this.#writer = new ClickHouseWriter(clickhouse)
	}

	async isEmpty(): Promise<boolean> {
		const rows = await this.#clickhouse.query(`SELECT 1 FROM ${PRESENT} LIMIT 1`)
		return rows.length === 0
	}

	count(window: Window): Promise<number> {
		return this.#count(inWindow(window))
	}

	async *readPages(window: Window): AsyncGenerator<PageRow[]> {
		const sql = `SELECT id, created_utc, subreddit, title FROM ${PRESENT} AND ${inWindow(window)} ORDER BY id`
		yield* inPages(this.#clickhouse.stream<PageRow>(sql))
	}

	async *readPackedPages(window: Window): AsyncGenerator<PackedPage> {
		for await (const rows of this.readPages(window)) yield packPage(rows)
	}

	async *readMonthLines(window: Window): AsyncGenerator<MonthLines> {
		for await (const rows of this.readPages(window)) yield* partByMonth(rows)
	}

	async *readStored(): AsyncGenerator<StoredPost[]> {
		const columns = POST_COLUMNS.filter((name) => name !== 'gone' && name !== 'version')
		const sql = `SELECT ${columns.join(', ')} FROM ${PRESENT} ORDER BY id`
		for await (const page of inPages(this.#clickhouse.stream<StoredRow>(sql)))
			yield page.map(toStoredPost)
	}

	readSubreddits(): Promise<string[]> {
		return this.#readNames(`SELECT DISTINCT subreddit FROM ${PRESENT} ORDER BY subreddit`)
	}

	readActiveSubreddits(seconds: number): Promise<string[]> {
		// Signed, as the newest post may be younger than so many seconds are long.
		return this.#readNames(`SELECT DISTINCT lower(subreddit) FROM ${PRESENT} AND
			toInt64(created_utc) > (SELECT toInt64(max(created_utc)) FROM ${PRESENT}) - ${seconds}`)
	}

	async readCounts() {
		const months = await this.#clickhouse.query<[string, number, number]>(
			`SELECT ${MONTH} AS month, count(), uniqExact(subreddit) FROM ${PRESENT} GROUP BY month ORDER BY month`,
		)
		const bySubreddit = await this.#clickhouse.query<[string, number, string, string]>(
			`SELECT subreddit, count() AS posts, toDate(min(${TIME})), toDate(max(${TIME}))
			FROM ${PRESENT} GROUP BY subreddit ORDER BY posts DESC, subreddit`,
		)
		return {
			months: months.map(
				([month, posts, subreddits]): MonthCount => ({ month, posts, subreddits }),
			),
			bySubreddit: bySubreddit.map(
				([subreddit, posts, from, until]): SubredditCount => ({ subreddit, posts, from, until }),
			),
		}
	}

	/** A stamp is made of the posts themselves: their number, and a sum and an exclusive or of their hashes. */
	async readMonths({ from, until }: Window): Promise<StampedMonth[]> {
		const months = await this.#clickhouse.query<[string, number, string]>(
			`SELECT ${MONTH} AS month, count(), concat(hex(count()), '-', hex(sum(hash)), '-', hex(groupBitXor(hash)))
			FROM (SELECT created_utc, sipHash64(id, created_utc, subreddit, title) AS hash FROM ${PRESENT})
			WHERE month >= {first:String} AND month <= {last:String} GROUP BY month ORDER BY month`,
			{
				first: from === null ? '' : monthOf(from),
				last: until === null ? '9999' : monthOf(until - 1),
			},
		)
		return months.map(([month, posts, stamp]) => ({ month, posts, stamp }))
	}

	/** No two writers share a counter here, so a source's number is a time, in milliseconds, that nobody else has. */
	async openSource(name: string, now: Date): Promise<number> {
		let id = now.getTime() + randomInt(1_000)
		while (await this.#hasSource(id)) id += 1 + randomInt(1_000)
		const columns = ['id', 'name', 'started_utc', 'version']
		await this.#clickhouse.insert(SOURCES, columns, [[id, name, inSeconds(now), 1]])
		return id
	}

	async #hasSource(id: number): Promise<boolean> {
		const rows = await this.#clickhouse.query(`SELECT 1 FROM ${SOURCES} WHERE id = ${id} LIMIT 1`)
		return rows.length > 0
	}

	async closeSource(
		id: number,
		{ problem, now }: { problem: string | null; now: Date },
	): Promise<void> {
		await this.#clickhouse.command(
			`INSERT INTO ${SOURCES} SELECT id, name, started_utc, ${inSeconds(now)},
			{problem:Nullable(String)}, 0, version + 1 FROM ${SOURCES} FINAL WHERE gone = 0 AND id = ${id}`,
			{ problem },
		)
	}

	async readSources(): Promise<Source[]> {
		const rows = await this.#clickhouse.query<
			[number, string, number, number | null, string | null, number]
		>(`SELECT id, name, started_utc, finished_utc, problem, counts.posts FROM ${SOURCES} FINAL
			LEFT JOIN (SELECT source_id, count() AS posts FROM ${PRESENT} GROUP BY source_id) AS counts
			ON counts.source_id = id WHERE gone = 0 ORDER BY id DESC`)
		return rows.map(([id, name, started, finished, problem, posts]) => ({
			...{ id, name, started, finished, problem, posts },
		}))
	}

	async forgetSources(ids: readonly number[]): Promise<number> {
		const list = ids.join(', ')
		const gone = await this.#remove(`source_id IN (${list})`)
		await this.#clickhouse.command(`INSERT INTO ${SOURCES}
			SELECT id, name, started_utc, finished_utc, problem, 1, version + 1
			FROM ${SOURCES} FINAL WHERE gone = 0 AND id IN (${list})`)
		return gone
	}

	write: PostStore['write'] = (posts, source) =>
		this.#writer.write(posts.map((post) => ({ ...post, source })))

	writePacked: PostStore['writePacked'] = (posts, source) => this.write(unpackPosts(posts), source)

	writeStored: PostStore['writeStored'] = (posts) => this.#writer.write(posts)

	writeWith: PostStore['writeWith'] = async (posts, source, statements) => {
		const { added } = await this.write(posts, source)
		await this.database.batch(statements)
		return added
	}

	withdraw: PostStore['withdraw'] = (withdrawals) => this.#writer.withdraw(withdrawals)

	remove: PostStore['remove'] = (ids, files) => this.#writer.remove(ids, files)

	async prune(rules: PruneRules, { dryRun }: { readonly dryRun: boolean }) {
		const all = await this.#count('true')
		const condition = `id NOT IN (${keptBy(rules)})`
		const pruned = dryRun ? await this.#count(condition) : await this.#remove(condition)
		return { pruned, kept: all - pruned }
	}

	close(): void {
		this.database.close()
		this.#clickhouse.close().catch(() => {})
	}

	async #readNames(sql: string): Promise<string[]> {
		return (await this.#clickhouse.query<[string]>(sql)).map(([name]) => name)
	}

	async #count(condition: string): Promise<number> {
		const [[count] = [0]] = await this.#clickhouse.query<[number]>(
			`SELECT count() FROM ${PRESENT} AND (${condition})`,
		)
		return count
	}

	async #remove(condition: string): Promise<number> {
		const count = await this.#count(condition)
		if (count > 0) await this.#clickhouse.command(removeWhere(condition))
		return count
	}
}

const TIME = `toDateTime(created_utc, 'UTC')`
const MONTH = `formatDateTime(${TIME}, '%Y-%m')`

function inWindow({ from, until }: Window): string {
	return `created_utc >= ${from ?? 0} AND created_utc < ${until ?? END}`
}

/** The rules apply in this order; each sees only what the one before has kept. */
function keptBy({ before = 0, keepNewest, minPosts = 0 }: PruneRules): string {
	const limit = keepNewest === undefined ? '' : `LIMIT ${keepNewest} BY subreddit`
	return `WITH newest AS (SELECT id, subreddit FROM ${PRESENT} AND created_utc >= ${before}
		ORDER BY created_utc DESC, id DESC ${limit})
		SELECT id FROM newest WHERE subreddit IN
		(SELECT subreddit FROM newest GROUP BY subreddit HAVING count() >= ${minPosts})`
}

/** The server's blocks have any size. */
async function* inPages<Row>(blocks: AsyncIterable<Row[]>): AsyncGenerator<Row[]> {
	let page: Row[] = []
	for await (const block of blocks) {
		for (const row of block) page.push(row)
		if (page.length < PAGE_POSTS) continue
		yield page
		page = []
	}
	if (page.length > 0) yield page
}

function inSeconds(date: Date): number {
	return Math.floor(date.getTime() / 1000)
}
