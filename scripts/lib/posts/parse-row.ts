// Turns a row of a dump (of any year and layout) or of Reddit's API into a post, a post that is left out, or a broken row.
import * as v from 'valibot'
import { Post } from './post.ts'
import type { Broken } from './raw-row.ts'

/** A post, and when it was read from Reddit (Unix seconds); null where the source does not say. */
export interface DatedPost extends Post {
	readonly retrieved_utc: number | null
}

/** Why a valid row is left out. */
export const LEFT_OUT = {
	over18: 'marked over 18',
	deleted: 'deleted or removed',
} as const
export type LeftOut = keyof typeof LEFT_OUT

const NO_TEXT = new Set<unknown>(['[deleted]', '[removed]', '[deleted by user]'])

export interface ParseRowOptions {
	/** Whether posts marked over 18 are taken too. */
	readonly over18: boolean
}

/** What a row is. */
export type PostRow =
	| { readonly kind: 'post'; readonly post: DatedPost }
	| { readonly kind: 'left out'; readonly reason: LeftOut; readonly withdrawal: Withdrawal | null }
	| Broken

/** Applies the same rules wherever the row comes from. The problem of a broken row names the field that is wrong. */
export function parseRow(row: unknown, { over18 }: ParseRowOptions): PostRow {
	if (typeof row !== 'object' || row === null || Array.isArray(row))
		return { kind: 'broken', problem: 'not an object' }
	const fields = row as Record<string, unknown>
	if (isDeleted(fields)) return leaveOut(fields, 'deleted')
	const post = parsePost(fields)
	if (typeof post === 'string') return { kind: 'broken', problem: post }
	if (post.over_18 && !over18) return leaveOut(fields, 'over18')
	return { kind: 'post', post: { ...post, retrieved_utc: retrievedUtc(fields) } }
}

/** A left-out row whose post may already be in the database. */
export interface Withdrawal {
	readonly id: string
	readonly retrieved_utc: number | null
	readonly reason: LeftOut
}

function leaveOut(fields: Record<string, unknown>, reason: LeftOut): PostRow {
	const id = v.safeParse(Post.entries.id, coerceFields(fields).id)
	const withdrawal = id.success
		? { id: id.output, retrieved_utc: retrievedUtc(fields), reason }
		: null
	return { kind: 'left out', reason, withdrawal }
}

/** @returns the post, or what is wrong with it */
// Most rows match the contract as they are; only the others are converted first.
function parsePost(fields: Record<string, unknown>): Post | string {
	const plain = v.safeParse(Post, fields, { abortEarly: true })
	if (plain.success) return plain.output
	const { success, output, issues } = v.safeParse(Post, coerceFields(fields), { abortEarly: true })
	if (success) return output
	return `${v.getDotPath(issues[0])}: ${issues[0].message}`
}

/**
 * Reddit replaces the text of a post that a moderator removed by "[removed]", and says who did it in a field of its own.
 * The title often stays, but it is then no good example of what belongs in the subreddit.
 */
function isDeleted(fields: Record<string, unknown>): boolean {
	return (
		NO_TEXT.has(fields.title) ||
		NO_TEXT.has(fields.selftext) ||
		(typeof fields.removed_by_category === 'string' && fields.removed_by_category !== '')
	)
}

/** CSV has only strings; dumps of some years write times as strings or with a fraction, and ids with their kind. */
function coerceFields(fields: Record<string, unknown>): Record<string, unknown> {
	const { id } = fields
	return {
		...fields,
		id: typeof id === 'string' ? id.replace(/^t3_/, '') : id,
		created_utc: wholeSeconds(fields.created_utc),
		score: toNumber(fields.score),
		num_comments: notNegative(toNumber(fields.num_comments)),
		over_18: toBoolean(fields.over_18),
	}
}

function toNumber(value: unknown): unknown {
	return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
}

// Some of Reddit's own counts of comments are negative.
function notNegative(value: unknown): unknown {
	return typeof value === 'number' ? Math.max(0, value) : value
}

function wholeSeconds(value: unknown): unknown {
	const number = toNumber(value)
	return typeof number === 'number' ? Math.floor(number) : number
}

function toBoolean(value: unknown): unknown {
	if (typeof value !== 'string') return value
	if (/^(true|1)$/i.test(value)) return true
	return /^(false|0)$/i.test(value) ? false : value
}

/** Pushshift says in `retrieved_on` when it read a row; Arctic Shift also says when it read it again. */
function retrievedUtc(fields: Record<string, unknown>): number | null {
	const meta = fields._meta as Record<string, unknown> | undefined
	const times = [fields.retrieved_on, fields.retrieved_utc, meta?.retrieved_2nd_on]
		.map(wholeSeconds)
		.filter((time) => typeof time === 'number' && Number.isSafeInteger(time) && time > 0)
	return times.length > 0 ? Math.max(...(times as number[])) : null
}
