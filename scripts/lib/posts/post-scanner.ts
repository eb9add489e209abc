// Reads of a line of a dump what a post is made of.
import { ROW_FIELDS } from './parse-row.ts'
import { LONGEST_NOTICE } from './removal.ts'
import { createRowScanner } from './scan-row.ts'

const FIELDS = {
	...(Object.fromEntries(ROW_FIELDS.map((name) => [name, 'any'])) as Record<string, 'any'>),
	// Only whether it is the notice of a removal.
	selftext: 'short',
} as const

/** The fields of a post; null where the line is to be parsed whole, as where one of those is missing that each post has. */
export type ScanLine = (bytes: Buffer, start: number, end: number) => object | null

export function createPostScanner(): ScanLine {
	const scan = createRowScanner(FIELDS, LONGEST_NOTICE)
	return (bytes, start, end) => {
		const row: Readonly<Record<string, unknown>> | null = scan(bytes, start, end)
		const { id, title, subreddit, created_utc: created } = row ?? {}
		return id && title && subreddit && created ? row : null
	}
}
