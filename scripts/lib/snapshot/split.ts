// Divides titles into training, validation and test: by time, by each subreddit's newest posts, or at random. Pure.
import { AppError } from '../../../src/shared/app-error.ts'
import { formatCount, formatShare } from '../../../src/shared/numbers.ts'
import { TICKETS } from './random.ts'
import { keepNewest } from './thin.ts'
import { keepRows, type Rows, type TitleTable, withoutRows } from './title-table.ts'

const DAY_SECONDS = 86_400

/** `all`: every post is for training, as for a model whose figures its twin has. */
export const SNAPSHOT_SPLITS = ['time', 'newest', 'random', 'all'] as const
export type SnapshotSplit = (typeof SNAPSHOT_SPLITS)[number]

/** `auto`: by time, unless the posts were collected so that a date would part them badly. */
export const SPLIT_CHOICES = ['auto', ...SNAPSHOT_SPLITS] as const

/** Where no dates say which posts to test on: so many are enough for any figure, and the others are trained on. */
const MOST_TEST_POSTS = 200_000

/** Of posts that a split by time would test on, so many may be of subreddits that have too few older ones. */
const MOST_WITHOUT_LABEL = 0.3

export interface SplitOptions {
	readonly split: (typeof SPLIT_CHOICES)[number]
	/** Unix seconds; null is open, or for a split by time: where `testShare` puts it. */
	readonly from: number | null
	readonly until: number | null
	readonly testFrom: number | null
	readonly testUntil: number | null
	/** The share of test posts: at random, or the newest ones where a split by time names no dates. */
	readonly testShare: number
	/** The share of the training window that is for validation: its newest posts, or random ones. */
	readonly validationShare: number
	/** Of a split by each subreddit's newest posts: how many are tested on, and how many before those are validated on. */
	readonly testPosts: number
	readonly validationPosts: number
	/** Training posts that a subreddit needs to become a label. */
	readonly minPosts: number
}

/** Unix seconds: [from, until) is for training and validation, [testFrom, testUntil) for the test. */
export interface Windows {
	readonly from: number
	readonly until: number
	readonly testFrom: number
	readonly testUntil: number
}

export interface Split extends Parts {
	readonly kind: SnapshotSplit
	/** Where nobody said which posts to test on: what was chosen, and why. */
	readonly chosen: string | null
}

interface Parts {
	readonly windows: Windows
	readonly train: Rows
	readonly valid: Rows
	readonly test: Rows
	/** Posts of subreddits that become no label are not tested on: too few of them are known. */
	readonly isOfLabels?: boolean
}

/** Posts, oldest first. */
export interface Titles {
	readonly table: TitleTable
	readonly rows: Rows
}

/**
 * @throws AppError `bad-input` for windows in which nothing can be trained or tested, with what there is
 */
export function splitTitles(titles: Titles, options: SplitOptions): Split {
	if (titles.rows.length === 0)
		throw new AppError('bad-input', 'no posts in these windows; see: whichsub posts stats')
	const { kind, parts: split, chosen } = chooseSplit(titles, options)
	if (kind === 'newest') checkNewest(split, options)
	for (const name of ['train', 'test'] as const)
		if (kind !== 'all' && split[name].length === 0)
			throw new AppError(
				'bad-input',
				`no posts for the ${name} file: ${formatWindow(split.windows, name)}; there are ${titles.rows.length} posts from ${formatDay(firstTime(titles))} to ${formatDay(lastTime(titles))}`,
			)
	return { ...split, kind, chosen }
}

interface Choice extends Pick<Split, 'kind' | 'chosen'> {
	readonly parts: Parts
}

/**
 * Without dates, posts are split by time, at the newest share of them. Where posts were collected as the newest of each
 * subreddit, those of the last days are of the busiest ones alone, which then have nothing to train on: there, each
 * subreddit's newest posts are tested on.
 */
function chooseSplit(titles: Titles, options: SplitOptions): Choice {
	const { split, until, testFrom, testUntil } = options
	if (split !== 'auto') return { kind: split, parts: SPLITS[split](titles, options), chosen: null }
	const hasDates = [until, testFrom, testUntil].some((date) => date !== null)
	const testShare = Math.min(options.testShare, MOST_TEST_POSTS / titles.rows.length)
	const byTime = splitByTime(titles, hasDates ? options : { ...options, testShare })
	if (hasDates) return { kind: 'time', parts: byTime, chosen: null }
	const without = shareWithoutLabel(titles, byTime, options)
	const newest = without > MOST_WITHOUT_LABEL ? splitByNewest(titles, options) : null
	// Too few posts for labels of their own are too few in any split: the one by time then says so.
	if (newest && countLabels(titles, newest, options) >= 2)
		return { kind: 'newest', parts: newest, chosen: sayNewestChosen(without, options) }
	return { kind: 'time', parts: byTime, chosen: sayTimeChosen(byTime, titles.rows.length) }
}

function shareWithoutLabel(
	{ table }: Titles,
	{ train, test }: Parts,
	{ minPosts }: SplitOptions,
): number {
	const counts = table.countLabels(train)
	const without = keepRows(test, (row) => (counts[table.labels[row] ?? 0] ?? 0) < minPosts)
	return without.length / Math.max(1, test.length)
}

function countLabels({ table }: Titles, { train }: Parts, { minPosts }: SplitOptions): number {
	return table.countLabels(train).filter((posts) => posts >= minPosts).length
}

function sayTimeChosen({ test, windows }: Parts, total: number): string {
	const share = formatShare(test.length / total)
	return `no dates say which posts to test on: it is the newest ${formatCount(test.length)} (${share}), from ${formatDay(windows.testFrom)} on`
}

function sayNewestChosen(without: number, { testPosts, minPosts }: SplitOptions): string {
	return `no dates say which posts to test on: it is each subreddit's newest ${testPosts}, because ${formatShare(without)} of the newest posts of all are of subreddits with fewer than ${minPosts} older ones (--split time: those all the same)`
}

function checkNewest({ train }: Parts, { testPosts, validationPosts }: SplitOptions): void {
	if (train.length > 0) return
	const held = testPosts + validationPosts
	throw new AppError(
		'bad-input',
		`no subreddit has more than ${held} posts, of which ${testPosts} are tested on and ${validationPosts} validated on; collect more, or lower --test-posts and --validation-posts`,
	)
}

/** Whether its test posts may have a window of their own. */
export function isByTime({ split }: Pick<SplitOptions, 'split'>): boolean {
	return split === 'time' || split === 'auto'
}

const SPLITS = {
	time: splitByTime,
	newest: splitByNewest,
	random: splitAtRandom,
	all: takeAll,
} as const

function takeAll(titles: Titles, options: SplitOptions): Parts {
	const from = options.from ?? firstTime(titles)
	const until = options.until ?? lastTime(titles) + 1
	const windows = { from, until, testFrom: until, testUntil: until }
	const none = new Uint32Array()
	return { windows, train: within(titles, from, until), valid: none, test: none }
}

function splitByTime(titles: Titles, options: SplitOptions): Parts {
	const windows = placeWindows(titles, options)
	const known = { ...titles, rows: within(titles, windows.from, windows.until) }
	// Posts of one second stay together, so that the boundary is an instant.
	const boundary = createdAt(known, 1 - options.validationShare) ?? windows.until
	return {
		windows,
		train: within(known, windows.from, boundary),
		valid: within(known, boundary, windows.until),
		test: within(titles, windows.testFrom, windows.testUntil),
	}
}

function placeWindows(titles: Titles, options: SplitOptions): Windows {
	const end = lastTime(titles) + 1
	const from = options.from ?? firstTime(titles)
	const until = options.until ?? options.testFrom ?? createdAt(titles, 1 - options.testShare) ?? end
	const testFrom = options.testFrom ?? until
	const testUntil = options.testUntil ?? Math.max(end, testFrom)
	return { from, until, testFrom, testUntil }
}

/**
 * Of each subreddit the newest posts are for the test and those before them for validation, whenever they were created. Of
 * posts of one second, the one that comes later in `titles` is the newer one.
 */
function splitByNewest({ table, rows }: Titles, options: SplitOptions): Parts {
	const { testPosts, validationPosts } = options
	const until = options.until ?? Number.POSITIVE_INFINITY
	const left = within({ table, rows }, options.from ?? 0, until)
	const test = keepNewest(table, left, testPosts)
	const older = withoutRows(table, left, test)
	const valid = keepNewest(table, older, validationPosts)
	const files = { train: withoutRows(table, older, valid), valid, test }
	return { ...files, windows: spanNewest(table, files, options), isOfLabels: true }
}

/** Which posts there are says when the windows begin and end; they overlap. */
function spanNewest(
	table: TitleTable,
	{ train, valid, test }: Omit<Parts, 'windows'>,
	{ from }: SplitOptions,
): Windows {
	const first = (rows: Rows) =>
		rows.length > 0 ? firstTime({ table, rows }) : Number.POSITIVE_INFINITY
	const end = (rows: Rows) => (rows.length > 0 ? lastTime({ table, rows }) + 1 : 0)
	return {
		from: from ?? Math.min(first(train), first(valid), first(test)),
		until: Math.max(end(train), end(valid)),
		testFrom: Math.min(first(test), end(test)),
		testUntil: end(test),
	}
}

function splitAtRandom(titles: Titles, options: SplitOptions): Parts {
	const from = options.from ?? firstTime(titles)
	const until = options.until ?? lastTime(titles) + 1
	const testBelow = Math.round(options.testShare * TICKETS)
	const validBelow = testBelow + Math.round((TICKETS - testBelow) * options.validationShare)
	const all = within(titles, from, until)
	const ticket = (row: number) => titles.table.tickets[row] ?? 0
	return {
		windows: { from, until, testFrom: from, testUntil: until },
		train: keepRows(all, (row) => ticket(row) >= validBelow),
		valid: keepRows(all, (row) => ticket(row) >= testBelow && ticket(row) < validBelow),
		test: keepRows(all, (row) => ticket(row) < testBelow),
	}
}

/** The posts created in [from, until), of posts that are oldest first. */
function within(titles: Titles, from: number, until: number): Rows {
	return titles.rows.subarray(firstSince(titles, from), firstSince(titles, until))
}

function firstSince(titles: Titles, instant: number): number {
	let low = 0
	let high = titles.rows.length
	while (low < high) {
		const middle = (low + high) >>> 1
		if ((timeAt(titles, middle) ?? 0) < instant) low = middle + 1
		else high = middle
	}
	return low
}

function createdAt(titles: Titles, share: number): number | undefined {
	return timeAt(titles, Math.round(titles.rows.length * share))
}

function timeAt({ table, rows }: Titles, place: number): number | undefined {
	const row = rows[place]
	return row === undefined ? undefined : table.created[row]
}

function firstTime(titles: Titles): number {
	return timeAt(titles, 0) ?? 0
}

function lastTime(titles: Titles): number {
	return timeAt(titles, titles.rows.length - 1) ?? 0
}

function formatWindow(windows: Windows, name: 'train' | 'test'): string {
	const [from, until] =
		name === 'train' ? [windows.from, windows.until] : [windows.testFrom, windows.testUntil]
	return `from ${formatDay(from)} until ${formatDay(until)}`
}

/** A day, or an instant within one. */
export function formatDay(seconds: number): string {
	const text = new Date(seconds * 1000).toISOString()
	return seconds % DAY_SECONDS === 0 ? text.slice(0, 10) : text
}
