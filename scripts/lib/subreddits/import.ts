// `subreddits import`: a list of subreddits from a file into the database, beside the lists that it holds already.
import { createHash } from 'node:crypto'
import { AppError } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import {
	type BrokenRows,
	checkProblemsOptions,
	describeUnreadable,
	withBrokenRows,
} from '../posts/broken-rows.ts'
import { type Database, openPostsDatabase } from '../posts/database.ts'
import { openPostFile, type PostFile } from '../posts/post-file.ts'
import { readRows } from '../posts/rows.ts'
import { printable } from '../printable.ts'
import { formatBytes, formatCount, Progress } from '../progress.ts'
import { dateList, type ListDate } from './list-date.ts'
import { FIELD_NAMES, type ListRow, ListRowParser } from './list-row.ts'
import { addRows, finishList, startList } from './lists.ts'
import { LISTS_TABLES, SUBREDDITS_TABLE } from './table.ts'

/** So many fields that are not used are named: Reddit's own answers have a hundred. */
const SHOWN = 8

export interface ImportOptions {
	/** A path; `-` is stdin. */
	readonly file: string
	/** When the list was made, in Unix seconds, where the file does not say so itself. */
	readonly asOf?: number | undefined
	/** A file for every broken row. */
	readonly problems?: string | undefined
}

export interface ImportCounts {
	read: number
	/** Named by no list before. */
	added: number
	/** Named by one already. */
	updated: number
	/** Left out: profiles of users are no subreddits. */
	profiles: number
	broken: number
	/** How many rows say each of these. */
	says: { subscribers: number; over18: number; marked18: number; description: number }
	/** When the list is of: the newest day that it names, or as it was found out. */
	date: ListDate
}

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
	const database = await openPostsDatabase(effects, [SUBREDDITS_TABLE, ...LISTS_TABLES])
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
			importFile({ options, file, database, progress, broken, flush, report }, effects),
		)
	} finally {
		progress.finish()
		database.close()
	}
}

interface Context {
	readonly options: ImportOptions
	readonly file: PostFile
	readonly database: Database
	readonly progress: Progress
	readonly broken: BrokenRows
	readonly flush: () => Promise<void>
	readonly report: (text: string) => void
}

async function importFile(context: Context, effects: Effects): Promise<ImportCounts> {
	const { options, file, database, broken, report } = context
	const parser = new ListRowParser()
	const { list, counts, newest, sha256 } = await readFile(context, parser, effects)
	const failure = describeUnreadable(file.name, counts.read, broken.count)
	counts.broken = broken.endFile(file.name)
	if (failure) throw new AppError('bad-data', failure)
	if (list === null) return counts
	counts.date = await dateList({ path: options.file, given: options.asOf, ...newest }, effects)
	const { asOf } = counts.date
	await finishList(database, list, { name: file.name, sha256, asOf }, effects.now())
	for (const line of sayFields(parser, counts)) report(`${file.name}: ${line}`)
	return counts
}

/** What dates a list: the newest day that a row is of, the youngest of its subreddits, and how many say how old they are. */
interface Newest {
	asOf: number | null
	created: number | null
	dated: number
}

async function readFile(
	{ file, database, progress, broken, flush }: Context,
	parser: ListRowParser,
	effects: Effects,
): Promise<{ list: number | null; counts: ImportCounts; newest: Newest; sha256: string }> {
	const hash = createHash('sha256')
	let list: number | null = null
	const counts = startCounts()
	const newest: Newest = { asOf: null, created: null, dated: 0 }
	let bytes = 0
	const onRead = (more: number) => {
		bytes += more
	}
	const parse = (value: unknown) => parser.parse(value)
	for await (const rows of readRows(file, parse, { onRead, columns: checkColumns })) {
		throwIfAborted(effects)
		const subreddits: ListRow[] = []
		for (const row of rows) {
			const { meaning } = row
			counts.read += 1
			hash.update(`${row.text}\n`)
			if (meaning.kind === 'subreddit') subreddits.push(meaning.row)
			else if (meaning.kind === 'profile') counts.profiles += 1
			else broken.add(file.name, row, meaning.problem)
		}
		for (const row of subreddits) countRow(row, counts, newest)
		if (subreddits.length > 0) list ??= await startList(database, file.name, effects.now())
		const written = list === null ? null : await addRows(database, list, subreddits)
		counts.added += written?.added ?? 0
		counts.updated += written?.updated ?? 0
		progress.update(bytes)
		await flush()
	}
	return { list, counts, newest, sha256: hash.digest('hex') }
}

function startCounts(): ImportCounts {
	const says = { subscribers: 0, over18: 0, marked18: 0, description: 0 }
	const date: ListDate = { asOf: null, from: 'nothing' }
	return { read: 0, added: 0, updated: 0, profiles: 0, broken: 0, says, date }
}

function countRow(row: ListRow, { says }: ImportCounts, newest: Newest): void {
	says.subscribers += Number(row.subscribers !== null)
	says.over18 += Number(row.over18 !== null)
	says.marked18 += Number(row.over18 === true)
	says.description += Number(row.description !== null)
	if (row.asOf !== null) newest.asOf = Math.max(newest.asOf ?? 0, row.asOf)
	if (row.created === null) return
	newest.created = Math.max(newest.created ?? 0, row.created)
	newest.dated += 1
}

/** @throws AppError `bad-data` where no column of a CSV file names the subreddits */
function checkColumns(columns: readonly string[], name: string): readonly string[] {
	if (new ListRowParser().findsName(columns)) return columns
	throw new AppError(
		'bad-data',
		`no column of ${name} names the subreddits: ${columns.join(', ')}; its first row must name the columns, one of them ${FIELD_NAMES.name}, subreddit or name`,
	)
}

/** What of the file was understood: nothing is passed over without a word. */
function sayFields(parser: ListRowParser, { says }: ImportCounts): string[] {
	const taken = parser.used.map(({ name, field }) =>
		name === field ? name : `${name} as ${field}`,
	)
	const unused = parser.unused
	const lines = [`fields: ${taken.join(', ')}`]
	if (unused.length > 0) {
		const more = unused.length > SHOWN ? ` and ${unused.length - SHOWN} more` : ''
		lines.push(`not used: ${unused.slice(0, SHOWN).join(', ')}${more}`)
	}
	for (const [name, { count, example }] of parser.unread)
		lines.push(`${name} was not understood in ${formatCount(count)} rows, as in ${example}`)
	if (says.over18 === 0)
		lines.push('no row says which subreddits are 18+; expected a field over18, over_18 or nsfw')
	return lines
}
