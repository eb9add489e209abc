// `feedback import`: reads files that the page exported, trusting nothing in them.
import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { Feedback, MAX_CLOCK_LEAD_MS } from '../../../src/shared/feedback.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import {
	type BrokenRows,
	checkProblemsOptions,
	describeUnreadable,
	type ProblemsOptions,
	withBrokenRows,
} from '../posts/broken-rows.ts'
import type { Database } from '../posts/database.ts'
import { openPostFile, type PostFile } from '../posts/post-file.ts'
import type { Broken } from '../posts/raw-row.ts'
import { readRows } from '../posts/rows.ts'
import { printable } from '../printable.ts'
import { type FeedbackCounts, openFeedback, writeFeedback } from './table.ts'

const BATCH_LINES = 2_000

// Ten times the longest title with five suggestions.
const MAX_LINE_CHARACTERS = 50_000

export interface ImportCounts extends FeedbackCounts {
	readonly read: number
	readonly broken: number
}

export interface ImportResult {
	readonly counts: ImportCounts
	/** What was wrong with each file that could not be read to its end, or of which no line could be read. */
	readonly failed: readonly string[]
}

/**
 * Reads JSON Lines, packed or not. A broken line is counted and reported, and stops nothing; a file that is cut off or
 * damaged is reported, keeps what was read before, and the next file follows.
 *
 * @param options the files' paths, of which `-` is stdin
 * @throws AppError `not-found`, `bad-input` before anything is read
 */
export async function importFeedback(
	options: ProblemsOptions,
	effects: Effects,
): Promise<ImportResult> {
	checkProblemsOptions(options)
	const opened: PostFile[] = []
	for (const path of options.files) opened.push(await openFeedbackFile(path, effects))
	const database = await openFeedback(effects)
	const report = (text: string) => effects.err(printable(text))
	try {
		return await withBrokenRows(options, report, async (broken, flush) => {
			const run = new Import(database, broken, flush, effects)
			const failed: string[] = []
			for (const file of opened) {
				const problem = await run.readFile(file)
				if (problem === null) continue
				report(problem)
				failed.push(problem)
			}
			return { counts: run.counts, failed }
		})
	} finally {
		database.close()
	}
}

async function openFeedbackFile(path: string, effects: Effects): Promise<PostFile> {
	const file = await openPostFile(path, effects)
	if (file.named !== 'table') return file
	throw new AppError('bad-input', `no feedback: ${path}; expected the .jsonl file of the page`)
}

class Import {
	readonly counts = { read: 0, broken: 0, added: 0, amended: 0, known: 0 }
	readonly #database: Database
	readonly #broken: BrokenRows
	readonly #flush: () => Promise<void>
	readonly #effects: Effects
	#batch: Feedback[] = []
	#source = ''

	constructor(
		database: Database,
		broken: BrokenRows,
		flush: () => Promise<void>,
		effects: Effects,
	) {
		this.#database = database
		this.#broken = broken
		this.#flush = flush
		this.#effects = effects
	}

	/** @returns why it could not be read, or not to its end */
	async readFile(file: PostFile): Promise<string | null> {
		const { read } = this.counts
		this.#source = `${file.name} ${this.#effects.now().toISOString()} ${randomUUID().slice(0, 8)}`
		const damage = await this.#readToDamage(file)
		await this.#write()
		const broken = this.#broken.endFile(file.name)
		this.counts.broken += broken
		return damage ?? describeUnreadable(file.name, this.counts.read - read, broken)
	}

	async #readToDamage(file: PostFile): Promise<string | null> {
		const parse = createParser(this.#effects.now())
		const rows = readRows(file, parse, { maxCharacters: MAX_LINE_CHARACTERS })
		for (;;) {
			const next = await rows.next().catch(takeDamage)
			if (typeof next === 'string') return next
			if (next.done) return null
			for (const row of next.value) {
				this.counts.read += 1
				if (row.meaning.kind === 'broken') this.#broken.add(file.name, row, row.meaning.problem)
				else this.#batch.push(row.meaning.line)
				if (this.#batch.length >= BATCH_LINES) await this.#write()
			}
			await this.#flush()
		}
	}

	async #write(): Promise<void> {
		throwIfAborted(this.#effects)
		const lines = this.#batch
		this.#batch = []
		const written = await writeFeedback(this.#database, lines, {
			imported: this.#effects.now(),
			source: this.#source,
		})
		for (const key of ['added', 'amended', 'known'] as const) this.counts[key] += written[key]
	}
}

/** What is wrong with the file. @throws any error that says something else */
function takeDamage(error: unknown): string {
	const isDamage =
		error instanceof AppError && (error.code === 'damaged' || error.code === 'unsupported')
	if (isDamage) return error.message
	throw error
}

/** Parses a line of untrusted JSON. The newest time wins, so a time in the future would win for good: it is refused. */
function createParser(
	now: Date,
): (value: unknown) => { readonly kind: 'line'; readonly line: Feedback } | Broken {
	const latest = now.getTime() + MAX_CLOCK_LEAD_MS
	return (value) => {
		const { success, output, issues } = v.safeParse(Feedback, value, { abortEarly: true })
		if (!success) {
			const path = v.getDotPath(issues[0])
			return { kind: 'broken', problem: `${path ? `${path}: ` : ''}${issues[0].message}` }
		}
		if (Date.parse(output.time) > latest)
			return { kind: 'broken', problem: `time: lies in the future: ${output.time}` }
		return { kind: 'line', line: output }
	}
}
