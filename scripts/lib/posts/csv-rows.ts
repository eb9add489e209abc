// CSV (RFC 4180) as rows with the line on which each begins. CONTRIBUTING says why it is no library.
import { AppError } from '../../../src/shared/app-error.ts'
import { canonicalColumn, findDelimiter, namedDelimiter } from './csv-header.ts'
import type { Line } from './lines.ts'
import type { RawRow } from './raw-row.ts'

/** A quote that is never closed must not swallow the rest of the file. */
const MAX_RECORD_CHARACTERS = 1 << 20

const NEVER_CLOSED = 'a quote is never closed'
/** Each of these, or what may stand in its place. */
const COLUMNS = [['id', 'name'], ['created_utc', 'created'], ['subreddit'], ['title']] as const

/**
 * Looks at the columns of a header.
 *
 * @returns what they are called
 * @throws AppError `bad-data` where they do not serve
 */
export type ReadHeader = (columns: readonly string[], name: string) => readonly string[]

/** Takes line after line; a record may span several. */
export class CsvReader {
	readonly #name: string
	readonly #readHeader: ReadHeader
	#header: readonly string[] = []
	#columns: readonly string[] | null = null
	#delimiter: string | null = null
	#lineNumber = 0
	/** Lines of a record whose quotes are not closed yet. */
	#held: string[] = []
	#heldCharacters = 0
	#isQuoteOpen = false
	/** Lines that are to be taken, the next one last. */
	#waiting: Line[] = []

	/** @param name the file's, for errors */
	constructor(name: string, readHeader: ReadHeader = readPostHeader) {
		this.#name = name
		this.#readHeader = readHeader
	}

	/**
	 * @param lines without their LF
	 * @returns the rows that are complete
	 * @throws AppError `bad-data` where the header lacks a column
	 */
	push(lines: readonly Line[]): RawRow[] {
		const rows: RawRow[] = []
		this.#waiting = lines.toReversed()
		while (this.#waiting.length > 0) rows.push(...this.#takeLine(this.#waiting.pop() ?? ''))
		return rows
	}

	/** The rows that are left when the last line was given. */
	end(): RawRow[] {
		const rows: RawRow[] = []
		while (this.#held.length > 0)
			rows.push(...this.#giveUpLine(NEVER_CLOSED), ...this.push(this.#waiting.toReversed()))
		return rows
	}

	#takeLine(line: Line): RawRow[] {
		this.#lineNumber += 1
		if (typeof line !== 'string') return [broken(this.#lineNumber, line.text, line.problem)]
		this.#held.push(line)
		this.#heldCharacters += line.length
		if (countQuotes(line) % 2 === 1) this.#isQuoteOpen = !this.#isQuoteOpen
		if (!this.#isQuoteOpen) return this.#finishRecord()
		return this.#heldCharacters > MAX_RECORD_CHARACTERS ? this.#giveUpLine(NEVER_CLOSED) : []
	}

	#finishRecord(): RawRow[] {
		const line = this.#lineNumber - this.#held.length + 1
		const text = this.#held.join('\n').replace(/\r$/, '')
		if (this.#columns === null && this.#takeDelimiter(text)) return []
		const fields = splitRecord(text, this.#delimiter ?? ',')
		if (!fields) return this.#giveUpLine('a quote inside a field that is not quoted')
		this.#release()
		if (text === '') return []
		const columns = this.#columns
		if (!columns) {
			this.#header = fields
			this.#columns = this.#readHeader(
				fields.map((column) => column.trim()),
				this.#name,
			)
			return []
		}
		if (fields.length !== columns.length)
			return [broken(line, text, `${fields.length} fields; the header has ${columns.length}`)]
		// Files that were put together one behind the other.
		if (fields.every((field, at) => field === this.#header[at]))
			return [broken(line, text, 'the header again')]
		const value = Object.fromEntries(columns.map((name, at) => [name, fields[at]]))
		return [{ line, text, content: { value } }]
	}

	/** @returns whether the line before the header names the delimiter, and nothing else */
	#takeDelimiter(text: string): boolean {
		const named = namedDelimiter(text)
		if (named === null) {
			this.#delimiter ??= findDelimiter(text)
			return false
		}
		this.#delimiter = named
		this.#release()
		return true
	}

	/** The first line that is held is broken; those after it may be rows of their own. */
	#giveUpLine(problem: string): RawRow[] {
		const [first = '', ...rest] = this.#held
		this.#release()
		this.#lineNumber -= rest.length
		this.#waiting.push(...rest.toReversed())
		return [broken(this.#lineNumber, first, problem)]
	}

	#release(): void {
		this.#held = []
		this.#heldCharacters = 0
		this.#isQuoteOpen = false
	}
}

function broken(line: number, text: string | null, problem: string): RawRow {
	return { line, text, content: { kind: 'broken', problem } }
}

function countQuotes(line: string): number {
	let count = 0
	for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) count += 1
	return count
}

/** The fields of a whole record, or null where it is no CSV. Searches and never backtracks: a record may be long. */
function splitRecord(text: string, delimiter: string): string[] | null {
	const fields: string[] = []
	let at = 0
	for (;;) {
		const isQuoted = text[at] === '"'
		const end = isQuoted ? endOfQuotedField(text, at) : endOfPlainField(text, at, delimiter)
		const field = text.slice(at, end)
		if (end < 0 || (!isQuoted && field.includes('"'))) return null
		fields.push(isQuoted ? field.slice(1, -1).replaceAll('""', '"') : field)
		if (end === text.length) return fields
		if (text[end] !== delimiter) return null
		at = end + 1
	}
}

/** After the field's last quote, or -1 where it has none; two quotes stand for one. */
function endOfQuotedField(text: string, from: number): number {
	let at = text.indexOf('"', from + 1)
	while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
	return at < 0 ? -1 : at + 1
}

function endOfPlainField(text: string, from: number, delimiter: string): number {
	const end = text.indexOf(delimiter, from)
	return end < 0 ? text.length : end
}

function readPostHeader(header: readonly string[], name: string): readonly string[] {
	const columns = header.map(canonicalColumn)
	const missing = COLUMNS.filter((names) => !names.some((one) => columns.includes(one)))
	if (missing.length === 0) return columns
	const list = (all: readonly (readonly string[])[]) => all.map(([first]) => first).join(', ')
	throw new AppError(
		'bad-data',
		`header of ${name} lacks ${list(missing)}; its first row must name the columns ${list(COLUMNS)}`,
	)
}
