// Rows that could not be read: all are counted, the first of each file are shown, and --problems writes all to a file.
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { makeFolder, replaceFile, storageError } from '../files.ts'
import { printable } from '../printable.ts'
import { formatCount } from '../progress.ts'

const SHOWN = 5

/** The help text of the option. */
export const PROBLEMS_HELP = 'write every broken row to this file, with its number and reason'

/** What the help says below the options. */
export const PROBLEMS_RULE = `--problems writes one line of JSON for each broken row: "file", "line" (from 1), "reason" and "text", the row itself.
The file is replaced when the command ends, even if it fails; it is empty if no row was broken.`

/** The place of a broken row, and its text. */
export interface BrokenRow {
	readonly line: number
	/** Null where it is too long to keep. */
	readonly text: string | null
}

export class BrokenRows {
	readonly #report: (text: string) => void
	readonly #keep: boolean
	#lines: string[] = []
	#inFile = 0

	/**
	 * @param report shows a line to whoever runs the command
	 * @param keep whether the caller takes the lines for the file of problems
	 */
	constructor(report: (text: string) => void, keep = false) {
		this.#report = report
		this.#keep = keep
	}

	/** How many the file has so far. */
	get count(): number {
		return this.#inFile
	}

	add(file: string, { line, text }: BrokenRow, reason: string): void {
		this.#inFile += 1
		if (this.#inFile <= SHOWN) this.#report(printable(`${file}:${line}: ${reason}`))
		if (this.#keep) this.#lines.push(`${JSON.stringify({ file, line, reason, text })}\n`)
	}

	/** Says how many were not shown, and resets the count for the next file. @returns how many there were */
	endFile(file: string): number {
		const count = this.#inFile
		if (count > SHOWN) this.#report(`${file}: … and ${formatCount(count - SHOWN)} more broken rows`)
		this.#inFile = 0
		return count
	}

	/** The lines for the file of problems since the last call. */
	takeLines(): string {
		const text = this.#lines.join('')
		this.#lines = []
		return text
	}
}

/** A file with some broken rows is fine; one without any other row is a failure. */
export function describeUnreadable(file: string, rows: number, broken: number): string | null {
	if (rows === 0 || broken < rows) return null
	return `nothing could be read: ${file} (rows: ${formatCount(rows)}, all broken); is it the right file?`
}

/**
 * Ends a command with a failure if not all of its files were read.
 *
 * @param failed what was wrong with each file that could not be read, or not to its end
 * @throws AppError `damaged` where there is one
 */
export function checkAllRead(failed: readonly string[], files: number): void {
	if (failed.length > 0)
		throw new AppError(
			'damaged',
			`${failed.length} of ${files} files could not be read, or not to the end; what could be is kept`,
		)
}

export interface ProblemsOptions {
	/** The file for all of them; none where it is not given. */
	readonly problems?: string | undefined
	/** The files that are read: none of them may be overwritten. */
	readonly files: readonly string[]
}

/** @throws AppError `bad-input` where the problems would replace a file that is read */
export function checkProblemsOptions({ problems, files }: ProblemsOptions): void {
	if (problems !== undefined && files.some((file) => resolve(file) === resolve(problems)))
		throw new AppError('bad-input', `--problems would replace what is read: ${problems}`)
}

/**
 * Runs `work` with a place for broken rows. The file of problems is written aside and replaces an older one when the work
 * has ended, well or not.
 *
 * @param work calls `flush` now and then, so that the rows do not fill the memory
 * @throws AppError `storage` or `storage-full` where the file can't be written, and whatever `work` throws
 */
export async function withBrokenRows<T>(
	{ problems }: ProblemsOptions,
	report: (text: string) => void,
	work: (broken: BrokenRows, flush: () => Promise<void>) => Promise<T>,
): Promise<T> {
	if (problems === undefined) return work(new BrokenRows(report), async () => {})
	await checkPlace(problems)
	const place: { outcome: Settled<T> | null } = { outcome: null }
	try {
		await replaceFile(problems, async (file) => {
			const broken = new BrokenRows(report, true)
			const flush = () => file.appendFile(broken.takeLines())
			place.outcome = await settle(() => work(broken, flush))
			await flush()
		})
	} catch (error) {
		// The work's own failure tells more than that its problems could not be kept.
		throw storageError(place.outcome?.error ?? error, problems)
	}
	if (place.outcome?.error !== undefined) throw storageError(place.outcome.error, problems)
	return place.outcome?.result as T
}

interface Settled<T> {
	readonly result?: T
	readonly error?: unknown
}

function settle<T>(work: () => Promise<T>): Promise<Settled<T>> {
	return work().then(
		(result) => ({ result }),
		(error: unknown) => ({ error }),
	)
}

async function checkPlace(problems: string): Promise<void> {
	await makeFolder(dirname(problems))
	const found = await stat(problems).catch(() => null)
	if (found?.isDirectory())
		throw new AppError('bad-input', `is a folder: ${problems}; name a file for the problems`)
}
