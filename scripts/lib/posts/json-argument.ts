// Rows as one argument of a statement that takes them apart with json_each.

/**
 * JSON text of rows. Halves of surrogate pairs become U+FFFD: JSON can spell them, so titles from a dump or an API may
 * hold them, SQLite stores them as bytes that are no UTF-8, and the database's library then ends the whole process
 * when such a row is read.
 */
export function formatJsonArgument(rows: unknown): string {
	const json = JSON.stringify(rows)
	// Half a pair is the only thing that JSON.stringify writes as \ud…; a backslash in a text only costs a second look.
	return json.includes('\\ud') ? JSON.stringify(rows, replaceHalfPairs) : json
}

function replaceHalfPairs(_: string, value: unknown): unknown {
	return typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value
}
