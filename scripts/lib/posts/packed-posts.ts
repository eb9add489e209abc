// Posts as a single SQL argument: one after the other in columns of fixed width, and each title behind its length. SQLite takes
// half as long to read it as it takes for JSON, and so does writing it here.
import { storableText } from './json-argument.ts'
import type { DatedPost } from './parse-row.ts'

/** Where each column ends. The schema of a post bounds what stands in them. */
const [ID, SUBREDDIT, CREATED, SCORE, COMMENTS, OVER_18, RETRIEVED, SIZE] = [
	13, 63, 73, 90, 106, 107, 117, 122,
]
const TITLE_BYTES = 80
const [SPACE, ZERO, MINUS] = [32, 48, 45]

const number = (from: number, end: number) =>
	`cast(substr(?1, at + ${from}, ${end - from}) AS INTEGER)`
const name = (from: number, end: number) =>
	`rtrim(cast(substr(?1, at + ${from}, ${end - from}) AS TEXT))`
const sizeAt = (at: string) =>
	`cast(substr(?1, ${at} + ${RETRIEVED}, ${SIZE - RETRIEVED}) AS INTEGER)`

/** Selects the posts of argument 1. */
export const UNPACK_POSTS = `WITH RECURSIVE places (at, size) AS (
		SELECT 1, ${sizeAt('1')} WHERE length(?1) > 0
		UNION ALL SELECT at + ${SIZE} + size, ${sizeAt(`at + ${SIZE} + size`)} FROM places
		WHERE at + ${SIZE} + size < length(?1))
	SELECT ${name(0, ID)} AS id, ${number(SUBREDDIT, CREATED)} AS created_utc, ${name(ID, SUBREDDIT)} AS subreddit,
	cast(substr(?1, at + ${SIZE}, size) AS TEXT) AS title, ${number(CREATED, SCORE)} AS score,
	${number(SCORE, COMMENTS)} AS num_comments, ${number(COMMENTS, OVER_18)} AS over_18,
	nullif(${number(OVER_18, RETRIEVED)}, -1) AS retrieved_utc FROM places`

export function packPosts(posts: readonly DatedPost[]): Uint8Array {
	let bytes = Buffer.allocUnsafe(posts.length * (SIZE + TITLE_BYTES))
	let at = 0
	for (const post of posts) {
		const end = at + SIZE + post.title.length * 3
		if (end > bytes.length) bytes = Buffer.concat([bytes.subarray(0, at)], end * 2)
		at = packPost(bytes, at, post)
	}
	return bytes.subarray(0, at)
}

/** @returns where the next one begins */
function packPost(bytes: Buffer, at: number, post: DatedPost): number {
	const start = at + SIZE
	bytes.fill(SPACE, at, start)
	bytes.write(post.id, at, 'latin1')
	bytes.write(post.subreddit, at + ID, 'latin1')
	writeNumber(bytes, post.created_utc, at + CREATED)
	writeNumber(bytes, post.score, at + SCORE)
	writeNumber(bytes, post.num_comments, at + COMMENTS)
	writeNumber(bytes, post.over_18 ? 1 : 0, at + OVER_18)
	writeNumber(bytes, post.retrieved_utc ?? -1, at + RETRIEVED)
	// Half a surrogate pair becomes U+FFFD here. A NUL would cut the text off where SQLite reads it.
	const title = post.title.includes('\0') ? storableText(post.title) : post.title
	const size = bytes.write(title, start, 'utf8')
	writeNumber(bytes, size, start)
	return start + size
}

/** @param end behind the last digit */
function writeNumber(bytes: Uint8Array, value: number, end: number): void {
	let rest = Math.abs(value)
	let at = end
	do {
		const digit = rest % 10
		at -= 1
		bytes[at] = ZERO + digit
		rest = (rest - digit) / 10
	} while (rest > 0)
	if (value < 0) bytes[at - 1] = MINUS
}
