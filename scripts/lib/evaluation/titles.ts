// Posts to measure on, normalised: a snapshot's file, or dumps as `ingest` reads them.
import { basename } from 'node:path'
import { normalizeTitle } from '../../../src/model/normalize.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import type { SplitKind } from '../../../src/shared/metrics.ts'
import type { Effects } from '../effects.ts'
import { describeFile, readFailure } from '../files.ts'
import { type ArtifactOf, digestFiles, joinPaths } from '../pipeline/artifacts.ts'
import { BrokenRows } from '../posts/broken-rows.ts'
import { type DatedPost, LEFT_OUT, parseRow } from '../posts/parse-row.ts'
import { openPostFile } from '../posts/post-file.ts'
import { createPostScanner } from '../posts/post-scanner.ts'
import { readRows } from '../posts/rows.ts'
import { formatCount } from '../progress.ts'
import { dayOf } from './week-tally.ts'

/** Instants: from the first on, and before the second. */
export interface TimeWindow {
	readonly from: string
	readonly until: string
}

/** A post's title; `day` says when it was created, in days from 1970-01-01 in UTC, where that is known. */
export interface DatedTitle extends LabelledTitle {
	readonly day?: number
}

/** Posts to measure on; they can be read several times, always in the same order. */
export interface TestSet {
	/** As in `test posts of snapshot 1a2b3c4d`. */
	readonly name: string
	readonly split: SplitKind
	/** Where the split is `newest`: so many posts of each subreddit. */
	readonly newest?: number
	/** The hash of the snapshot that they are from; null for dumps. */
	readonly snapshot: string | null
	/** How many there are; 0 where that is known only at their end. */
	readonly total: number
	/** Subscribers of subreddits, by name, as far as they are known. */
	readonly sizes: ReadonlyMap<string, number>
	read(): AsyncIterable<DatedTitle>
	/** When they were created; known once they were read. */
	window(): TimeWindow
}

/** Titles that are in memory. */
export function listTitles(titles: readonly DatedTitle[]): Pick<TestSet, 'total' | 'read'> {
	return {
		total: titles.length,
		async *read() {
			yield* titles
		},
	}
}

/** Posts that a record can name. */
export interface RecordableSet extends TestSet {
	/** As an input of a step. What came through stdin has no digest. */
	describe(): Promise<ArtifactOf<'snapshot' | 'dumps'>>
}

/** The posts of dumps, in any layout that `ingest` reads and by its rules: without those over 18, by id only once. */
export function openDumps(paths: readonly string[], effects: Effects): RecordableSet {
	let window: TimeWindow | null = null
	return {
		// Figures are published: where the files lay is nobody's business.
		name: joinPaths(paths.map((path) => basename(path))),
		split: 'external',
		snapshot: null,
		total: 0,
		sizes: new Map(),
		async *read() {
			const counts = new DumpCounts(effects)
			for (const path of paths) yield* readDump(path, counts, effects)
			counts.report(effects)
			window = counts.window()
		},
		describe: () => describeDumps(paths),
		window: () => window ?? { from: new Date(0).toISOString(), until: new Date(0).toISOString() },
	}
}

const STDIN = '-'

/** As an input of a step. */
export async function describeDumps(paths: readonly string[]): Promise<ArtifactOf<'dumps'>> {
	const files = await Promise.all(
		paths
			.filter((path) => path !== STDIN)
			.map((path) =>
				describeFile(path).catch((error: unknown) => {
					throw readFailure(error, path, 'file')
				}),
			),
	)
	const digest = files.length < paths.length ? null : digestFiles(files)
	return { kind: 'dumps', name: joinPaths(paths), sha256: digest, execution: null, files }
}

async function* readDump(
	path: string,
	counts: DumpCounts,
	effects: Effects,
): AsyncGenerator<DatedTitle> {
	const file = await openPostFile(path, effects)
	const parse = (value: unknown) => parseRow(value, { over18: false })
	for await (const rows of readRows(file, parse, { scan: await createPostScanner() }))
		for (const row of rows) {
			const { meaning } = row
			if (meaning.kind === 'broken') counts.broken.add(file.name, row, meaning.problem)
			else if (meaning.kind === 'left out') counts.leaveOut(LEFT_OUT[meaning.reason])
			else if (counts.isNew(meaning.post)) {
				const { subreddit, title, created_utc } = meaning.post
				yield { subreddit, text: normalizeTitle(title), day: dayOf(created_utc) }
			}
		}
	counts.endFile(file.name)
}

/** What became of the rows of the dumps. */
class DumpCounts {
	readonly #ids = new Set<string>()
	readonly #leftOut = new Map<string, number>()
	readonly broken: BrokenRows
	#brokenRows = 0
	#first = Number.POSITIVE_INFINITY
	#last = Number.NEGATIVE_INFINITY

	constructor({ err }: Pick<Effects, 'err'>) {
		this.broken = new BrokenRows(err)
	}

	isNew({ id, created_utc }: DatedPost): boolean {
		if (this.#ids.has(id)) {
			this.leaveOut('there twice')
			return false
		}
		this.#ids.add(id)
		this.#first = Math.min(this.#first, created_utc)
		this.#last = Math.max(this.#last, created_utc)
		return true
	}

	leaveOut(why: string): void {
		this.#leftOut.set(why, (this.#leftOut.get(why) ?? 0) + 1)
	}

	endFile(name: string): void {
		this.#brokenRows += this.broken.endFile(name)
	}

	window(): TimeWindow | null {
		if (this.#ids.size === 0) return null
		return {
			from: new Date(this.#first * 1000).toISOString(),
			until: new Date((this.#last + 1) * 1000).toISOString(),
		}
	}

	report({ err }: Pick<Effects, 'err'>): void {
		for (const [why, count] of this.#leftOut) err(`left out: ${formatCount(count)} ${why}`)
		if (this.#brokenRows > 0) err(`left out: ${formatCount(this.#brokenRows)} broken`)
	}
}
