// Splits the bytes of a file of posts into rows: JSON Lines, or CSV whose header names the columns.
import { pipeline, Readable } from 'node:stream'
import { type Info, parse as parseCsv } from 'csv-parse'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { Post } from '../../../src/shared/post.ts'
import type { Layout } from './post-file.ts'

/** A post's text fields are far below: what is longer is no line of a dump, and must not fill the memory. */
const MAX_LINE_BYTES = 32 << 20

const NEWLINE = 10
const BYTE_ORDER_MARK = /^\uFEFF/
const CSV_ROWS_TOGETHER = 500
const COLUMNS = Object.keys(Post.entries)

/** A row and its line, from 1 (in CSV the line on which it ends); or what is wrong with that line. */
export type Row =
	| { readonly line: number; readonly value: unknown }
	| { readonly line: number; readonly problem: string }

/**
 * Yields the rows of each piece of the file together: a promise for each row would cost more than the row.
 *
 * @throws AppError `bad-data` where the header of a CSV file lacks a column
 */
export function readRows(
	chunks: AsyncIterable<Uint8Array>,
	layout: Layout,
	name: string,
): AsyncGenerator<Row[]> {
	return layout === 'csv' ? readCsvRows(chunks, name) : readJsonRows(chunks)
}

async function* readJsonRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Row[]> {
	let line = 0
	for await (const lines of readLines(chunks)) {
		const rows: Row[] = []
		for (const text of lines) {
			line += 1
			if (text === null) rows.push({ line, problem: `longer than ${MAX_LINE_BYTES} bytes` })
			else if (text !== '') rows.push(parseJsonRow(text, line))
		}
		yield rows
	}
}

function parseJsonRow(text: string, line: number): Row {
	try {
		return { line, value: JSON.parse(text) as unknown }
	} catch {
		return { line, problem: 'not JSON' }
	}
}

/** Lines without their ends (LF or CRLF) and without a byte order mark; null stands for a line that is too long. */
async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<(string | null)[]> {
	// The begin of a line whose end has not come yet.
	let held: Uint8Array[] = []
	let heldBytes = 0
	let isFirst = true
	const split = (bytes: Uint8Array[]): string[] => {
		const text = Buffer.concat(bytes).toString('utf8')
		const lines = (isFirst ? text.replace(BYTE_ORDER_MARK, '') : text).split('\n')
		isFirst = false
		return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
	}
	for await (const chunk of chunks) {
		const first = chunk.indexOf(NEWLINE)
		const last = chunk.lastIndexOf(NEWLINE)
		if (first >= 0) {
			const isTooLong = heldBytes + first > MAX_LINE_BYTES
			if (!isTooLong) yield split([...held, chunk.subarray(0, last)])
			else if (first === last) yield [null]
			else yield [null, ...split([chunk.subarray(first + 1, last)])]
			held = []
			heldBytes = 0
		}
		heldBytes += chunk.length - (last + 1)
		// Past the limit the bytes are only counted.
		if (heldBytes <= MAX_LINE_BYTES) held.push(chunk.subarray(last + 1))
	}
	if (heldBytes > 0) yield heldBytes > MAX_LINE_BYTES ? [null] : split(held)
}

async function* readCsvRows(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
): AsyncGenerator<Row[]> {
	// csv-parse tells of broken rows apart from the good ones; both go out together.
	const broken: Row[] = []
	const parser = pipeline(
		Readable.from(chunks, { objectMode: false }),
		parseCsv({
			bom: true,
			columns: (header: string[]) => checkHeader(header, name),
			info: true,
			max_record_size: MAX_LINE_BYTES,
			skip_empty_lines: true,
			skip_records_with_error: true,
			on_skip: (error) => {
				broken.push({ line: Number(error?.lines ?? 0), problem: errorMessage(error) })
				return undefined
			},
		}),
		// The loop below meets the error too.
		() => {},
	)
	let rows: Row[] = []
	for await (const item of parser) {
		const { record, info } = item as { record: Record<string, string>; info: Info }
		rows.push({ line: info.lines, value: record })
		if (rows.length < CSV_ROWS_TOGETHER) continue
		yield [...broken.splice(0), ...rows]
		rows = []
	}
	yield [...broken, ...rows]
}

function checkHeader(header: readonly string[], name: string): string[] {
	const names = header.map((column) => column.trim())
	const missing = COLUMNS.filter((column) => !names.includes(column))
	if (missing.length > 0)
		throw new AppError(
			'bad-data',
			`header of ${name} lacks ${missing.join(', ')}; its first row must name the columns ${COLUMNS.join(', ')}`,
		)
	return names
}
