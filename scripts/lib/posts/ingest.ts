// `ingest`: files of posts into the database, batch by batch, so that a stop at any moment keeps what was committed.
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { printable } from '../printable.ts'
import { formatBytes, formatCount, Progress } from '../progress.ts'
import { type Database, openPostsDatabase } from './database.ts'
import {
	type DatedPost,
	type LeftOut,
	parseRow,
	parseWithdrawal,
	type Row,
	type Withdrawal,
} from './parse-row.ts'
import { openPostFile, type PostFile } from './post-file.ts'
import { readRows } from './rows.ts'
import { closeSource, openSource } from './sources.ts'
import { withdrawPosts, writePosts } from './write-posts.ts'

const BATCH_POSTS = 5_000
const PROBLEMS_SHOWN = 5
const FILE_PROBLEMS = new Set(['damaged', 'bad-data', 'unsupported', 'out-of-memory'])

export interface IngestOptions {
	/** Paths; `-` is stdin. */
	readonly files: readonly string[]
	/** Whether posts marked over 18 are taken too. */
	readonly over18: boolean
}

/** What became of the rows: `read` is the sum of all others but `withdrawn`, posts that left-out rows took out. */
export type IngestCounts = Record<
	'read' | 'added' | 'corrected' | 'known' | LeftOut | 'broken' | 'withdrawn',
	number
>

/**
 * Reads every file to its end. Broken rows are counted and reported, and stop nothing; a file that is cut off or
 * damaged is reported, keeps what was read before, and the next file follows.
 *
 * @returns the counts, and what was wrong with each damaged file
 * @throws AppError `not-found` or `bad-input` before anything is read; `aborted` on Ctrl-C
 */
export async function ingest(
	{ files, over18 }: IngestOptions,
	effects: Effects,
): Promise<{ counts: IngestCounts; damaged: string[] }> {
	const opened: PostFile[] = []
	for (const path of files) opened.push(await openPostFile(path, effects))
	const database = await openPostsDatabase(effects)
	const total = opened.some(({ bytes }) => bytes === 0)
		? 0
		: opened.reduce((sum, { bytes }) => sum + bytes, 0)
	const progress = new Progress(
		{ label: 'ingest', total, unit: 'read', format: formatBytes },
		effects,
	)
	const run = new Ingest(database, progress, effects, over18)
	const damaged: string[] = []
	try {
		for (const file of opened) {
			const problem = await run.readFile(file)
			if (problem) damaged.push(problem)
		}
	} finally {
		progress.finish()
		database.close()
	}
	return { counts: run.counts, damaged }
}

class Ingest {
	readonly counts: IngestCounts = {
		read: 0,
		added: 0,
		corrected: 0,
		known: 0,
		over18: 0,
		deleted: 0,
		broken: 0,
		withdrawn: 0,
	}
	readonly #database: Database
	readonly #progress: Progress
	readonly #effects: Effects
	readonly #over18: boolean
	readonly #start: number
	#packedBytes = 0
	#isWriting = false

	constructor(database: Database, progress: Progress, effects: Effects, over18: boolean) {
		this.#database = database
		this.#progress = progress
		this.#effects = effects
		this.#over18 = over18
		this.#start = effects.now().getTime()
	}

	/** @returns what is wrong with a damaged file */
	async readFile(file: PostFile): Promise<string | null> {
		const before = { ...this.counts }
		const source = await openSource(this.#database, file.name, this.#effects.now())
		const damage = await this.#readToDamage(file, source)
		const hidden = this.counts.broken - before.broken - PROBLEMS_SHOWN
		if (hidden > 0) this.#report(`${file.name}: … and ${formatCount(hidden)} more broken rows`)
		const problem = damage ?? this.#suspect(file, this.counts.broken - before.broken)
		if (problem) this.#reportDoubt(file, source, before)
		await closeSource(this.#database, source, { problem, now: this.#effects.now() })
		return damage
	}

	async #readToDamage(file: PostFile, source: number): Promise<string | null> {
		try {
			await this.#readRows(file, source)
			return null
		} catch (error) {
			// A damaged database is no damaged file.
			if (this.#isWriting || !(error instanceof AppError) || !FILE_PROBLEMS.has(error.code))
				throw error
			this.#report(error.message)
			return error.message
		}
	}

	/** Why the posts of a file that was read to its end are in doubt. */
	#suspect({ name, facts }: PostFile, broken: number): string | null {
		if (!facts.lacksChecksum) return null
		this.#report(`${name}: has no checksum, so damage to it may go unnoticed`)
		return broken > 0 ? `it has no checksum, and ${formatCount(broken)} broken rows` : null
	}

	#reportDoubt({ name }: PostFile, source: number, before: IngestCounts): void {
		const since = (key: keyof IngestCounts) => this.counts[key] - before[key]
		const [added, corrected, withdrawn] = [since('added'), since('corrected'), since('withdrawn')]
		if (added + corrected + withdrawn === 0) return
		const lost = withdrawn > 0 ? ` (and the ${formatCount(withdrawn)} that were taken out)` : ''
		this.#report(
			`${name}: the ${formatCount(added + corrected)} posts of its first ${formatCount(since('read'))} rows${lost} are in doubt; whichsub posts forget --source ${source} takes them out, and a sound copy puts all right`,
		)
	}

	async #readRows(file: PostFile, source: number): Promise<void> {
		const brokenBefore = this.counts.broken
		const chunks = file.read((bytes) => {
			this.#packedBytes += bytes
		})
		const batch = new Batch()
		try {
			for await (const rows of readRows(chunks, file.layout, file.name)) {
				throwIfAborted(this.#effects)
				for (const row of rows) {
					this.#parse(row, batch, file.name, brokenBefore)
					if (batch.size >= BATCH_POSTS) await this.#write(batch, source)
				}
			}
		} finally {
			// What stands before the place where a file is damaged is kept too.
			if (!this.#isWriting && !this.#effects.signal.aborted) await this.#write(batch, source)
		}
	}

	#parse(row: Row, batch: Batch, name: string, brokenBefore: number): void {
		this.counts.read += 1
		try {
			if ('problem' in row) throw new AppError('bad-data', row.problem)
			const parsed = parseRow(row.value, { over18: this.#over18 })
			if (typeof parsed === 'string') {
				this.counts[parsed] += 1
				batch.withdraw(parseWithdrawal(row.value, parsed))
			} else batch.add(parsed)
		} catch (error) {
			if (!(error instanceof AppError)) throw error
			this.counts.broken += 1
			if (this.counts.broken - brokenBefore <= PROBLEMS_SHOWN)
				this.#report(`${name}:${row.line}: ${errorMessage(error)}`)
		}
	}

	async #write(batch: Batch, source: number): Promise<void> {
		this.#isWriting = true
		const now = this.#effects.now()
		const { posts, withdrawals } = batch.take()
		if (posts.length > 0) {
			const written = await writePosts(this.#database, posts, source)
			this.counts.added += written.added
			this.counts.corrected += written.corrected
			this.counts.known += written.known
		}
		if (withdrawals.length > 0)
			this.counts.withdrawn += await withdrawPosts(this.#database, withdrawals)
		this.#isWriting = false
		const seconds = (now.getTime() - this.#start) / 1000
		const rate = seconds > 0 ? `${formatCount(this.counts.read / seconds)} posts/s` : ''
		this.#progress.update(this.#packedBytes, rate)
	}

	#report(text: string): void {
		this.#progress.finish()
		this.#effects.err(printable(text))
	}
}

/** Rows that go into the database together. What comes later about a post counts. */
class Batch {
	#posts: DatedPost[] = []
	#withdrawals = new Map<string, Withdrawal>()

	get size(): number {
		return this.#posts.length + this.#withdrawals.size
	}

	add(post: DatedPost): void {
		this.#posts.push(post)
		this.#withdrawals.delete(post.id)
	}

	withdraw(withdrawal: Withdrawal | null): void {
		if (withdrawal) this.#withdrawals.set(withdrawal.id, withdrawal)
	}

	/** Empties it. */
	take(): { posts: readonly DatedPost[]; withdrawals: readonly Withdrawal[] } {
		const taken = { posts: this.#posts, withdrawals: [...this.#withdrawals.values()] }
		this.#posts = []
		this.#withdrawals = new Map()
		return taken
	}
}
