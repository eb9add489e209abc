// The titles of a list that a person pastes or opens: lines, CSV with a column of titles, JSON Lines or a JSON array. Pure.
import { readTitle } from '../title-text.ts'

/** More would not fit a page's memory with their suggestions. */
export const MAX_TITLES = 100_000

export interface TitleList {
	/** As they are asked, without empty ones. */
	readonly titles: readonly string[]
	readonly form: 'lines' | 'CSV' | 'JSON'
	/** Rows that have no title, or can't be read. */
	readonly unreadable: number
	/** Titles beyond {@link MAX_TITLES}, which are left out. */
	readonly surplus: number
}

/** What columns and fields with the title are called, the first that is there. */
const NAMES = ['title', 'titles', 'headline', 'text'] as const
const DELIMITERS = [',', ';', '\t'] as const

/** The text of a file in UTF-8, or in UTF-16 with its mark, as spreadsheets write it. */
export function decodeFile(bytes: Uint8Array): string {
	const encoding =
		bytes[0] === 0xff && bytes[1] === 0xfe
			? 'utf-16le'
			: bytes[0] === 0xfe && bytes[1] === 0xff
				? 'utf-16be'
				: 'utf-8'
	return new TextDecoder(encoding).decode(bytes)
}

export function readTitleList(text: string): TitleList {
	const whole = text.replace(/^\uFEFF/, '')
	const found = readJson(whole) ?? readCsv(whole) ?? readLines(whole)
	const titles = found.values.map((value) => readTitle(value).title.trim()).filter(Boolean)
	return {
		titles: titles.slice(0, MAX_TITLES),
		form: found.form,
		unreadable: found.unreadable,
		surplus: Math.max(0, titles.length - MAX_TITLES),
	}
}

interface Found {
	readonly form: TitleList['form']
	readonly values: readonly string[]
	readonly unreadable: number
}

function readLines(text: string): Found {
	return { form: 'lines', values: text.split(/\r\n|\r|\n/), unreadable: 0 }
}

/** @returns null where it is none */
function readJson(text: string): Found | null {
	const start = text.trimStart()[0]
	if (start !== '[' && start !== '{' && start !== '"') return null
	const array = start === '[' ? parse(text) : null
	const rows = Array.isArray(array)
		? array
		: text
				.split(/\r\n|\r|\n/)
				.filter((line) => line.trim() !== '')
				.map(parse)
	const values = rows.map(titleOf)
	const known = values.filter((value) => value !== null)
	// A title may begin with a bracket or a quotation mark.
	if (known.length * 2 < rows.length) return null
	return { form: 'JSON', values: known, unreadable: values.length - known.length }
}

function parse(line: string): unknown {
	try {
		return JSON.parse(line)
	} catch {
		return undefined
	}
}

function titleOf(row: unknown): string | null {
	if (typeof row === 'string') return row
	if (typeof row !== 'object' || row === null) return null
	const fields = row as Readonly<Record<string, unknown>>
	const found = NAMES.map((name) => fields[name]).find((value) => typeof value === 'string')
	return (found as string | undefined) ?? null
}

/** @returns null where the first line has no column of titles */
function readCsv(text: string): Found | null {
	const first = /^[^\r\n]*/.exec(text)?.[0] ?? ''
	for (const delimiter of DELIMITERS) {
		const head = [...readRecords(first, delimiter)][0]?.map((name) => name.trim().toLowerCase())
		const column = NAMES.map((name) => head?.indexOf(name) ?? -1).find((at) => at >= 0)
		if (column === undefined) continue
		const [, ...rows] = readRecords(text, delimiter)
		const values = rows.map((row) => row[column]?.trim() ?? '')
		const known = values.filter(Boolean)
		return { form: 'CSV', values: known, unreadable: values.length - known.length }
	}
	return null
}

/** RFC 4180, without empty lines. A quote that is never closed is a character like others: it swallows no other rows. */
function* readRecords(text: string, delimiter: string): Generator<string[]> {
	const field = new RegExp(
		`(?:"((?:[^"]|"")*)"(?=[${delimiter}\\r\\n]|$)|([^${delimiter}\\r\\n]*))(${delimiter}|\\r\\n|\\r|\\n|$)`,
		'gy',
	)
	let record: string[] = []
	while (field.lastIndex < text.length) {
		const [, quoted, plain = '', end] = field.exec(text) ?? []
		record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
		if (end === delimiter) continue
		if (record.length > 1 || record[0] !== '') yield record
		record = []
	}
	if (record.length > 0) yield record
}
