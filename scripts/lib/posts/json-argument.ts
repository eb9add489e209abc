// Rows as one argument of a statement that takes them apart with json_each.

/**
 * JSON text of rows, without what JSON can spell and SQLite can't keep; in its place stands U+FFFD. Half a surrogate
 * pair would be stored as bytes that are no UTF-8, and the database's library ends the whole process when it reads
 * such a row. A NUL would cut the text off.
 */
export function formatJsonArgument(rows: unknown): string {
	const json = JSON.stringify(rows)
	// JSON.stringify writes only these as \ud… and \u0000; a backslash within a text only costs a second look.
	return json.includes('\\ud') || json.includes('\\u0000') ? JSON.stringify(rows, replace) : json
}

function replace(_: string, value: unknown): unknown {
	return typeof value === 'string' ? value.replace(/\p{Surrogate}|\0/gu, '\ufffd') : value
}
