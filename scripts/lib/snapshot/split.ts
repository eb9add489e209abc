// Divides titles into training, validation and test: by time, by each subreddit's newest posts, or at random. Pure.
import { AppError } from '../../../src/shared/app-error.ts'
import { formatCount, formatShare } from '../../../src/shared/numbers.ts'
import { TICKETS } from './random.ts'
import type { Title } from './read-titles.ts'

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
	readonly train: Title[]
	readonly valid: Title[]
	readonly test: Title[]
	/** Posts of subreddits that become no label are not tested on: too few of them are known. */
	readonly isOfLabels?: boolean
}

/**
 * @param titles oldest first
 * @throws AppError `bad-input` for windows in which nothing can be trained or tested, with what there is
 */
export function splitTitles(titles: readonly Title[], options: SplitOptions): Split {
	const oldest = titles[0]
	const newest = titles.at(-1)
	if (!oldest || !newest)
		throw new AppError('bad-input', 'no posts in these windows; see: whichsub posts stats')
	const { kind, parts: split, chosen } = chooseSplit(titles, options)
	if (kind === 'newest') checkNewest(split, options)
	for (const name of ['train', 'test'] as const)
		if (kind !== 'all' && split[name].length === 0)
			throw new AppError(
				'bad-input',
				`no posts for the ${name} file: ${formatWindow(split.windows, name)}; there are ${titles.length} posts from ${formatDay(oldest.created)} to ${formatDay(newest.created)}`,
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
function chooseSplit(titles: readonly Title[], options: SplitOptions): Choice {
	const { split, until, testFrom, testUntil } = options
	if (split !== 'auto') return { kind: split, parts: SPLITS[split](titles, options), chosen: null }
	const hasDates = [until, testFrom, testUntil].some((date) => date !== null)
	const testShare = Math.min(options.testShare, MOST_TEST_POSTS / titles.length)
	const byTime = splitByTime(titles, hasDates ? options : { ...options, testShare })
	if (hasDates) return { kind: 'time', parts: byTime, chosen: null }
	const without = shareWithoutLabel(byTime, options)
	const newest = without > MOST_WITHOUT_LABEL ? splitByNewest(titles, options) : null
	// Too few posts for labels of their own are too few in any split: the one by time then says so.
	if (newest && countLabels(newest, options) >= 2)
		return { kind: 'newest', parts: newest, chosen: sayNewestChosen(without, options) }
	return { kind: 'time', parts: byTime, chosen: sayTimeChosen(byTime, titles.length) }
}

function shareWithoutLabel({ train, test }: Parts, { minPosts }: SplitOptions): number {
	const counts = countPosts(train)
	const without = test.filter(({ subreddit }) => (counts.get(subreddit) ?? 0) < minPosts)
	return without.length / Math.max(1, test.length)
}

function countLabels({ train }: Parts, { minPosts }: SplitOptions): number {
	return [...countPosts(train).values()].filter((posts) => posts >= minPosts).length
}

function countPosts(titles: readonly Title[]): Map<string, number> {
	const counts = new Map<string, number>()
	for (const { subreddit } of titles) counts.set(subreddit, (counts.get(subreddit) ?? 0) + 1)
	return counts
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

function takeAll(titles: readonly Title[], options: SplitOptions): Parts {
	const from = options.from ?? titles[0]?.created ?? 0
	const until = options.until ?? (titles.at(-1)?.created ?? 0) + 1
	const windows = { from, until, testFrom: until, testUntil: until }
	return { windows, train: within(titles, from, until), valid: [], test: [] }
}

function splitByTime(titles: readonly Title[], options: SplitOptions): Parts {
	const windows = placeWindows(titles, options)
	const known = within(titles, windows.from, windows.until)
	// Posts of one second stay together, so that the boundary is an instant.
	const boundary = createdAt(known, 1 - options.validationShare) ?? windows.until
	return {
		windows,
		train: within(known, windows.from, boundary),
		valid: within(known, boundary, windows.until),
		test: within(titles, windows.testFrom, windows.testUntil),
	}
}

function placeWindows(titles: readonly Title[], options: SplitOptions): Windows {
	const end = (titles.at(-1)?.created ?? 0) + 1
	const from = options.from ?? titles[0]?.created ?? 0
	const until = options.until ?? options.testFrom ?? createdAt(titles, 1 - options.testShare) ?? end
	const testFrom = options.testFrom ?? until
	const testUntil = options.testUntil ?? Math.max(end, testFrom)
	return { from, until, testFrom, testUntil }
}

/**
 * Of each subreddit the newest posts are for the test and those before them for validation, whenever they were created. Of
 * posts of one second, the one that comes later in `titles` is the newer one.
 */
function splitByNewest(titles: readonly Title[], options: SplitOptions): Parts {
	const { testPosts, validationPosts } = options
	const all = within(titles, options.from ?? 0, options.until ?? Number.POSITIVE_INFINITY)
	const newer = new Map<string, number>()
	const [train, valid, test]: [Title[], Title[], Title[]] = [[], [], []]
	for (const title of all.toReversed()) {
		const rank = newer.get(title.subreddit) ?? 0
		newer.set(title.subreddit, rank + 1)
		if (rank < testPosts) test.push(title)
		else if (rank < testPosts + validationPosts) valid.push(title)
		else train.push(title)
	}
	const files = { train: train.reverse(), valid: valid.reverse(), test: test.reverse() }
	return { ...files, windows: spanNewest(files, options), isOfLabels: true }
}

/** Which posts there are says when the windows begin and end; they overlap. */
function spanNewest(
	{ train, valid, test }: Omit<Parts, 'windows'>,
	{ from }: SplitOptions,
): Windows {
	const first = (of: readonly Title[]) => of[0]?.created ?? Number.POSITIVE_INFINITY
	const end = (of: readonly Title[]) => (of.at(-1)?.created ?? -1) + 1
	return {
		from: from ?? Math.min(first(train), first(valid), first(test)),
		until: Math.max(end(train), end(valid)),
		testFrom: Math.min(first(test), end(test)),
		testUntil: end(test),
	}
}

function splitAtRandom(titles: readonly Title[], options: SplitOptions): Parts {
	const from = options.from ?? titles[0]?.created ?? 0
	const until = options.until ?? (titles.at(-1)?.created ?? 0) + 1
	const testBelow = Math.round(options.testShare * TICKETS)
	const validBelow = testBelow + Math.round((TICKETS - testBelow) * options.validationShare)
	const all = within(titles, from, until)
	return {
		windows: { from, until, testFrom: from, testUntil: until },
		train: all.filter(({ ticket }) => ticket >= validBelow),
		valid: all.filter(({ ticket }) => ticket >= testBelow && ticket < validBelow),
		test: all.filter(({ ticket }) => ticket < testBelow),
	}
}

/** @throws AppError `bad-input` that names the flag that is wrong; what the posts have to say comes later */
export function checkSplitOptions(options: SplitOptions): void {
	const { split, from, until, testFrom, testUntil, testShare, validationShare } = options
	const fail = (text: string) => {
		throw new AppError('bad-input', text)
	}
	if (!isByTime(options) && (testFrom !== null || testUntil !== null))
		fail(`--test-from and --test-until are for --split time; leave them out with --split ${split}`)
	const ends = { '--until': until, '--test-from': testFrom, '--test-until': testUntil }
	for (const [flag, end] of Object.entries(ends))
		if (from !== null && end !== null && end <= from)
			fail(
				`training window is empty: ${flag} ${formatDay(end)} is not after --from ${formatDay(from)}`,
			)
	if (until !== null && testFrom !== null && testFrom < until)
		fail(
			`test window starts in the training window: --test-from ${formatDay(testFrom)} is before --until ${formatDay(until)}`,
		)
	const testStart = testFrom ?? until
	if (testStart !== null && testUntil !== null && testUntil <= testStart)
		fail(
			`test window is empty: --test-until ${formatDay(testUntil)} is not after ${formatDay(testStart)}, where it starts`,
		)
	checkCounts(options)
	if (testShare <= 0 || testShare >= 1)
		fail(`--test-share is ${testShare}; it must be between 0 and 1`)
	if (validationShare >= 1) fail(`--validation-share is ${validationShare}; it must be below 1`)
}

function checkCounts({ split, testPosts, validationPosts }: SplitOptions): void {
	const counts = { '--test-posts': testPosts, '--validation-posts': validationPosts }
	for (const [flag, count] of Object.entries(counts))
		if (split === 'newest' && !(Number.isSafeInteger(count) && count >= 1))
			throw new AppError('bad-input', `${flag} is ${count}; it must be a whole number from 1`)
}

/** The posts created in [from, until), of posts that are oldest first. */
function within(titles: readonly Title[], from: number, until: number): Title[] {
	return titles.slice(firstSince(titles, from), firstSince(titles, until))
}

function firstSince(titles: readonly Title[], instant: number): number {
	let low = 0
	let high = titles.length
	while (low < high) {
		const middle = (low + high) >>> 1
		if ((titles[middle] as Title).created < instant) low = middle + 1
		else high = middle
	}
	return low
}

function createdAt(titles: readonly Title[], share: number): number | undefined {
	return titles[Math.floor(titles.length * share)]?.created
}

function formatWindow(windows: Windows, name: 'train' | 'test'): string {
	const [from, until] =
		name === 'train' ? [windows.from, windows.until] : [windows.testFrom, windows.testUntil]
	return `from ${formatDay(from)} until ${formatDay(until)}`
}

function formatDay(seconds: number): string {
	const text = new Date(seconds * 1000).toISOString()
	return seconds % DAY_SECONDS === 0 ? text.slice(0, 10) : text
}
