// Reads the rows of a file: JSON Lines, or CSV whose header names the columns. The caller says what a row means.
import { type CheckColumns, CsvReader } from './csv-rows.ts'
import { readLines } from './lines.ts'
import type { PostFile } from './post-file.ts'
import type { Broken, RawRow } from './raw-row.ts'

/** A row and what the caller makes of it. */
export type FileRow<Meaning> = Omit<RawRow, 'content'> & { readonly meaning: Meaning | Broken }

export interface ReadRowsOptions {
	/** Told of each chunk as it comes off the disk, with its packed size. */
	readonly onRead?: (packedBytes: number) => void
	/** Longer rows are broken, and never parsed. */
	readonly maxCharacters?: number
	/** Looks at the columns of a CSV file; those of posts are needed if not given. */
	readonly columns?: CheckColumns | undefined
}

const TOO_LONG: Broken = { kind: 'broken', problem: 'line is too long' }

/**
 * The rows of a file, in batches: a promise per row would cost more than the row itself. Empty lines are skipped.
 *
 * @param parse turns the value of a row into its meaning; must not throw
 * @throws AppError `bad-data` where the header of a CSV file lacks a column, `damaged` or `unsupported` for a packed file;
 *   the rows before were yielded
 */
export async function* readRows<Meaning>(
	file: PostFile,
	parse: (value: unknown) => Meaning | Broken,
	{ onRead = () => {}, maxCharacters = Number.POSITIVE_INFINITY, columns }: ReadRowsOptions = {},
): AsyncGenerator<FileRow<Meaning>[]> {
	const chunks = file.read(onRead)
	const pieces =
		file.layout === 'csv'
			? readCsvRows(chunks, file.name, columns)
			: readJsonRows(chunks, maxCharacters)
	for await (const rows of pieces)
		yield rows.map(({ line, text, content }) => ({
			line,
			text,
			meaning: 'value' in content ? parse(content.value) : content,
		}))
}

async function* readJsonRows(
	chunks: AsyncIterable<Uint8Array>,
	maxCharacters: number,
): AsyncGenerator<RawRow[]> {
	let line = 0
	for await (const lines of readLines(chunks)) {
		const rows: RawRow[] = []
		for (const text of lines) {
			line += 1
			if (text === null || text.length > maxCharacters)
				rows.push({ line, text: null, content: TOO_LONG })
			else if (text.trim() !== '') rows.push({ line, text, content: parseJson(text) })
		}
		yield rows
	}
}

function parseJson(text: string): RawRow['content'] {
	try {
		return { value: JSON.parse(text) as unknown }
	} catch {
		return { kind: 'broken', problem: 'not JSON' }
	}
}

async function* readCsvRows(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
	columns: CheckColumns | undefined,
): AsyncGenerator<RawRow[]> {
	const reader = new CsvReader(name, columns)
	for await (const lines of readLines(chunks)) yield reader.push(lines)
	yield reader.end()
}
