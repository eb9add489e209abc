// What all lists together say of each subreddit: those imported and what was collected from Reddit.
import { type Database, hasTable } from '../posts/database.ts'

/** A subreddit as the lists know it; null is what none of them says. */
export interface KnownSubreddit {
	/** As the newest list spells it. */
	readonly name: string
	/** As the newest list says that says it; so are the description and the rest. */
	readonly subscribers: number | null
	readonly description: string | null
	/** True where any list marks it, of whatever age. */
	readonly over18: boolean | null
	/** When a list named it last, in Unix seconds; null where no list that names it has a date. */
	readonly namedUtc: number | null
	/** Why Reddit refused it to the collector: private, banned, gone. */
	readonly unavailable: string | null
}

/** By name in lower case. */
export type KnownSubreddits = ReadonlyMap<string, KnownSubreddit>

const LISTED = `SELECT row.name, row.subscribers, row.over_18, row.public_description,
	coalesce(row.as_of_utc, list.as_of_utc) AS as_of, NULL AS unavailable, list.id AS place
	FROM listed_subreddits AS row JOIN subreddit_lists AS list ON list.id = row.list_id`

// Before there were lists side by side, imports wrote into this table: their rows were seen once and have no date.
const COLLECTED = `SELECT name, subscribers, over_18, public_description,
	CASE WHEN listed_run IS NOT NULL OR seen_utc > first_seen_utc THEN seen_utc END AS as_of,
	CASE WHEN vanished_utc IS NOT NULL THEN 'gone' ELSE unavailable END AS unavailable, 0 AS place
	FROM subreddits`

/** Empty where no subreddits were collected or imported yet. */
export async function readKnownSubreddits(database: Database): Promise<KnownSubreddits> {
	const sources = [
		...((await hasTable(database, 'subreddits')) ? [COLLECTED] : []),
		...((await hasTable(database, 'subreddit_lists')) ? [LISTED] : []),
	]
	const known = new Map<string, KnownSubreddit>()
	if (sources.length === 0) return known
	// The newest last: what it says replaces what was said before. Of two with one date the one that was imported later counts.
	const { rows } = await database.execute(
		`${sources.join(' UNION ALL ')} ORDER BY as_of NULLS FIRST, place`,
	)
	for (const row of rows) {
		const name = String(row[0])
		const before = known.get(name.toLowerCase())
		known.set(name.toLowerCase(), {
			name,
			subscribers: numberOr(row[1], before?.subscribers),
			over18: before?.over18 || (row[2] === null ? (before?.over18 ?? null) : Number(row[2]) === 1),
			description: row[3] === null ? (before?.description ?? null) : String(row[3]),
			namedUtc: numberOr(row[4], before?.namedUtc),
			unavailable: row[5] === null ? (before?.unavailable ?? null) : String(row[5]),
		})
	}
	return known
}

function numberOr(value: unknown, before: number | null = null): number | null {
	return value === null ? before : Number(value)
}

/** Subscribers by name in lower case: sources differ in how they write a name. */
export type SubredditSizes = ReadonlyMap<string, number>

/** Of those whose size is known; empty where no subreddits were collected or imported yet. */
export async function readSubredditSizes(database: Database): Promise<SubredditSizes> {
	const sizes = new Map<string, number>()
	for (const [name, { subscribers }] of await readKnownSubreddits(database))
		if (subscribers !== null) sizes.set(name, subscribers)
	return sizes
}
