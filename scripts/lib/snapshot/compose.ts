// Decides which titles become lines of which file, and counts what was left out and why. Pure.
import { normalizeTitle } from '../../../src/model/normalize.ts'
import { formatTrainingLine, type LabelledTitle } from '../../../src/model/training-text.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import {
	type Admission,
	type AdmittedTitle,
	admitFeedback,
	type FeedbackTitle,
} from '../feedback/admit.ts'
import { chooseLimits, type FeedbackLimits } from '../feedback/parameters.ts'
import { isProfile } from '../posts/parse-row.ts'
import type { KnownSubreddits } from '../subreddits/known.ts'
import { writeAboutLines } from './about.ts'
import { countDays, countMonths } from './calendar.ts'
import { countWords } from './count-words.ts'
import { createRandom, drawTicket, shuffle, TICKETS } from './random.ts'
import { RECENT_DAYS, type Snapshot, type SplitName } from './snapshot-schema.ts'
import type { Split } from './split.ts'
import { findReposts, keepNewest, limitForShare } from './thin.ts'
import { joinRows, keepRows, type Rows, type TitleTable, withoutRows } from './title-table.ts'

const LARGEST_SHOWN = 5
const DAY_SECONDS = 86_400
const YEAR_DAYS = 366

export interface ComposeOptions extends Partial<FeedbackLimits> {
	/** A subreddit with fewer training posts is no label. */
	readonly minPosts: number
	/** Of a subreddit with more training posts only the newest so many are taken; feedback comes on top. */
	readonly maxPosts?: number | null | undefined
	/** The same, as a share of all training posts. */
	readonly maxShare?: number | null | undefined
	/** Of each label so many older posts than those go into files of their own, which a table of evidence counts and a training may learn. */
	readonly olderPosts?: number | undefined
	/** Whether what the labels say of themselves becomes lines, too. */
	readonly about?: boolean | undefined
	/**
	 * `once`: a title that a subreddit has several times is taken once. Under several subreddits it always stays.
	 * Measured with fastText (hs, 50 dimensions, 3 epochs) on June 2013: all kept 0.246 recall@1 and 0.380 recall@5,
	 * once 0.246 and 0.379, without titles of several subreddits 0.245 and 0.376. So all are kept unless asked.
	 */
	readonly reposts?: RepostRule | undefined
	/** Random seed of the order of the training lines. */
	readonly seed: number
	/** Picked titles, which {@link admitFeedback} compares with the posts. */
	readonly feedback?: readonly FeedbackTitle[]
	/**
	 * Feedback in the training file counts towards `minPosts`. If left out it does not: a handful of people could make any
	 * word a label, and what has no posts is in no test that would tell how well it is known.
	 */
	readonly labelsFromFeedback?: boolean
	/** The share of the feedback that goes into the test file in place of the training file; none if left out. */
	readonly feedbackTestShare?: number
}

export const REPOST_RULES = ['keep', 'once'] as const
export type RepostRule = (typeof REPOST_RULES)[number]

export interface Composed {
	/** Rows of the table, which has what is of no post, too. */
	readonly lines: Readonly<Record<SplitName, Rows>>
	/** The feedback in the training file, each title once. */
	readonly feedback: Rows
	/** What the labels say of themselves, which stands in the training file, too; and posts that are older than its posts. */
	readonly about: Rows
	readonly older: OlderPosts
	/** What became of the feedback before labels were chosen. */
	readonly admission: Admission
	readonly labels: Snapshot['labels']
	readonly months: Snapshot['months']
	readonly testDays: NonNullable<Snapshot['testDays']>
	readonly counts: Omit<Snapshot['counts'], 'emptyTitles' | 'profilePosts'>
}

/**
 * Validation and test posts of subreddits that are no label stay: a person may post there, so they are misses. Of a split by
 * each subreddit's newest posts they are left out: there, each subreddit counts alike, however few posts are known of it.
 *
 * @throws AppError `bad-input` where fewer than two labels are left, with what there is
 */
export function composeFiles(
	table: TitleTable,
	split: Split,
	options: ComposeOptions,
	known: KnownSubreddits = new Map(),
): Composed {
	const { reposts, crossposts, once } = findReposts(table, split.train)
	const posts = options.reposts === 'once' ? once : split.train
	const counts = countByName(table, posts)
	const learnable = keepLearnable(options, counts)
	const admission = admit(learnable, options, { table, posts, counts })
	const picked = partFeedback(admission.titles, options)
	const labels = chooseLabels(
		counts,
		options.labelsFromFeedback ? picked.train : [],
		options.minPosts,
	)
	const taken = takeLines(table, { posts, picked, labels, known }, options)
	const { labelled, capped, feedback, repeated, about, older, train, isKnown } = taken
	const held = split.isOfLabels
		? { valid: keepRows(split.valid, isKnown), test: keepRows(split.test, isKnown) }
		: { valid: split.valid, test: split.test }
	const notHeld = split.valid.length + split.test.length - held.valid.length - held.test.length
	const { test, inTraining, repeats } = thinTest(table, joinRows(held.test, taken.tested), train)
	const lines = { train, valid: held.valid, test }
	const countMisses = (rows: Rows) => rows.length - keepRows(rows, isKnown).length
	return {
		lines,
		feedback,
		about,
		older,
		admission,
		labels: countLabels(table, labels, lines, known),
		months: countMonths(table, lines),
		testDays: countDays(table, lines.test),
		counts: {
			train: train.length,
			valid: held.valid.length,
			test: test.length,
			labels: labels.size,
			rareSubredditPosts: posts.length - labelled.length + notHeld,
			rareSubreddits: countRare(table, split, labels),
			unknownLabelValid: countMisses(held.valid),
			unknownLabelTest: countMisses(test),
			testInTraining: inTraining,
			testRepeats: repeats,
			feedbackLines: repeated.length,
			feedbackTitles: feedback.length,
			...countLeftOut(
				(options.feedback ?? []).length - learnable.length + picked.train.length - feedback.length,
			),
			...countHeldBack(admission),
			feedbackTestLines: keepRows(test, (row) => row >= table.posts).length,
			reposts,
			crossposts,
			repostsLeftOut: split.train.length - posts.length,
			cappedPosts: labelled.length - capped.length,
			...(about.length > 0 ? { aboutLines: about.length } : {}),
			...(older.pastYear.length > 0 ? { pastYearPosts: older.pastYear.length } : {}),
			...(older.before.length > 0 ? { olderPosts: older.before.length } : {}),
		},
	}
}

interface Takeable {
	readonly posts: Rows
	readonly picked: ReturnType<typeof partFeedback>
	readonly labels: ReadonlySet<string>
	readonly known: KnownSubreddits
}

/** The lines of the training file in their random order, and what they are made of. */
function takeLines(
	table: TitleTable,
	{ posts, picked, labels, known }: Takeable,
	options: ComposeOptions,
) {
	const admitted = picked.train.filter(({ subreddit }) => labels.has(subreddit))
	const feedback = table.addLines(admitted)
	const tested = table.addLines(picked.test)
	const places = table.names.map((name) => labels.has(name))
	const isKnown = (row: number) => places[table.labels[row] ?? 0] === true
	const labelled = keepRows(posts, isKnown)
	const capped = capPosts(table, labelled, options)
	const repeated = Uint32Array.from(
		admitted.flatMap(({ weight }, index) => Array<number>(weight).fill(feedback[index] ?? 0)),
	)
	const names = [...labels].sort(compareText)
	const about = table.addLines(
		options.about ? writeAboutLines(names, countWords(table, labelled), known) : [],
	)
	const older = keepOlder(table, { labelled, capped }, options.olderPosts ?? 0)
	const train = joinRows(capped, repeated, about)
	shuffle(train, createRandom(options.seed))
	return { labelled, capped, feedback, tested, repeated, about, older, train, isKnown }
}

/** Subreddits with posts that could have been trained on, and too few of them. */
function countRare(
	table: TitleTable,
	{ train, valid, test, isOfLabels }: Split,
	labels: ReadonlySet<string>,
): number {
	const names = countByName(table, isOfLabels ? joinRows(train, valid, test) : train).keys()
	return [...names].filter((name) => !labels.has(name)).length
}

// Only where there is something to tell, so that the record of a snapshot without feedback is not full of zeros.
function countLeftOut(titles: number): { feedbackLeftOut?: number } {
	return titles > 0 ? { feedbackLeftOut: titles } : {}
}

function countHeldBack({
	contradictions,
	heldBack,
	overLimit,
}: Admission): Partial<Composed['counts']> {
	const suspicious = heldBack.reduce((sum, { titles }) => sum + titles, 0)
	return {
		...(contradictions > 0 ? { feedbackContradictions: contradictions } : {}),
		...(suspicious > 0 ? { feedbackSuspicious: suspicious } : {}),
		...(overLimit > 0 ? { feedbackOverLimit: overLimit } : {}),
	}
}

/** Feedback whose subreddit can be a label, so that what can't be learnt uses up no limit. */
function keepLearnable(
	{ feedback = [], labelsFromFeedback, minPosts }: ComposeOptions,
	counts: ReadonlyMap<string, number>,
): readonly FeedbackTitle[] {
	if (labelsFromFeedback) return feedback.filter(({ subreddit }) => !isProfile(subreddit))
	const names = [...counts].filter(([, posts]) => posts >= minPosts).map(([name]) => name)
	const labels = new Set(names.map((name) => name.toLowerCase()))
	return feedback.filter(({ subreddit }) => labels.has(subreddit.toLowerCase()))
}

interface TrainingPosts {
	readonly table: TitleTable
	readonly posts: Rows
	/** By name. */
	readonly counts: ReadonlyMap<string, number>
}

/** Compares picked titles with the training posts. */
function admit(
	feedback: readonly FeedbackTitle[],
	{ labelsFromFeedback, minPosts, ...options }: ComposeOptions,
	{ table, posts, counts }: TrainingPosts,
): Admission {
	const asked = new Set(feedback.map(({ title }) => normalizeTitle(title)))
	// The picks are few, so they are kept in a map while the posts are read once.
	const subreddits = new Map<string, Set<string>>()
	for (const { text, subreddit } of asked.size > 0 ? table.read(posts) : []) {
		if (!asked.has(text)) continue
		const known = subreddits.get(text) ?? new Set<string>()
		subreddits.set(text, known.add(subreddit))
	}
	const known = {
		counts,
		subredditsOf: (text: string) => subreddits.get(text),
		labelsFromFeedback: labelsFromFeedback ? minPosts : 0,
	}
	return admitFeedback(feedback, known, chooseLimits(options))
}

function partFeedback(
	titles: readonly AdmittedTitle[],
	{ feedbackTestShare = 0, seed }: ComposeOptions,
): { train: AdmittedTitle[]; test: LabelledTitle[] } {
	const isTest = (title: AdmittedTitle) =>
		drawTicket(seed, formatTrainingLine(title)) < feedbackTestShare * TICKETS
	return {
		train: titles.filter((title) => !isTest(title)),
		test: titles.filter(isTest).map(({ subreddit, text }) => ({ subreddit, text })),
	}
}

function capPosts(
	table: TitleTable,
	posts: Rows,
	{ maxPosts = null, maxShare = null }: ComposeOptions,
): Rows {
	const capped = maxPosts === null ? posts : keepNewest(table, posts, maxPosts)
	if (maxShare === null) return capped
	const counts = [...countByName(table, capped).values()]
	return keepNewest(table, capped, limitForShare(counts, maxShare))
}

interface OlderPosts {
	readonly pastYear: Rows
	/** From before that. */
	readonly before: Rows
}

/** The newest of what the limits left out. @param capped what they kept of the posts of all labels */
function keepOlder(
	table: TitleTable,
	{ labelled, capped }: { readonly labelled: Rows; readonly capped: Rows },
	limit: number,
): OlderPosts {
	const left = withoutRows(table, labelled, capped)
	const kept = limit === 0 ? new Uint32Array() : keepNewest(table, left, limit)
	const pastYear = keepSince(table, kept, newestOf(table, labelled) - YEAR_DAYS * DAY_SECONDS)
	return { pastYear, before: withoutRows(table, kept, pastYear) }
}

function chooseLabels(
	posts: ReadonlyMap<string, number>,
	feedback: readonly AdmittedTitle[],
	minPosts: number,
): Set<string> {
	const counts = new Map(posts)
	for (const { subreddit } of feedback) counts.set(subreddit, (counts.get(subreddit) ?? 0) + 1)
	const labels = [...counts].filter(([, count]) => count >= minPosts).map(([name]) => name)
	if (labels.length >= 2) return new Set(labels)
	const largest = [...counts]
		.sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]))
		.slice(0, LARGEST_SHOWN)
		.map(([name, count]) => `${name} ${count}`)
	throw new AppError(
		'bad-input',
		`--min-posts ${minPosts} leaves ${labels.length} of ${counts.size} labels, and two are needed; most training posts: ${largest.join(', ')}`,
	)
}

/**
 * A test title that stands word for word in the training file under the same subreddit counts once: what is posted
 * every week under one title would else be counted every week.
 */
function thinTest(
	table: TitleTable,
	rows: Rows,
	train: Rows,
): { test: Rows; inTraining: number; repeats: number } {
	const isAsked = new Uint8Array(table.size)
	for (const row of rows) isAsked[table.sameText[row] ?? 0] = 1
	const pairOf = (row: number) =>
		(table.sameText[row] ?? 0) * table.names.length + (table.labels[row] ?? 0)
	// Titles of the test are few, so they are kept in a set while the training titles are read once.
	const trained = new Set<number>()
	for (const row of train) if (isAsked[table.sameText[row] ?? 0]) trained.add(pairOf(row))
	const counted = new Set<number>()
	let inTraining = 0
	const test = keepRows(rows, (row) => {
		const pair = pairOf(row)
		if (!trained.has(pair)) return true
		inTraining += 1
		const isFirst = !counted.has(pair)
		counted.add(pair)
		return isFirst
	})
	return { test, inTraining, repeats: rows.length - test.length }
}

function countLabels(
	table: TitleTable,
	labels: ReadonlySet<string>,
	lines: Composed['lines'],
	known: KnownSubreddits,
): Snapshot['labels'] {
	const train = countByName(table, lines.train)
	const valid = countByName(table, lines.valid)
	const test = countByName(table, lines.test)
	const recent = countByName(table, keepRecent(table, lines.train))
	return [...labels].sort(compareText).map((name) => {
		const subscribers = known.get(name.toLowerCase())?.subscribers ?? undefined
		return {
			name,
			train: train.get(name) ?? 0,
			valid: valid.get(name) ?? 0,
			test: test.get(name) ?? 0,
			recent: recent.get(name) ?? 0,
			...(subscribers === undefined ? {} : { subscribers }),
		}
	})
}

function keepRecent(table: TitleTable, rows: Rows): Rows {
	return keepSince(table, rows, newestOf(table, rows) - RECENT_DAYS * DAY_SECONDS)
}

/** When the newest post was created, in seconds; 0 where there is none. */
function newestOf(table: TitleTable, rows: Rows): number {
	return rows.reduce((latest, row) => Math.max(latest, timeOf(table, row)), 0)
}

/** Posts that were created later. */
function keepSince(table: TitleTable, rows: Rows, from: number): Rows {
	return keepRows(rows, (row) => row < table.posts && timeOf(table, row) > from)
}

function timeOf(table: TitleTable, row: number): number {
	return row < table.posts ? (table.created[row] ?? 0) : 0
}

/** Of those that have any. */
function countByName(table: TitleTable, rows: Rows): Map<string, number> {
	const counts = new Map<string, number>()
	for (const [label, count] of table.countLabels(rows).entries())
		if (count > 0) counts.set(table.names[label] ?? '', count)
	return counts
}

// By code unit: `localeCompare` differs from machine to machine.
function compareText(a: string, b: string): number {
	return a < b ? -1 : Number(a > b)
}
