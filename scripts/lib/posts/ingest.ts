// `ingest`: reads files of posts into the database in batches; whatever stops it, committed batches stay.
import { AppError } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { printable } from '../printable.ts'
import { formatBytes, formatCount, Progress } from '../progress.ts'
import {
	type BrokenRows,
	checkProblemsOptions,
	describeUnreadable,
	withBrokenRows,
} from './broken-rows.ts'
import { makePosts } from './open-posts.ts'
import {
	hasRisingIds,
	type PackedPosts,
	PostPacker,
	packedId,
	packedPlaces,
	packedRetrieval,
	readPacked,
} from './packed-posts.ts'
import {
	type DatedPost,
	type LeftOut,
	NONE_LEFT_OUT,
	type PostRow,
	parseRow,
	type Withdrawal,
} from './parse-row.ts'
import { openPostFile, type PostFile } from './post-file.ts'
import { createPostScanner } from './post-scanner.ts'
import type { PostStore } from './post-store.ts'
import { type FileRow, readRows } from './rows.ts'
import type { ScanLines } from './scan-row.ts'
import { type ChosenBy, type NotChosen, Selection, type SelectionOptions } from './selection.ts'

/** Each removal writes most pages of the database, however few posts it takes out. */
const REMOVED_TOGETHER = 50_000
const FILE_PROBLEMS = new Set(['damaged', 'bad-data', 'unsupported', 'out-of-memory'])

export interface IngestOptions {
	/** Paths; `-` is stdin. */
	readonly files: readonly string[]
	/** Whether posts marked over 18 are taken too. */
	readonly over18: boolean
	/** Which posts are wanted; all if not given. */
	readonly select?: SelectionOptions | undefined
	/** A file for every broken row. */
	readonly problems?: string | undefined
}

/** What became of the rows: `read` is the sum of all others but `withdrawn`, posts that left-out rows took out. */
export type IngestCounts = Record<
	'read' | 'added' | 'corrected' | 'known' | LeftOut | NotChosen | 'broken' | 'withdrawn',
	number
>

export interface IngestResult {
	readonly counts: IngestCounts
	/** What was wrong with each file that could not be read to its end, or of which no row could be read. */
	readonly failed: readonly string[]
}

/**
 * Reads every file to its end. Broken rows are counted and reported, and stop nothing; a file that is cut off or
 * damaged is reported, keeps what was read before, and the next file follows.
 *
 * @throws AppError `not-found` or `bad-input` before anything is read; `aborted` on Ctrl-C
 */
export async function ingest(options: IngestOptions, effects: Effects): Promise<IngestResult> {
	checkProblemsOptions(options)
	const opened: PostFile[] = []
	for (const path of options.files) opened.push(await openPostFile(path, effects))
	const [store, scan] = await Promise.all([makePosts(effects), createPostScanner()])
	const isSizeKnown = opened.every(({ bytes }) => bytes > 0)
	const total = isSizeKnown ? opened.reduce((sum, { bytes }) => sum + bytes, 0) : 0
	const progress = new Progress(
		{ label: 'ingest', total, unit: 'read', format: formatBytes },
		effects,
	)
	const report = (text: string) => {
		progress.finish()
		effects.err(printable(text))
	}
	try {
		return await withBrokenRows(options, report, async (broken, flush) => {
			const { over18, select = {} } = options
			const files = opened.map(({ name }) => name)
			const selection = new Selection(select)
			const context = { store, progress, effects, over18, selection, files, scan }
			const run = new Ingest({ ...context, report, broken, flush })
			const failed: string[] = []
			for (const file of opened) {
				const problem = await run.readFile(file)
				if (problem) failed.push(problem)
			}
			return { counts: run.counts, failed }
		})
	} finally {
		progress.finish()
		store.close()
	}
}

interface IngestContext {
	readonly store: PostStore
	readonly progress: Progress
	readonly effects: Effects
	readonly over18: boolean
	readonly selection: Selection
	/** Names of all files. */
	readonly files: readonly string[]
	readonly scan: ScanLines
	readonly report: (text: string) => void
	readonly broken: BrokenRows
	/** Writes out the broken rows so far. */
	readonly flush: () => Promise<void>
}

class Ingest {
	readonly counts: IngestCounts = {
		read: 0,
		added: 0,
		corrected: 0,
		known: 0,
		...NONE_LEFT_OUT,
		outside: 0,
		lowScore: 0,
		otherSubreddit: 0,
		beyond: 0,
		broken: 0,
		withdrawn: 0,
	}
	readonly #context: IngestContext
	readonly #start: number
	#packedBytes = 0
	#isWriting = false
	/** Posts that are written, and gave way to others. */
	readonly #displaced = new Set<string>()
	/** The batch that was taken last. */
	#written: Promise<void> = Promise.resolve()

	constructor(context: IngestContext) {
		this.#context = context
		this.#start = context.effects.now().getTime()
	}

	/** @returns why it could not be read, or not to its end */
	async readFile(file: PostFile): Promise<string | null> {
		const { store, effects, broken, report } = this.#context
		const before = { ...this.counts }
		const source = await store.openSource(file.name, effects.now())
		const damage = await this.#readToDamage(file, source)
		const brokenRows = broken.endFile(file.name)
		const failure =
			damage ?? describeUnreadable(file.name, this.counts.read - before.read, brokenRows)
		if (failure) report(failure)
		const problem = failure ?? this.#suspect(file, brokenRows)
		if (problem) this.#reportDoubt(file, source, before)
		await store.closeSource(source, { problem, now: effects.now() })
		return failure
	}

	async #readToDamage(file: PostFile, source: number): Promise<string | null> {
		try {
			await this.#readRows(file, source)
			return null
		} catch (error) {
			// A damaged database must not be taken for a damaged file.
			if (this.#isWriting || !(error instanceof AppError) || !FILE_PROBLEMS.has(error.code))
				throw error
			return error.message
		}
	}

	/** Why the posts of a file that was read to its end are in doubt. */
	#suspect({ name, facts }: PostFile, brokenRows: number): string | null {
		if (!facts.lacksChecksum) return null
		this.#context.report(`${name}: has no checksum, so damage to it may go unnoticed`)
		if (brokenRows === 0) return null
		return `it has no checksum; broken rows: ${formatCount(brokenRows)}`
	}

	#reportDoubt({ name }: PostFile, source: number, before: IngestCounts): void {
		const since = (key: keyof IngestCounts) => this.counts[key] - before[key]
		const [added, corrected, withdrawn] = [since('added'), since('corrected'), since('withdrawn')]
		if (added + corrected + withdrawn === 0) return
		const lost = withdrawn > 0 ? ` (and the ${formatCount(withdrawn)} that it removed)` : ''
		this.#context.report(
			`${name}: the ${formatCount(added + corrected)} posts of its first ${formatCount(since('read'))} rows${lost} are in doubt; whichsub posts forget --source ${source} removes them, and ingesting a sound copy corrects them`,
		)
	}

	async #readRows(file: PostFile, source: number): Promise<void> {
		const { over18, effects, flush, store, scan } = this.#context
		const onRead = (bytes: number) => {
			this.#packedBytes += bytes
		}
		const packed = (posts: PackedPosts, areOver18: boolean): PackedRows => ({
			kind: 'packed',
			posts,
			areLeftOut: areOver18 && !over18,
		})
		const options = { onRead, scan, packed }
		const parse = (value: unknown): PostRow | PackedRows => parseRow(value, { over18 })
		const batch = new Batch(store.batchPosts)
		try {
			for await (const rows of readRows(file, parse, options)) {
				throwIfAborted(effects)
				for (const row of rows) {
					this.#sort(row, batch, file.name)
					if (batch.size >= store.batchPosts) await this.#write(batch, source)
				}
				await flush()
			}
		} finally {
			if (!this.#isWriting) {
				// What was read before the damage is kept, too.
				if (!effects.signal.aborted) await this.#write(batch, source)
				await this.#endWriting()
				await this.#endRemoving()
			}
		}
	}

	#sort(row: FileRow<PostRow | PackedRows>, batch: Batch, name: string): void {
		const { meaning } = row
		this.counts.read += meaning.kind === 'packed' ? meaning.posts.count : 1
		if (meaning.kind === 'packed') this.#takePacked(meaning, batch)
		else if (meaning.kind === 'post') {
			if (this.#isChosen(meaning.post, batch)) batch.add(meaning.post)
		} else if (meaning.kind === 'left out') {
			this.counts[meaning.reason] += 1
			batch.withdraw(meaning.withdrawal)
		} else {
			this.counts.broken += 1
			this.#context.broken.add(name, row, meaning.problem)
		}
	}

	#takePacked({ posts, areLeftOut }: PackedRows, batch: Batch): void {
		if (areLeftOut) this.#leaveOutPacked(posts, batch)
		else this.#choosePacked(posts, batch)
	}

	#choosePacked(posts: PackedPosts, batch: Batch): void {
		if (this.#context.selection.takesAll) {
			batch.addPacked(posts)
			return
		}
		for (const [start, end] of packedPlaces(posts.bytes))
			if (this.#isChosen(readPacked(posts.bytes, start), batch))
				batch.addPacked({ count: 1, bytes: posts.bytes.subarray(start, end) })
	}

	#leaveOutPacked({ count, bytes }: PackedPosts, batch: Batch): void {
		this.counts.over18 += count
		for (const [start] of packedPlaces(bytes)) {
			const [id, retrieved_utc] = [packedId(bytes, start), packedRetrieval(bytes, start)]
			batch.withdraw({ id, retrieved_utc, reason: 'over18' })
		}
	}

	#isChosen(post: ChosenBy, batch: Batch): boolean {
		const why = this.#context.selection.refuse(post)
		if (why === null) return true
		this.counts[why] += 1
		if (why === 'beyond') batch.discard(post.id)
		return false
	}

	/** Begins to write a batch, while the next one is read. */
	async #write(batch: Batch, source: number): Promise<void> {
		await this.#endWriting()
		const displaced = new Set(this.#context.selection.takeDisplaced())
		this.#written = this.#store(batch.take(), displaced, source)
		// Where it fails, whoever awaits it next hears of it.
		this.#written.catch(() => {})
	}

	async #store(taken: TakenBatch, displaced: Set<string>, source: number): Promise<void> {
		const { store, files } = this.#context
		const { kept: posts, unwritten } = withoutDisplaced(taken.posts, displaced)
		this.counts.beyond += unwritten.length
		// An earlier run without a limit may have stored what this one does not take.
		const unwanted = [...unwritten, ...taken.discarded].filter((id) => !this.#displaced.has(id))
		if (unwanted.length > 0) this.counts.withdrawn += await store.remove(unwanted, files)
		this.#displace(displaced, posts)
		if (this.#displaced.size >= REMOVED_TOGETHER) await this.#removeDisplaced()
		await this.#writePosts({ ...taken, posts }, source)
	}

	/** @param posts came later than what was displaced before, and are kept */
	#displace(displaced: ReadonlySet<string>, { bytes }: PackedPosts): void {
		if (this.#displaced.size > 0)
			for (const [start] of packedPlaces(bytes)) this.#displaced.delete(packedId(bytes, start))
		for (const id of displaced) this.#displaced.add(id)
	}

	/** Takes posts out that this run wrote and that gave way to others of their subreddit. */
	async #removeDisplaced(): Promise<void> {
		if (this.#displaced.size === 0) return
		const { store, files } = this.#context
		const removed = await store.remove([...this.#displaced].sort(), files)
		this.#displaced.clear()
		const added = Math.min(removed, this.counts.added)
		this.counts.added -= added
		this.counts.known -= removed - added
		this.counts.beyond += removed
	}

	/** An error leaves `#isWriting` as it is: it is the database's. */
	async #endWriting(): Promise<void> {
		this.#isWriting = true
		await this.#written
		this.#isWriting = false
	}

	async #endRemoving(): Promise<void> {
		const { effects, report } = this.#context
		const count = this.#displaced.size
		if (effects.signal.aborted && count > 0)
			report(
				`stopping: removes ${formatCount(count)} posts beyond --per-subreddit; if it is stopped again, the next run removes them`,
			)
		this.#isWriting = true
		await this.#removeDisplaced()
		this.#isWriting = false
	}

	async #writePosts({ posts, withdrawals }: TakenBatch, source: number): Promise<void> {
		const { store, effects, progress } = this.#context
		const [packedBytes, read] = [this.#packedBytes, this.counts.read]
		if (posts.count > 0) {
			const written = await store.writePacked(posts, source)
			this.counts.added += written.added
			this.counts.corrected += written.corrected
			this.counts.known += written.known
		}
		if (withdrawals.length > 0) this.counts.withdrawn += await store.withdraw(withdrawals)
		const seconds = (effects.now().getTime() - this.#start) / 1000
		progress.update(packedBytes, seconds > 0 ? `${formatCount(read / seconds)} posts/s` : '')
	}
}

/** Posts that follow each other in a file. */
interface PackedRows {
	readonly kind: 'packed'
	readonly posts: PackedPosts
	/** As marked over 18. */
	readonly areLeftOut: boolean
}

/** @param displaced loses the ids that were found */
function withoutDisplaced(posts: PackedPosts, displaced: Set<string>) {
	const unwritten: string[] = []
	if (displaced.size === 0) return { kept: posts, unwritten }
	const kept = new PostPacker(posts.count)
	for (const [start, end] of packedPlaces(posts.bytes)) {
		const id = packedId(posts.bytes, start)
		if (displaced.delete(id)) unwritten.push(id)
		else kept.addPacked({ count: 1, bytes: posts.bytes.subarray(start, end) })
	}
	return { kept: kept.take(), unwritten }
}

interface TakenBatch {
	readonly posts: PackedPosts
	readonly withdrawals: readonly Withdrawal[]
	readonly discarded: readonly string[]
}

/** Rows that are written together. The last row about a post decides. */
class Batch {
	readonly #posts: PostPacker
	/** With how many bytes of posts were there before. */
	#withdrawals = new Map<string, { readonly withdrawal: Withdrawal; readonly after: number }>()
	#discarded: string[] = []

	constructor(expected: number) {
		this.#posts = new PostPacker(expected)
	}

	get size(): number {
		return this.#posts.count + this.#withdrawals.size + this.#discarded.length
	}

	/** A post that is not taken, and is to be removed if it is stored. */
	discard(id: string): void {
		this.#discarded.push(id)
	}

	add(post: DatedPost): void {
		this.#posts.add(post)
	}

	addPacked(posts: PackedPosts): void {
		this.#posts.addPacked(posts)
	}

	withdraw(withdrawal: Withdrawal | null): void {
		if (withdrawal) this.#withdrawals.set(withdrawal.id, { withdrawal, after: this.#posts.size })
	}

	/** Empties it. */
	take(): TakenBatch {
		const posts = this.#posts.take()
		if (this.#withdrawals.size > 0) this.#dropOverruled(posts)
		const withdrawals = Array.from(this.#withdrawals.values(), ({ withdrawal }) => withdrawal)
		const taken = { posts, withdrawals, discarded: this.#discarded }
		this.#discarded = []
		this.#withdrawals = new Map()
		return taken
	}

	/** Of the withdrawals that a later post follows. */
	#dropOverruled({ bytes }: PackedPosts): void {
		if (hasRisingIds(bytes) && this.#areBelowNext(bytes)) return
		for (const [start] of packedPlaces(bytes)) {
			const id = packedId(bytes, start)
			const found = this.#withdrawals.get(id)
			if (found && start >= found.after) this.#withdrawals.delete(id)
		}
	}

	/** Whether the post behind each withdrawal has a higher id, as in most files. */
	#areBelowNext(bytes: Buffer): boolean {
		for (const [id, { after }] of this.#withdrawals)
			if (after < bytes.length && packedId(bytes, after) <= id) return false
		return true
	}
}
