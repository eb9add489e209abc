// A row of a file before it is interpreted: its line number, its text, and its value if it could be parsed.

/** A row as the file has it, before it is interpreted. */
export interface RawRow {
	/** The line on which it begins, from 1. */
	readonly line: number
	/** Null where it is too long to keep. */
	readonly text: string | null
	/** The parsed value, or why it could not be parsed. */
	readonly content: { readonly value: unknown } | Broken
}

export interface Broken {
	readonly kind: 'broken'
	readonly problem: string
}
