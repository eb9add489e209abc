// Reads of a line of a dump what a post is made of.
import { FIELDS_OF_ADVERTS, ROW_FIELDS } from './parse-row.ts'
import { LONGEST_NOTICE, REMOVAL_FIELDS } from './removal.ts'
import {
	createRowScanner,
	type FieldRole,
	type ScanLines,
	type TakeLine,
	type TakePacked,
} from './scan-row.ts'

const FIELDS = {
	...(Object.fromEntries(ROW_FIELDS.map((name) => [name, 'any'])) as Record<string, 'any'>),
	// Only whether it is the notice of a removal.
	selftext: 'short',
} as const

const withRole = (names: readonly string[], role: FieldRole) =>
	Object.fromEntries(names.map((name) => [name, role]))

const ROLES: Readonly<Record<string, FieldRole>> = {
	...withRole([...FIELDS_OF_ADVERTS, ...REMOVAL_FIELDS], 'sign'),
	...withRole(['created', 'over18', 'nsfw', 'is_nsfw'], 'spare'),
	...withRole(['retrieved_on', 'retrieved_utc'], 'retrieved'),
	id: 'id',
	created_utc: 'created',
	subreddit: 'subreddit',
	subreddit_type: 'kind',
	title: 'title',
	score: 'score',
	over_18: 'over18',
	is_robot_indexable: 'indexable',
	selftext: 'body',
	_meta: 'secondReading',
	retrieved_2nd_on: 'retrievedAgain',
}

/**
 * Reads the fields of posts; null for a line that is to be parsed whole, as where one of those is missing that each post has.
 * Packs ordinary posts, of which there is nothing to decide, where it is told what to do with them.
 */
export async function createPostScanner(): Promise<ScanLines> {
	const scan = await createRowScanner(FIELDS, { shortBytes: LONGEST_NOTICE, roles: ROLES })
	const scanPosts = (block: Uint8Array, take: TakeLine<object>, takePacked?: TakePacked) =>
		scan(
			block,
			(row: Readonly<Record<string, unknown>> | null, start, end) => {
				const { id, title, subreddit, created_utc: created } = row ?? {}
				take(id && title && subreddit && created ? row : null, start, end)
			},
			takePacked,
		)
	return Object.assign(scanPosts, { space: scan.space })
}
