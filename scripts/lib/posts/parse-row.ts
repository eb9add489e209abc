// Turns a row of a dump (of any year and layout), of a table made from one, or of Reddit's API into a post, a post that is
// left out, or a broken row.
import * as v from 'valibot'
import { isBlank, isNothing, isSaid, readNumber, readYesNo } from './field-values.ts'
import { Post } from './post.ts'
import type { Broken } from './raw-row.ts'
import { isDeleted, REMOVAL_FIELDS, readSecondReading, type SecondReading } from './removal.ts'
import { readTime } from './times.ts'

/** A post, and when it was read from Reddit (Unix seconds); null where the source does not say. */
export interface DatedPost extends Post {
	readonly retrieved_utc: number | null
}

/** What is stored of a post: its score only decides whether it is chosen. */
export type KeptPost = Omit<DatedPost, 'score'>

/** Why a valid row is left out. */
export const LEFT_OUT = {
	over18: 'marked over 18',
	deleted: 'deleted or removed',
	profile: "on a user's profile",
	advert: 'adverts',
} as const
export type LeftOut = keyof typeof LEFT_OUT

/** No row that is left out yet. */
export const NONE_LEFT_OUT: Readonly<Record<LeftOut, number>> = {
	over18: 0,
	deleted: 0,
	profile: 0,
	advert: 0,
}

export interface ParseRowOptions {
	/** Whether posts marked over 18 are taken too. */
	readonly over18: boolean
}

/** What a row is. */
export type PostRow =
	| { readonly kind: 'post'; readonly post: DatedPost }
	| { readonly kind: 'left out'; readonly reason: LeftOut; readonly withdrawal: Withdrawal | null }
	| Broken

/** A left-out row whose post may already be in the database. */
export interface Withdrawal {
	readonly id: string
	readonly retrieved_utc: number | null
	readonly reason: LeftOut
}

type Fields = Readonly<Record<string, unknown>>

/** Applies the same rules wherever the row comes from. The problem of a broken row names the field that is wrong. */
export function parseRow(row: unknown, { over18 }: ParseRowOptions): PostRow {
	if (typeof row !== 'object' || row === null || Array.isArray(row)) return broken('not an object')
	const fields = row as Fields
	const second = readSecondReading(fields)
	if (isDeleted(fields, second)) return leaveOut('deleted', fields, second)
	if (isAdvert(fields)) return leaveOut('advert', fields, second)
	if (isOnProfile(fields)) return leaveOut('profile', fields, second)
	const post = parsePost(fields)
	if (typeof post === 'string') return broken(post)
	if (post.over_18 && !over18) return leaveOut('over18', fields, second)
	return { kind: 'post', post: { ...post, retrieved_utc: retrievedUtc(fields, second) } }
}

function leaveOut(reason: LeftOut, fields: Fields, second: SecondReading): PostRow {
	const id = v.safeParse(Post.entries.id, readId(fields))
	const retrieved_utc = retrievedUtc(fields, second)
	return {
		kind: 'left out',
		reason,
		withdrawal: id.success ? { id: id.output, retrieved_utc, reason } : null,
	}
}

function broken(problem: string): Broken {
	return { kind: 'broken', problem }
}

/** Fields that only adverts have, whatever they say; until 2017 adverts were in no subreddit. */
export const FIELDS_OF_ADVERTS = [
	'promoted',
	'promoted_by',
	'adserver_click_url',
	'third_party_tracking',
]

/** All fields that are looked at of a row that has an id, a title and a subreddit. */
export const ROW_FIELDS: readonly string[] = [
	...['id', 'created_utc', 'created', 'subreddit', 'subreddit_type', 'title', 'score'],
	...['over_18', 'over18', 'nsfw', 'is_nsfw', 'retrieved_on', 'retrieved_utc'],
	...FIELDS_OF_ADVERTS,
	...REMOVAL_FIELDS,
]

function isAdvert(fields: Fields): boolean {
	if (isSaid(fields.promoted)) return true
	return isBlank(fields.subreddit) && FIELDS_OF_ADVERTS.some((name) => fields[name] !== undefined)
}

function isOnProfile(fields: Fields): boolean {
	return (
		fields.subreddit_type === 'user' || isProfile(String(readSubreddit(fields.subreddit) ?? ''))
	)
}

/** @returns the post, or what is wrong with it */
function parsePost(fields: Fields): Post | string {
	const { success, output, issues } = v.safeParse(Post, coerceFields(fields), { abortEarly: true })
	return success ? output : describeProblem(fields, issues[0])
}

function describeProblem(fields: Fields, issue: v.BaseIssue<unknown>): string {
	if (isComment(fields)) return 'a comment, not a post'
	const holder = isBlank(fields.title) && isBlank(fields.id) ? findHolder(fields) : undefined
	if (holder)
		return `not a post, but what holds some in ${JSON.stringify(holder)}; give those alone`
	const name = String(v.getDotPath(issue))
	const value = fields[name]
	if (isNothing(value)) return `${name}: is missing`
	const text = JSON.stringify(value)
	return `${name}: ${issue.message}; got ${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}`
}

const SHOWN = 60

function findHolder(fields: Fields): string | undefined {
	return Object.keys(fields).find((key) => typeof fields[key] === 'object' && fields[key] !== null)
}

function isComment({ id, name, body, title }: Fields): boolean {
	return isBlank(title) && (/^t1_/.test(String(name ?? id)) || typeof body === 'string')
}

/** Dumps of some years write times as text or with a fraction, ids with their kind, and leave out what was not known. */
function coerceFields(fields: Fields): Record<keyof Post, unknown> {
	const { title } = fields
	return {
		id: readId(fields),
		created_utc: readTime(isNothing(fields.created_utc) ? fields.created : fields.created_utc),
		subreddit: readSubreddit(fields.subreddit),
		// A table of numbers and titles makes a number of the title 2012.
		title: typeof title === 'number' && !Number.isNaN(title) ? String(title) : title,
		// It only decides what --min-score takes, so what can't be read counts as nothing.
		score: Math.round(readNumber(fields.score) ?? 0),
		over_18: readYesNo(fields.over_18 ?? fields.over18 ?? fields.nsfw ?? fields.is_nsfw),
	}
}

const PLAIN_ID = /^[0-9a-z]+$/

/** Without its kind, as in `t3_1a2b`. Tables make a number of an id that has only digits. */
function readId({ id, name }: Fields): unknown {
	const value = isBlank(id) ? name : id
	if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : value
	if (typeof value !== 'string' || PLAIN_ID.test(value)) return value
	const text = value.trim()
	return text.startsWith('t3_') ? text.slice(3) : text.replace(/^(\d+)\.0+$/, '$1')
}

/** A user's profile has a name like `u_name`, and is no subreddit. */
export function isProfile(name: string): boolean {
	return /^u_/i.test(name)
}

const PLAIN_NAME = /^\w+$/
const ADDRESS =
	/^(?:(?:https?:\/\/)?(?:[a-z]+\.)?reddit\.com)?\/?(?:r\/|(?<user>u(?:ser)?\/))(?<name>[^/?#]+)\/?$/i
const PRAW_OBJECT = /^Subreddit\(display_name=(["'])(?<name>.+)\1\)$/

/** `pics`, `r/pics`, `/r/pics/`, an address, or an object of PRAW as Python prints it; `u/name` is the profile `u_name`. */
function readSubreddit(value: unknown): unknown {
	if (typeof value !== 'string' || PLAIN_NAME.test(value)) return value
	const text = value.trim()
	const { user, name } = (ADDRESS.exec(text) ?? PRAW_OBJECT.exec(text))?.groups ?? {}
	return name === undefined ? text : user === undefined ? name : `u_${name}`
}

/** Pushshift says in `retrieved_on` when it read a row; Arctic Shift also says when it read it again. */
function retrievedUtc(fields: Fields, second: SecondReading): number | null {
	const first = later(readTime(fields.retrieved_on), readTime(fields.retrieved_utc))
	return later(first, readTime(second.retrieved))
}

function later(a: number | null, b: number | null): number | null {
	return a === null || (b !== null && b > a) ? b : a
}
