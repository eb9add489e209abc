// Reads the rows of a file: JSON Lines, other JSON, or a table whose header names the columns. The caller says what a row means.
import { CsvReader, type ReadHeader } from './csv-rows.ts'
import { JsonValueReader } from './json-values.ts'
import { readLines, TOO_LONG } from './lines.ts'
import type { PostFile } from './post-file.ts'
import { type Broken, parseJson, type RawRow } from './raw-row.ts'
import { openText, type TextStream } from './text-stream.ts'
import { unwrapRow } from './wrappings.ts'

/** A row and what the caller makes of it. */
export type FileRow<Meaning> = Omit<RawRow, 'content'> & { readonly meaning: Meaning | Broken }

export interface ReadRowsOptions {
	/** Told of each chunk as it comes off the disk, with its packed size. */
	readonly onRead?: (packedBytes: number) => void
	/** Longer rows are broken, and never parsed. */
	readonly maxCharacters?: number
	/** Looks at the columns of a table; those of posts are needed if not given. */
	readonly columns?: ReadHeader | undefined
}

/**
 * The rows of a file, in batches: a promise per row would cost more than the row itself. Empty lines are skipped.
 *
 * @param parse turns the value of a row into its meaning; must not throw
 * @throws AppError `bad-data` where the file holds no rows, or the header of a table lacks a column, `damaged` or `unsupported`
 *   for a packed file; the rows before were yielded
 */
export async function* readRows<Meaning>(
	file: PostFile,
	parse: (value: unknown) => Meaning | Broken,
	{ onRead = () => {}, maxCharacters = Number.POSITIVE_INFINITY, columns }: ReadRowsOptions = {},
): AsyncGenerator<FileRow<Meaning>[]> {
	const text = await openText(file.read(onRead), file.name, file.named)
	const reader = createReader(text, file.name, { maxCharacters, columns })
	for await (const rows of reader) {
		const meanings: FileRow<Meaning>[] = []
		for (const row of rows)
			for (const { line, text, content } of unwrapRow(row))
				meanings.push({ line, text, meaning: 'value' in content ? parse(content.value) : content })
		yield meanings
	}
}

function createReader(
	{ layout, bytes }: TextStream,
	name: string,
	{ maxCharacters, columns }: { maxCharacters: number; columns: ReadHeader | undefined },
): AsyncGenerator<RawRow[]> {
	if (layout === 'table') return readTable(bytes, new CsvReader(name, columns))
	return layout === 'lines' ? readJsonLines(bytes, maxCharacters) : readJsonValues(bytes)
}

async function* readJsonLines(
	chunks: AsyncIterable<Uint8Array>,
	maxCharacters: number,
): AsyncGenerator<RawRow[]> {
	let number = 0
	for await (const lines of readLines(chunks)) {
		const rows: RawRow[] = []
		for (const line of lines) {
			number += 1
			const text = typeof line === 'string' ? line : line.text
			if (typeof line !== 'string')
				rows.push({ line: number, text, content: { kind: 'broken', problem: line.problem } })
			else if (line.length > maxCharacters)
				rows.push({ line: number, text: null, content: { kind: 'broken', problem: TOO_LONG } })
			else if (line.trim() !== '') rows.push({ line: number, text, content: parseJson(line) })
		}
		yield rows
	}
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
