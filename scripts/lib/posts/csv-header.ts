// The first row of a table: what separates its columns, and which they are.

const DELIMITERS = [',', ';', '\t', '|']
const COLUMN = /^[\p{L}_][\p{L}\p{N}_ .:-]*$/u
/** What tables of posts or subreddits have at the least. */
const TELLING = /^(?:id|name|title|subreddit|display_?name)$/i

/** Of several delimiters the one that makes most columns; spreadsheets name it in a line before the header. */
export function findDelimiter(line: string): string {
	const counts = DELIMITERS.map((delimiter) => splitHeader(line, delimiter).length)
	return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ','
}

/** `sep=;`, which Excel reads and writes before the header. */
export function namedDelimiter(line: string): string | null {
	return /^"?sep=(.)"?\s*$/i.exec(line)?.[1] ?? null
}

/** Whether a line may be the header of a table of posts or subreddits. */
export function looksLikeHeader(line: string): boolean {
	if (namedDelimiter(line) !== null) return true
	const columns = splitHeader(line, findDelimiter(line)).filter((column) => column !== '')
	return (
		columns.length >= 2 &&
		columns.every((column) => COLUMN.test(column)) &&
		columns.some((column) => TELLING.test(column))
	)
}

/** `Created UTC` → `created_utc`. */
export function canonicalColumn(column: string): string {
	return column
		.trim()
		.toLowerCase()
		.replaceAll(/[\s-]+/g, '_')
}

function splitHeader(line: string, delimiter: string): string[] {
	return line.split(delimiter).map((column) => column.trim().replace(/^"(.*)"$/, '$1'))
}
