// Splits the bytes of a file of posts into rows: JSON Lines, or CSV whose header names the columns.
import { CsvReader } from './csv-rows.ts'
import { readLines } from './lines.ts'
import type { Row } from './parse-row.ts'
import type { Layout } from './post-file.ts'

/**
 * The rows of each piece of the file together.
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
			if (text === null) rows.push({ line, problem: 'line is too long' })
			else if (text !== '' && text !== '\r') rows.push(parseJsonRow(text, line))
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

async function* readCsvRows(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
): AsyncGenerator<Row[]> {
	const reader = new CsvReader(name)
	for await (const lines of readLines(chunks)) yield reader.push(lines)
	yield reader.end()
}
