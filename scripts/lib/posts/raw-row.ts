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

/** The value of a row that is JSON, or nearly: Python writes NaN, and lines cut from an array end with a comma. */
export function parseJson(text: string): RawRow['content'] {
	try {
		return { value: JSON.parse(text) as unknown }
	} catch {
		return parseNearlyJson(text)
	}
}

const NO_JSON_NUMBER = /\b(?:NaN|Infinity)\b/
const STRINGS_AND_NUMBERS = /"(?:[^"\\]+|\\.)*"|-?\b(?:NaN|Infinity)\b/g

function parseNearlyJson(text: string): RawRow['content'] {
	const withoutComma = text.replace(/,\s*$/, '')
	const repaired = NO_JSON_NUMBER.test(withoutComma)
		? withoutComma.replace(STRINGS_AND_NUMBERS, (found) => (found[0] === '"' ? found : 'null'))
		: withoutComma
	try {
		return { value: JSON.parse(repaired) as unknown }
	} catch {
		const isPython = /^\s*\{'/.test(text)
		const problem = isPython
			? 'not JSON but as Python prints it; write it with json.dumps'
			: 'not JSON'
		return { kind: 'broken', problem }
	}
}
