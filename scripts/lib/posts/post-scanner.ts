// Reads of a line of a dump what a post is made of.
import { ROW_FIELDS } from './parse-row.ts'
import { LONGEST_NOTICE } from './removal.ts'
import { createRowScanner, type ScanLines } from './scan-row.ts'

const FIELDS = {
	...(Object.fromEntries(ROW_FIELDS.map((name) => [name, 'any'])) as Record<string, 'any'>),
	// Only whether it is the notice of a removal.
	selftext: 'short',
} as const

/**
 * Reads the fields of posts; null for a line that is to be parsed whole, as where one of those is missing that each post has.
 */
export async function createPostScanner(): Promise<ScanLines> {
	const scan = await createRowScanner(FIELDS, LONGEST_NOTICE)
	return (block, take) =>
		scan(block, (row: Readonly<Record<string, unknown>> | null, start, end) => {
			const { id, title, subreddit, created_utc: created } = row ?? {}
			take(id && title && subreddit && created ? row : null, start, end)
		})
}
