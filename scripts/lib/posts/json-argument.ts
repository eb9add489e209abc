// Rows as a single SQL argument, which the statement unpacks with json_each.

/**
 * JSON text of the rows. Characters that JSON can express but SQLite cannot store become U+FFFD: half a surrogate pair
 * would be stored as invalid UTF-8, and the database's library ends the whole process when it reads such a row; a NUL
 * would cut the text off.
 */
export function formatJsonArgument(rows: unknown): string {
	const json = JSON.stringify(rows)
	// JSON.stringify escapes only these as \ud… and \u0000. A text that contains those letters only costs a second pass.
	return json.includes('\\ud') || json.includes('\\u0000') ? JSON.stringify(rows, replace) : json
}

/** The same of one text. */
export function storableText(text: string): string {
	return text.replace(/\p{Surrogate}|\0/gu, '\ufffd')
}

function replace(_: string, value: unknown): unknown {
	return typeof value === 'string' ? storableText(value) : value
}
