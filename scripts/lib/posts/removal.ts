// How rows say that their post was deleted or removed: by its text, by fields of Reddit, and by those of the archives.
import { isNothing, isSaid, readYesNo } from './field-values.ts'

type Fields = Readonly<Record<string, unknown>>

/** What Reddit puts in the place of a title or a body, also with a link to its policy; some programs escape brackets. */
const NOTICE =
	/^\s*\\?\[\s*(?:deleted|removed)(?:\s+by\s(?:[^[\]\\]|\[[^\]]*\]\([^)]*\))*)?\s*\\?\]\s*$/i
export const LONGEST_NOTICE = 400

/**
 * Fields that say it: of Reddit's API, of its moderators' view, of Pushshift (`removed`, `spam`), and of tables that were
 * made from those.
 */
const SIGNS = [
	'removed_by_category',
	'removed_by',
	'removed',
	'removal_reason',
	'banned_by',
	'banned_at_utc',
	'spam',
	'deleted',
	'is_deleted',
	'is_removed',
] as const

/**
 * What Arctic Shift found when it read the row again after 36 hours. Tables have the object as text, or a column for each of
 * its fields.
 */
export interface SecondReading {
	readonly wasDeletedLater: boolean
	/** It was removed at first and is there again, with its text; Reddit's own fields are still those from before. */
	readonly wasRestored: boolean
	readonly removalType: unknown
	/** The title that it then had: in practice the notice of a removal. */
	readonly title: unknown
	readonly retrieved: unknown
}

export function readSecondReading(fields: Fields): SecondReading {
	const wasDeletedLater = isSaid(readSecond(fields, 'was_deleted_later'))
	return {
		wasDeletedLater,
		wasRestored: isSaid(readSecond(fields, 'was_initially_deleted')) && !wasDeletedLater,
		removalType: readSecond(fields, 'removal_type'),
		title: readSecond(fields, 'edited_title'),
		retrieved: readSecond(fields, 'retrieved_2nd_on'),
	}
}

function readSecond(fields: Fields, name: SecondField): unknown {
	const { _meta: meta } = fields
	if (typeof meta === 'object' && meta !== null) return (meta as Fields)[name]
	if (typeof meta === 'string') return findInText(meta, name)
	for (const key of FLATTENED[name]) if (!isNothing(fields[key])) return fields[key]
	return undefined
}

type SecondField = keyof typeof FLATTENED

/** The columns that tables have for the fields of `_meta`, as pandas and others flatten it. */
const FLATTENED = {
	was_deleted_later: columnsOf('was_deleted_later'),
	was_initially_deleted: columnsOf('was_initially_deleted'),
	removal_type: columnsOf('removal_type'),
	edited_title: columnsOf('edited_title'),
	retrieved_2nd_on: columnsOf('retrieved_2nd_on'),
}

/** All fields that are looked at here, but for the texts. */
export const REMOVAL_FIELDS = [
	'_meta',
	'is_robot_indexable',
	...SIGNS,
	...Object.values(FLATTENED).flat(),
]

function columnsOf(name: string): string[] {
	return [`_meta.${name}`, `_meta_${name}`, `meta_${name}`, name]
}

// JSON, or Python's way to write a dictionary.
function findInText(text: string, name: string): unknown {
	const pattern = new RegExp(`["']${name}["']\\s*:\\s*(?:"([^"]*)"|'([^']*)'|([\\w.+-]+))`)
	const [, double, single, bare] = pattern.exec(text) ?? []
	return double ?? single ?? bare
}

/**
 * Whether the post is gone. The title often stays, but it is then no good example of what belongs in the subreddit. An author
 * `[deleted]` is no sign alone: the post of a closed account stays where it is.
 */
export function isDeleted(fields: Fields, second: SecondReading): boolean {
	if (isNotice(fields.title) || isNotice(fields.selftext) || isNotice(second.title)) return true
	if (second.wasDeletedLater) return true
	if (second.wasRestored) return false
	// Reddit tells search engines of no post that is gone.
	return (
		isSaid(second.removalType) ||
		SIGNS.some((name) => isSaid(fields[name])) ||
		isDenied(fields.is_robot_indexable)
	)
}

function isDenied(value: unknown): boolean {
	return !isNothing(value) && readYesNo(value) === false
}

function isNotice(text: unknown): boolean {
	return typeof text === 'string' && text.length <= LONGEST_NOTICE && NOTICE.test(text)
}
