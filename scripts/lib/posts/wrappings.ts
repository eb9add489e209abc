// Rows inside of what Reddit's API, the archives' APIs and Elasticsearch put around them.
import type { RawRow } from './raw-row.ts'

type Fields = Readonly<Record<string, unknown>>

const REDDIT_THING = /^(?:t[1-6]|Listing)$/

/** The row itself, or the rows that it holds: as they came, with the line of what holds them. */
export function* unwrapRow(row: RawRow): Generator<RawRow> {
	if (!('value' in row.content) || !isWrapping(row.content.value)) {
		yield row
		return
	}
	for (const value of unwrapValue(row.content.value))
		yield { line: row.line, text: JSON.stringify(value), content: { value } }
}

function* unwrapValue(value: unknown): Generator<unknown> {
	const inside = isWrapping(value) ? insideOf(value) : null
	if (inside === null) yield value
	else for (const one of inside) yield* unwrapValue(one)
}

/** Something that can't be a row: without a name, a title and an id, and with only the keys of a wrapping. */
function isWrapping(value: unknown): value is Fields {
	return isObject(value) && !('id' in value || 'title' in value) && insideOf(value) !== null
}

function insideOf({ kind, data, _source: source }: Fields): readonly unknown[] | null {
	if (isObject(source)) return [source]
	if (Array.isArray(data)) return data
	if (!isObject(data) || !REDDIT_THING.test(String(kind))) return null
	return Array.isArray(data.children) ? data.children : [data]
}

function isObject(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
}
