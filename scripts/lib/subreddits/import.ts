// `subreddits import`: names, sizes and descriptions of subreddits from a file, into the database. Node.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import {
	type BrokenRows,
	checkProblemsOptions,
	describeUnreadable,
	withBrokenRows,
} from '../posts/broken-rows.ts'
import { type Database, openPostsDatabase } from '../posts/database.ts'
import { formatJsonArgument } from '../posts/json-argument.ts'
import { openPostFile, type PostFile } from '../posts/post-file.ts'
import type { Broken } from '../posts/raw-row.ts'
import { readRows } from '../posts/rows.ts'
import { printable } from '../printable.ts'
import { formatBytes, Progress } from '../progress.ts'
import { ListedSubreddit } from './listed-subreddit.ts'
import { SUBREDDITS_TABLE } from './table.ts'

export interface ImportOptions {
	/** A path; `-` is stdin. */
	readonly file: string
	/** A file for every broken row. */
	readonly problems?: string | undefined
}

export interface ImportCounts {
	read: number
	/** Not in the database before. */
	added: number
	/** In it already; what the file says of them replaces what was known. */
	updated: number
	broken: number
}

type SubredditRow = { readonly kind: 'subreddit'; readonly subreddit: ListedSubreddit } | Broken

/**
 * Each chunk of the file is one transaction: whatever stops the import, what was read before stays.
 *
 * @throws AppError `not-found`, `bad-input`; `bad-data` where no row could be read; `damaged` where the file ends too early
 */
export async function importSubreddits(
	options: ImportOptions,
	effects: Effects,
): Promise<ImportCounts> {
	const { file: path, problems } = options
	checkProblemsOptions({ problems, files: [path] })
	const file = await openPostFile(path, effects)
	if (file.layout === 'csv')
		throw new AppError('bad-input', `${file.name} is CSV; expected one JSON object a line`)
	const database = await openPostsDatabase(effects, [SUBREDDITS_TABLE])
	const progress = new Progress(
		{ label: 'import', total: file.bytes, unit: 'read', format: formatBytes },
		effects,
	)
	const report = (text: string) => {
		progress.finish()
		effects.err(printable(text))
	}
	try {
		return await withBrokenRows({ problems, files: [path] }, report, (broken, flush) =>
			readFile({ file, database, progress, broken, flush }, effects),
		)
	} finally {
		progress.finish()
		database.close()
	}
}

interface Context {
	readonly file: PostFile
	readonly database: Database
	readonly progress: Progress
	readonly broken: BrokenRows
	readonly flush: () => Promise<void>
}

async function readFile(context: Context, effects: Effects): Promise<ImportCounts> {
	const { file, database, progress, broken, flush } = context
	const counts: ImportCounts = { read: 0, added: 0, updated: 0, broken: 0 }
	let bytes = 0
	const onRead = (more: number) => {
		bytes += more
	}
	for await (const rows of readRows(file, parseSubreddit, { onRead })) {
		throwIfAborted(effects)
		// The last row about a subreddit decides.
		const subreddits = new Map<string, ListedSubreddit>()
		for (const row of rows) {
			const { meaning } = row
			counts.read += 1
			if (meaning.kind === 'subreddit')
				subreddits.set(meaning.subreddit.display_name.toLowerCase(), meaning.subreddit)
			else broken.add(file.name, row, meaning.problem)
		}
		const written = await write(database, [...subreddits.values()], effects.now())
		counts.added += written.added
		counts.updated += written.updated
		progress.update(bytes)
		await flush()
	}
	counts.broken = broken.endFile(file.name)
	const failure = describeUnreadable(file.name, counts.read, counts.broken)
	if (failure) throw new AppError('bad-data', failure)
	return counts
}

function parseSubreddit(value: unknown): SubredditRow {
	const result = v.safeParse(ListedSubreddit, unprefixId(value))
	if (result.success) return { kind: 'subreddit', subreddit: result.output }
	const [issue] = result.issues
	return { kind: 'broken', problem: `${v.getDotPath(issue) ?? 'row'}: ${issue.message}` }
}

/** Some files have the full name, `t5_2qh33`, as the id. */
function unprefixId(value: unknown): unknown {
	if (typeof value !== 'object' || value === null || !('id' in value)) return value
	return typeof value.id === 'string' ? { ...value, id: value.id.replace(/^t5_/, '') } : value
}

const KNOWN = 'SELECT count(*) FROM json_each(?1) JOIN subreddits ON name = value->>0'

// Places in the list of popular subreddits, and what the collector remembers, stay as they are.
const UPSERT = `INSERT INTO subreddits
	(name, reddit_id, subscribers, over_18, public_description, created_utc, first_seen_utc, seen_utc)
	SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, ?2, ?2 FROM json_each(?1) WHERE true
	ON CONFLICT (name) DO UPDATE SET
		reddit_id = coalesce(reddit_id, excluded.reddit_id),
		subscribers = coalesce(excluded.subscribers, subscribers),
		over_18 = coalesce(excluded.over_18, over_18),
		public_description = coalesce(excluded.public_description, public_description),
		created_utc = coalesce(created_utc, excluded.created_utc),
		first_seen_utc = coalesce(first_seen_utc, excluded.first_seen_utc)`

async function write(
	database: Database,
	subreddits: readonly ListedSubreddit[],
	now: Date,
): Promise<{ added: number; updated: number }> {
	if (subreddits.length === 0) return { added: 0, updated: 0 }
	const rows = subreddits.map((subreddit) => [
		subreddit.display_name,
		subreddit.id,
		subreddit.subscribers,
		subreddit.over18 === null ? null : Number(subreddit.over18),
		subreddit.public_description,
		subreddit.created_utc,
	])
	const json = formatJsonArgument(rows)
	const [known] = await database.batch([
		{ sql: KNOWN, args: [json] },
		{ sql: UPSERT, args: [json, Math.floor(now.getTime() / 1000)] },
	])
	const updated = Number(known?.rows[0]?.[0] ?? 0)
	return { added: subreddits.length - updated, updated }
}
