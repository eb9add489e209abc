// A row of a file before anybody asks what it means: its place, its text, and its value where it has one.

/** A row as the file has it, before anybody asks what it means. */
export interface RawRow {
	/** Where it begins, from 1. */
	readonly line: number
	/** Null where it is too long to keep. */
	readonly text: string | null
	/** What it says, or why that can't be told. */
	readonly content: { readonly value: unknown } | Broken
}

export interface Broken {
	readonly kind: 'broken'
	readonly problem: string
}
