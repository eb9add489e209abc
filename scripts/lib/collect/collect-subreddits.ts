// `collect subreddits`: Reddit's list of popular subreddits, refreshed; those that fell out of it are looked after.
import { AppError } from '../../../src/shared/app-error.ts'
import { type Database, openPostsDatabase, type Statement } from '../posts/database.ts'
import { formatJsonArgument } from '../posts/json-argument.ts'
import { formatCount, Progress } from '../progress.ts'
import type { ListedSubreddit } from '../subreddits/listed-subreddit.ts'
import type { CollectEffects } from './clock.ts'
import { parseSubredditPage, type SubredditPage } from './listing.ts'
import { withPatience } from './patient-database.ts'
import { type ApiAnswer, type ApiOptions, RedditApi } from './reddit-api.ts'
import { finishRun, openRun } from './runs.ts'
import { COLLECT_TABLES } from './tables.ts'
import { PAGE_SIZE } from './walk.ts'

// The ranking moves all the time: an hour later its first pages are not those that were read.
const GO_ON_WITHIN_S = 60 * 60
const SPARE_PAGES = 20

export interface CollectSubredditsOptions {
	readonly api: ApiOptions
	/** How many of the most popular. */
	readonly limit: number
	/** Do not go on with a run that was stopped. */
	readonly startOver: boolean
}

export interface CollectSubredditsReport {
	/** In the list of popular subreddits now. */
	readonly listed: number
	/** Never seen before. */
	readonly added: number
	/** Not popular any more, but still there. */
	readonly fellOut: number
	/** Gone since the last time: kept, with the date. */
	readonly vanished: number
	readonly seconds: number
}

/** @throws AppError `network` where Reddit does not give the list, `bad-input` for refused credentials, `aborted` */
export async function collectSubreddits(
	options: CollectSubredditsOptions,
	effects: CollectEffects,
): Promise<CollectSubredditsReport> {
	const start = effects.now()
	const database = withPatience(await openPostsDatabase(effects, COLLECT_TABLES), effects)
	const progress = new Progress(
		{ label: 'collect', total: options.limit, unit: 'subreddits' },
		effects,
	)
	try {
		const run = await openRun(database, {
			work: `subreddits limit=${options.limit}`,
			now: inSeconds(start),
			goOnWithin: GO_ON_WITHIN_S,
			startOver: options.startOver,
		})
		const api = new RedditApi(options.api, effects, (text) => {
			progress.finish()
			effects.err(text)
		})
		const context: Context = { database, api, run: run.id, effects, progress }
		await listPopular(context, options.limit, run.cursor, run.listed)
		const gone = await lookAfterMissing(context)
		const counts = await countRun(database, run.id, run.started_utc)
		await finishRun(database, run.id, inSeconds(effects.now()))
		const seconds = (effects.now().getTime() - start.getTime()) / 1000
		return { ...counts, ...gone, seconds }
	} finally {
		progress.finish()
		database.close()
	}
}

interface Context {
	readonly database: Database
	readonly api: RedditApi
	readonly run: number
	readonly effects: CollectEffects
	readonly progress: Progress
}

async function listPopular(
	context: Context,
	limit: number,
	cursor: string | null,
	listed: number,
): Promise<void> {
	let at = { cursor, listed, isCursorOld: cursor !== null }
	const maxPages = 2 * Math.ceil(limit / PAGE_SIZE) + SPARE_PAGES
	for (let pages = 0; pages < maxPages && at.listed < limit; pages += 1) {
		const page = await askPopular(context, at.cursor, Math.min(PAGE_SIZE, limit - at.listed))
		// Reddit has lost the place since the stop: the list is read from its top again.
		if (page.subreddits.length === 0 && at.isCursorOld) {
			at = { cursor: null, listed: await forgetListed(context), isCursorOld: false }
			continue
		}
		const total = await commitPage(context, page, at.listed)
		context.progress.update(total)
		if (page.after === null || page.after === at.cursor) return
		at = { cursor: page.after, listed: total, isCursorOld: false }
	}
}

async function forgetListed({ database, run }: Context): Promise<number> {
	await database.execute('UPDATE subreddits SET listed_run = NULL WHERE listed_run = ?1', [run])
	return 0
}

async function askPopular(
	{ api }: Context,
	after: string | null,
	limit: number,
): Promise<SubredditPage> {
	const query = { limit: String(limit), ...(after === null ? {} : { after }) }
	return expectPage(await api.get('subreddits/popular', query, parseSubredditPage))
}

function expectPage(answer: ApiAnswer<SubredditPage>): SubredditPage {
	if (answer.kind === 'page') return answer.page
	const why = answer.kind === 'failed' ? answer.why : answer.reason
	throw new AppError(
		'network',
		`reddit does not list its subreddits (${why}); run this again later`,
	)
}

const LISTED = `SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, ?2, ?3, ?3
	FROM json_each(?1)`

// A subreddit that comes back is asked for its posts again; one that moves down while the list is read keeps its place.
const UPSERT = `INSERT INTO subreddits
	(name, reddit_id, subscribers, over_18, public_description, created_utc, popularity, listed_run, first_seen_utc, seen_utc)
	SELECT * FROM (${LISTED}) WHERE true
	ON CONFLICT (name) DO UPDATE SET
		name = excluded.name,
		reddit_id = excluded.reddit_id,
		subscribers = coalesce(excluded.subscribers, subscribers),
		over_18 = coalesce(excluded.over_18, over_18),
		public_description = coalesce(excluded.public_description, public_description),
		created_utc = excluded.created_utc,
		popularity = CASE WHEN listed_run IS excluded.listed_run THEN popularity ELSE excluded.popularity END,
		listed_run = excluded.listed_run,
		first_seen_utc = coalesce(first_seen_utc, excluded.first_seen_utc),
		seen_utc = excluded.seen_utc,
		ask_again_utc = CASE WHEN vanished_utc IS NULL THEN ask_again_utc END,
		vanished_utc = NULL`

function upsertStatement(
	subreddits: readonly ListedSubreddit[],
	places: readonly (number | null)[],
	run: number | null,
	now: number,
): Statement {
	const rows = subreddits.map((subreddit, index) => [
		subreddit.display_name,
		subreddit.id,
		subreddit.subscribers,
		subreddit.over18 === null ? null : Number(subreddit.over18),
		subreddit.public_description,
		subreddit.created_utc,
		places[index] ?? null,
	])
	return { sql: UPSERT, args: [formatJsonArgument(rows), run, now] }
}

/** @returns how many are listed now */
async function commitPage(
	{ database, run, effects }: Context,
	{ subreddits, after }: SubredditPage,
	listed: number,
): Promise<number> {
	const places = subreddits.map((_, index) => listed + index + 1)
	const results = await database.batch([
		upsertStatement(subreddits, places, run, inSeconds(effects.now())),
		{
			sql: `UPDATE collect_runs SET cursor = ?2,
				listed = (SELECT count(*) FROM subreddits WHERE listed_run = ?1) WHERE id = ?1`,
			args: [run, after],
		},
		{ sql: 'SELECT listed FROM collect_runs WHERE id = ?1', args: [run] },
	])
	return Number(results[2]?.rows[0]?.listed ?? listed)
}

/**
 * Those that had a place in the list and have none now are looked up by id: what is still there loses its place, what
 * is not there any more gets a date. Places below what was read this time stay as they were, unless the list ended above.
 */
async function lookAfterMissing(context: Context): Promise<{ fellOut: number; vanished: number }> {
	const { database, api, run, effects } = context
	const total = { fellOut: 0, vanished: 0 }
	for (;;) {
		const { rows } = await database.execute(
			`SELECT reddit_id FROM subreddits
				WHERE popularity IS NOT NULL AND listed_run IS NOT ?1
				AND (SELECT cursor IS NULL OR popularity <= listed FROM collect_runs WHERE id = ?1)
				ORDER BY reddit_id LIMIT ${PAGE_SIZE}`,
			[run],
		)
		if (rows.length === 0) return total
		const ids = rows.map((row) => String(row.reddit_id))
		const query = { id: ids.map((id) => `t5_${id}`).join(',') }
		const { subreddits } = expectPage(await api.get('api/info', query, parseSubredditPage))
		const found = subreddits.filter(({ id }) => ids.includes(id))
		const gone = ids.filter((id) => !found.some((subreddit) => subreddit.id === id))
		const now = inSeconds(effects.now())
		await database.batch([
			// With the place null and no run they are not counted as listed.
			upsertStatement(found, [], null, now),
			{
				sql: `UPDATE subreddits SET popularity = NULL
					WHERE reddit_id IN (SELECT value FROM json_each(?1))`,
				args: [JSON.stringify(ids)],
			},
			{
				sql: `UPDATE subreddits SET vanished_utc = coalesce(vanished_utc, ?2)
					WHERE reddit_id IN (SELECT value FROM json_each(?1))`,
				args: [JSON.stringify(gone), now],
			},
		])
		total.fellOut += found.length
		total.vanished += gone.length
	}
}

async function countRun(database: Database, run: number, started: number) {
	const { rows } = await database.execute(
		`SELECT count(*) AS listed, coalesce(sum(first_seen_utc >= ?2), 0) AS added
			FROM subreddits WHERE listed_run = ?1`,
		[run, started],
	)
	return { listed: Number(rows[0]?.listed), added: Number(rows[0]?.added) }
}

function inSeconds(date: Date): number {
	return Math.floor(date.getTime() / 1000)
}

/** What a person reads at the end. */
export function formatSubredditsReport(report: CollectSubredditsReport): string {
	const { listed, added, fellOut, vanished } = report
	return `${formatCount(listed)} popular subreddits: ${formatCount(added)} new, ${formatCount(listed - added)} refreshed; ${formatCount(fellOut)} are not popular any more, ${formatCount(vanished)} vanished`
}
