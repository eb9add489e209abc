// A row of a list of subreddits, however its maker named and wrote the fields: untrusted JSON or CSV.
import * as v from 'valibot'
import { SubredditName } from '../../../src/shared/schema-parts.ts'
import type { Broken } from '../posts/raw-row.ts'

/** What one row says of a subreddit; null is what it does not say. */
export interface ListRow {
	/** As the list spells it, without `r/`. */
	readonly name: string
	readonly subscribers: number | null
	readonly over18: boolean | null
	readonly description: string | null
	/** Unix seconds, as all times here. */
	readonly asOf: number | null
	readonly created: number | null
}

export type ParsedListRow =
	| { readonly kind: 'subreddit'; readonly row: ListRow }
	| { readonly kind: 'profile' }
	| Broken

type Field = 'name' | 'subscribers' | 'over18' | 'description' | 'asOf' | 'created'

/** Without case, underscores and the like; of several in one row the first here is taken. */
const SPELLINGS: Readonly<Record<Field, string>> = {
	name: 'displayname displaynameprefixed subredditname subreddit subredditdisplayname name subname sub community url',
	subscribers:
		'subscribers subscribercount subscriberscount numsubscribers subscribersnum subredditsubscribers members membercount memberscount nummembers subs',
	over18: 'over18 isover18 over18s nsfw isnsfw adult isadult 18plus mature',
	description: 'publicdescription publicdesc shortdescription description desc about',
	asOf: 'asof retrievedutc retrievedon retrievedat scrapedat crawledat snapshotdate date',
	created: 'createdutc created createdat',
}

/** What a message may call the fields that are looked for. */
export const FIELD_NAMES: Readonly<Record<Exclude<Field, 'created'>, string>> = {
	name: 'display_name',
	subscribers: 'subscribers',
	over18: 'over18',
	description: 'public_description',
	asOf: 'as_of',
}

const FIELD_OF = new Map(
	Object.entries(SPELLINGS).flatMap(([field, spellings]) =>
		spellings
			.split(' ')
			.map((spelling, rank) => [spelling, { field: field as Field, rank }] as const),
	),
)

/** How different sources write that they don't know. */
const UNSAID = new Set(['', ...'null none nan na n/a nil undefined unknown \\n'.split(' ')])
const TRUE = new Set(['true', 't', 'yes', 'y', '1', '1.0', 'on', 'nsfw', '18+'])
const FALSE = new Set(['false', 'f', 'no', 'n', '0', '0.0', 'off', 'sfw'])

const MAX_DESCRIPTION = 20_000
const MAX_TIME = 4_102_444_800
const UNITS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9 }

/** Reads the rows of one list, and remembers which of its fields said something. */
export class ListRowParser {
	/** By the file's name for it: what it was taken for, null where it was passed over. */
	readonly #fields = new Map<string, { readonly field: Field; readonly rank: number } | null>()
	/** Fields whose value was not understood, though the row could be taken: how often, and one of the values. */
	readonly unread = new Map<string, { count: number; example: string }>()

	/** The file's names of fields that were passed over. */
	get unused(): string[] {
		return [...this.#fields].filter(([, known]) => known === null).map(([name]) => name)
	}

	/** The file's names of fields that were taken, beside what they were taken for. */
	get used(): { readonly name: string; readonly field: string }[] {
		return [...this.#fields].flatMap(([name, known]) =>
			known === null || known.field === 'created'
				? []
				: [{ name, field: FIELD_NAMES[known.field] }],
		)
	}

	/** Whether one of the columns names the subreddits. */
	findsName(columns: readonly string[]): boolean {
		return columns.some((column) => this.#fieldOf(column)?.field === 'name')
	}

	parse(value: unknown): ParsedListRow {
		const fields = unwrap(value)
		if (!fields) return broken('row', 'expected an object with the fields of a subreddit')
		const values = this.#sort(fields)
		const name = parseName(values.name?.value)
		if (name === null)
			return broken(
				FIELD_NAMES.name,
				values.name
					? `expected the name of a subreddit, got ${quote(values.name.value)}`
					: 'no field names the subreddit; expected display_name, subreddit or name',
			)
		if (/^u_/i.test(name)) return { kind: 'profile' }
		const subscribers = parseCount(values.subscribers?.value)
		if (subscribers === undefined)
			return broken(
				values.subscribers?.name ?? '',
				`expected a number of subscribers, got ${quote(values.subscribers?.value)}`,
			)
		const over18 = parseBoolean(values.over18?.value)
		if (over18 === undefined)
			return broken(
				values.over18?.name ?? '',
				`expected true or false, got ${quote(values.over18?.value)}`,
			)
		const description = this.#orUnread(values.description, parseText)
		const asOf = this.#orUnread(values.asOf, parseTime)
		const created = this.#orUnread(values.created, parseTime)
		return { kind: 'subreddit', row: { name, subscribers, over18, description, asOf, created } }
	}

	#sort(fields: object): Partial<Record<Field, NamedValue>> {
		const found: Partial<Record<Field, NamedValue & { readonly rank: number }>> = {}
		for (const [name, value] of Object.entries(fields)) {
			const known = this.#fieldOf(name)
			if (!known || isId(name, value)) continue
			const { field, rank } = known
			if (rank < (found[field]?.rank ?? Number.POSITIVE_INFINITY) || isUnsaid(found[field]?.value))
				found[field] = { name, value, rank }
		}
		return found
	}

	#fieldOf(name: string): { readonly field: Field; readonly rank: number } | null {
		const known = this.#fields.get(name)
		if (known !== undefined) return known
		const field = FIELD_OF.get(name.toLowerCase().replace(/[^a-z0-9]/g, '')) ?? null
		this.#fields.set(name, field)
		return field
	}

	#orUnread<T>(
		value: NamedValue | undefined,
		parse: (value: unknown) => T | null | undefined,
	): T | null {
		const parsed = parse(value?.value)
		if (parsed !== undefined || !value) return parsed ?? null
		const before = this.unread.get(value.name)
		this.unread.set(value.name, {
			count: (before?.count ?? 0) + 1,
			example: before?.example ?? quote(value.value),
		})
		return null
	}
}

interface NamedValue {
	/** The file's. */
	readonly name: string
	readonly value: unknown
}

/** Reddit's own answers wrap a subreddit: `{"kind": "t5", "data": {…}}`. */
function unwrap(value: unknown): object | null {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
	if ('kind' in value && value.kind === 't5' && 'data' in value) return unwrap(value.data)
	return value
}

function broken(field: string, problem: string): Broken {
	return { kind: 'broken', problem: `${field}: ${problem}` }
}

function quote(value: unknown): string {
	const text = JSON.stringify(value) ?? 'nothing'
	return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** Reddit calls the id of a subreddit its name. */
function isId(name: string, value: unknown): boolean {
	return name === 'name' && typeof value === 'string' && /^t5_[a-z0-9]+$/.test(value)
}

function isUnsaid(value: unknown): boolean {
	if (value === null || value === undefined) return true
	return typeof value === 'string' && UNSAID.has(value.trim().toLowerCase())
}

/** A name with or without `r/`, or the address of its page; a profile's as `u_name`. */
function parseName(value: unknown): string | null {
	if (typeof value !== 'string') return null
	const path = value.trim().replace(/^https?:\/\/(?:[a-z]+\.)?reddit\.com(?=\/)/i, '')
	const name = path
		.replace(/^\/?r\//i, '')
		.replace(/^\/?(?:u|user)\//i, 'u_')
		.replace(/\/$/, '')
	return v.is(SubredditName, name) ? name : null
}

// The parsers below: null is not said, undefined is said and not understood.

function parseBoolean(value: unknown): boolean | null | undefined {
	if (isUnsaid(value)) return null
	if (typeof value === 'boolean') return value
	const text = String(value).trim().toLowerCase()
	if (TRUE.has(text)) return true
	return FALSE.has(text) ? false : undefined
}

/** Plain, with separators of thousands, or short as in `1.2M`. */
function parseCount(value: unknown): number | null | undefined {
	if (isUnsaid(value) || Number.isNaN(value)) return null
	if (typeof value !== 'number' && typeof value !== 'string') return undefined
	const text = String(value).trim()
	const isGrouped = /^\d{1,3}(?:[,_' \u00a0\u202f]\d{3})+$/.test(text)
	const [, digits, unit = ''] =
		/^(\d+(?:\.\d+)?(?:e\+?\d+)?)\s*([kmb])?$/i.exec(isGrouped ? text.replace(/\D/g, '') : text) ??
		[]
	if (digits === undefined) return undefined
	const count = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
	return count <= Number.MAX_SAFE_INTEGER ? Math.round(count) : undefined
}

function parseText(value: unknown): string | null | undefined {
	if (value === null || value === undefined) return null
	return typeof value === 'string' && value.length <= MAX_DESCRIPTION ? value : undefined
}

/** Unix seconds, or a day, month or instant as ISO 8601 and databases write them, in UTC. */
export function parseTime(value: unknown): number | null | undefined {
	if (isUnsaid(value)) return null
	if (typeof value !== 'number' && typeof value !== 'string') return undefined
	const text = String(value).trim()
	const isNumber = /^\d+(?:\.\d+)?(?:e\+?\d+)?$/i.test(text)
	const time = isNumber ? Number(text) : Date.parse(isoInstant(text)) / 1000
	return time > 0 && time <= MAX_TIME ? Math.floor(time) : undefined
}

function isoInstant(text: string): string {
	const [, month, day = '-01', time = 'T00:00:00', zone = 'Z'] =
		/^(\d{4}-\d\d)(-\d\d)?([T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i.exec(
			text,
		) ?? []
	return `${month}${day}${time.replace(' ', 'T')}${zone.replace(/UTC/i, 'Z')}`
}
