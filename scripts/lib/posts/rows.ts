// Reads the rows of a file: JSON Lines, other JSON, or a table whose header names the columns. The caller says what a row means.
import { isUtf8 } from 'node:buffer'
import { CsvReader, type ReadHeader } from './csv-rows.ts'
import { JsonValueReader } from './json-values.ts'
import { type Line, readDirtyLines, readLineBlocks, readLines, TOO_LONG } from './lines.ts'
import type { PackedPosts } from './packed-posts.ts'
import type { PostFile } from './post-file.ts'
import { type Broken, parseJson, type RawRow } from './raw-row.ts'
import type { ScanLines, TakeLine, TakePacked } from './scan-row.ts'
import { openText, type TextStream } from './text-stream.ts'
import { unwrapRow } from './wrappings.ts'

/** A row and what the caller makes of it. */
export interface FileRow<Meaning> {
	/** The line on which it begins, from 1. */
	readonly line: number
	/** As the file has it; null where it is too long to keep, and of a scanned row that is not broken. */
	readonly text: string | null
	readonly meaning: Meaning | Broken
}

export interface ReadRowsOptions<Meaning> {
	/** Told of each chunk as it comes off the disk, with its packed size. */
	readonly onRead?: (packedBytes: number) => void
	/** Longer rows are broken, and never parsed. */
	readonly maxCharacters?: number
	/** Reads what is needed of a line of JSON Lines, in place of the whole. */
	readonly scan?: ScanLines | undefined
	/** What ordinary posts mean that the scanner packs: they come together, as one row. They hold until the next batch. */
	readonly packed?: ((posts: PackedPosts, areOver18: boolean) => Meaning) | undefined
	/** Looks at the columns of a table; those of posts are needed if not given. */
	readonly columns?: ReadHeader | undefined
}

/**
 * The rows of a file, in batches: a promise per row would cost more than the row itself. Empty lines are skipped.
 *
 * @param parse turns the value of a row into its meaning, at once: a scanned row is overwritten by the next; must not throw
 * @throws AppError `bad-data` where the file holds no rows, or the header of a table lacks a column, `damaged` or `unsupported`
 *   for a packed file; the rows before were yielded
 */
export async function* readRows<Meaning extends object>(
	file: PostFile,
	parse: (value: unknown) => Meaning | Broken,
	{ onRead = () => {}, ...options }: ReadRowsOptions<Meaning> = {},
): AsyncGenerator<FileRow<Meaning>[]> {
	const stream = await openText(file.read(onRead, options.scan?.space), file.name, file.named)
	const { scan, packed } = options
	if (scan && stream.layout === 'lines') yield* scanJsonLines(stream.bytes, scan, { parse, packed })
	else
		for await (const rows of createReader(stream, file.name, options))
			yield interpret(rows, parse, !scan)
}

function interpret<Meaning extends object>(
	rows: readonly RawRow[],
	parse: (value: unknown) => Meaning | Broken,
	keepsText: boolean,
): FileRow<Meaning>[] {
	const meanings: FileRow<Meaning>[] = []
	for (const row of rows)
		for (const { line, text, content } of unwrapRow(row)) {
			const meaning = 'value' in content ? parse(content.value) : content
			meanings.push({ line, text: keepsText || isBroken(meaning) ? text : null, meaning })
		}
	return meanings
}

function isBroken(meaning: object): meaning is Broken {
	return 'kind' in meaning && meaning.kind === 'broken'
}

function createReader(
	{ layout, bytes }: TextStream,
	name: string,
	{ maxCharacters = Number.POSITIVE_INFINITY, columns }: ReadRowsOptions<unknown>,
): AsyncGenerator<RawRow[]> {
	if (layout === 'table') return readTable(bytes, new CsvReader(name, columns))
	if (layout === 'document') return readJsonValues(bytes)
	return readJsonLines(bytes, maxCharacters)
}

interface Meanings<Meaning> {
	readonly parse: (value: unknown) => Meaning | Broken
	readonly packed: ReadRowsOptions<Meaning>['packed']
}

async function* scanJsonLines<Meaning extends object>(
	chunks: AsyncIterable<Uint8Array>,
	scan: ScanLines,
	{ parse, packed }: Meanings<Meaning>,
): AsyncGenerator<FileRow<Meaning>[]> {
	let line = 0
	for await (const block of readLineBlocks(chunks)) {
		const rows: FileRow<Meaning>[] = []
		const add = (text: Line) => {
			line += 1
			rows.push(...interpret(parseLine(text, line), parse, false))
		}
		if (block === null) add({ problem: TOO_LONG, text: null })
		else if (!isUtf8(block)) for (const text of readDirtyLines(block)) add(text)
		else {
			const bytes = Buffer.from(block.buffer, block.byteOffset, block.length)
			const textOf = (start: number, end: number) => bytes.toString('utf8', start, end)
			const takeLine: TakeLine<object> = (row, start, end) => {
				if (row === null) {
					add(textOf(start, end))
					return
				}
				line += 1
				const meaning = parse(row)
				rows.push({ line, text: isBroken(meaning) ? textOf(start, end) : null, meaning })
			}
			const takePacked: TakePacked = (posts, areOver18) => {
				line += posts.count
				if (packed) rows.push({ line, text: null, meaning: packed(posts, areOver18) })
			}
			scan(block, takeLine, packed && takePacked)
		}
		yield rows
	}
}

async function* readJsonLines(
	chunks: AsyncIterable<Uint8Array>,
	maxCharacters: number,
): AsyncGenerator<RawRow[]> {
	let line = 0
	for await (const lines of readLines(chunks)) {
		const rows: RawRow[] = []
		for (const text of lines) {
			line += 1
			rows.push(...parseLine(text, line, maxCharacters))
		}
		yield rows
	}
}

/** No row for an empty line. */
function parseLine(
	text: Line,
	line: number,
	maxCharacters = Number.POSITIVE_INFINITY,
): readonly RawRow[] {
	const broken = (problem: string, shown: string | null): readonly RawRow[] => [
		{ line, text: shown, content: { kind: 'broken', problem } },
	]
	if (typeof text !== 'string') return broken(text.problem, text.text)
	if (text.length > maxCharacters) return broken(TOO_LONG, null)
	return text.trim() === '' ? [] : [{ line, text, content: parseJson(text) }]
}

async function* readJsonValues(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RawRow[]> {
	const reader = new JsonValueReader()
	for await (const chunk of chunks) yield reader.push(chunk)
	yield reader.end()
}

async function* readTable(
	chunks: AsyncIterable<Uint8Array>,
	reader: CsvReader,
): AsyncGenerator<RawRow[]> {
	for await (const lines of readLines(chunks)) yield reader.push(lines)
	yield reader.end()
}
