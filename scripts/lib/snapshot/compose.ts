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
import { DEFAULT_FEEDBACK_LIMITS, type FeedbackLimits } from '../feedback/limits.ts'
import { isProfile } from '../posts/parse-row.ts'
import type { KnownSubreddits } from '../subreddits/known.ts'
import { writeAboutLines } from './about.ts'
import { countDays, countMonths } from './calendar.ts'
import { createRandom, drawTicket, shuffle, TICKETS } from './random.ts'
import type { Title } from './read-titles.ts'
import { RECENT_DAYS, type Snapshot, type SplitName } from './snapshot-schema.ts'
import type { Split } from './split.ts'
import { findReposts, keepNewest, limitForShare } from './thin.ts'

const LARGEST_SHOWN = 5
const DAY_SECONDS = 86_400

export interface ComposeOptions {
	/** A subreddit with fewer training posts is no label. */
	readonly minPosts: number
	/** Of a subreddit with more training posts only the newest so many are taken; feedback comes on top. */
	readonly maxPosts?: number | null | undefined
	/** The same, as a share of all training posts. */
	readonly maxShare?: number | null | undefined
	/** Of each label so many older posts than those go into a file of their own, which only a table of evidence counts. */
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
	readonly feedbackLimits?: FeedbackLimits
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

/** A line of a file; feedback has no time. */
export type Line = LabelledTitle & { readonly created?: number }

export interface Composed {
	readonly lines: Readonly<Record<SplitName, readonly Line[]>>
	/** The feedback in the training file, each title once. */
	readonly feedback: readonly Line[]
	/** What the labels say of themselves, which stands in the training file, too; and posts that are older than its posts. */
	readonly about: readonly Line[]
	readonly older: readonly Line[]
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
	split: Split,
	options: ComposeOptions,
	known: KnownSubreddits = new Map(),
): Composed {
	const { reposts, crossposts, once } = findReposts(split.train)
	const posts = options.reposts === 'once' ? once : split.train
	const counts = countBy(posts)
	const learnable = keepLearnable(options, counts)
	const admission = admit(learnable, options, posts, counts)
	const picked = partFeedback(admission.titles, options)
	const labels = chooseLabels(
		counts,
		options.labelsFromFeedback ? picked.train : [],
		options.minPosts,
	)
	const isKnown = ({ subreddit }: Line) => labels.has(subreddit)
	const labelled = posts.filter(isKnown)
	const capped = capPosts(labelled, options)
	const feedback = picked.train.filter(isKnown)
	const repeated = feedback.flatMap((title) => Array<Line>(title.weight).fill(title))
	const about = options.about ? writeAboutLines([...labels].sort(compareText), labelled, known) : []
	const older = keepOlder(labelled, capped, options.olderPosts ?? 0)
	const train: Line[] = [...capped, ...repeated, ...about]
	shuffle(train, createRandom(options.seed))
	const held = split.isOfLabels
		? { valid: split.valid.filter(isKnown), test: split.test.filter(isKnown) }
		: { valid: split.valid, test: split.test }
	const notHeld = split.valid.length + split.test.length - held.valid.length - held.test.length
	const { test, inTraining, repeats } = thinTest([...held.test, ...picked.test], train)
	const lines = { train, valid: held.valid, test }
	const countMisses = (of: readonly Line[]) => of.length - of.filter(isKnown).length
	return {
		lines,
		feedback,
		about,
		older,
		admission,
		labels: countLabels(labels, lines, known),
		months: countMonths(lines),
		testDays: countDays(lines.test),
		counts: {
			train: train.length,
			valid: held.valid.length,
			test: test.length,
			labels: labels.size,
			rareSubredditPosts: posts.length - labelled.length + notHeld,
			rareSubreddits: countRare(split, labels),
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
			feedbackTestLines: test.filter(({ created }) => created === undefined).length,
			reposts,
			crossposts,
			repostsLeftOut: split.train.length - posts.length,
			cappedPosts: labelled.length - capped.length,
			...(about.length > 0 ? { aboutLines: about.length } : {}),
			...(older.length > 0 ? { olderPosts: older.length } : {}),
		},
	}
}

/** Subreddits with posts that could have been trained on, and too few of them. */
function countRare({ train, valid, test, isOfLabels }: Split, labels: ReadonlySet<string>): number {
	const posts = isOfLabels ? [train, valid, test] : [train]
	const names = new Set(posts.flatMap((part) => part.map(({ subreddit }) => subreddit)))
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

/** @throws AppError `bad-input` for limits that no subreddit can keep */
export function checkLimits({ minPosts, maxPosts, maxShare, feedback = [] }: ComposeOptions): void {
	if (typeof maxPosts === 'number' && maxPosts < minPosts)
		throw new AppError('bad-input', `--max-posts ${maxPosts} is below --min-posts ${minPosts}`)
	if (maxShare === 0) throw new AppError('bad-input', '--max-share is 0; it must be above')
	const odd = feedback.find(({ weight }) => !Number.isSafeInteger(weight) || weight < 1)
	if (odd)
		throw new AppError(
			'bad-input',
			`weight of feedback is ${odd.weight}; it must be a whole number from 1`,
		)
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

/** Compares picked titles with the training posts. */
function admit(
	feedback: readonly FeedbackTitle[],
	{ feedbackLimits = DEFAULT_FEEDBACK_LIMITS, labelsFromFeedback, minPosts }: ComposeOptions,
	posts: readonly Title[],
	counts: ReadonlyMap<string, number>,
): Admission {
	// The picks are few, so they are kept in a map while the posts are read once.
	const asked = new Set(feedback.map(({ title }) => normalizeTitle(title)))
	const subreddits = new Map<string, Set<string>>()
	for (const { text, subreddit } of posts) {
		if (!asked.has(text)) continue
		const known = subreddits.get(text) ?? new Set<string>()
		subreddits.set(text, known.add(subreddit))
	}
	const known = {
		counts,
		subredditsOf: (text: string) => subreddits.get(text),
		labelsFromFeedback: labelsFromFeedback ? minPosts : 0,
	}
	return admitFeedback(feedback, known, feedbackLimits)
}

function partFeedback(
	titles: readonly AdmittedTitle[],
	{ feedbackTestShare = 0, seed }: ComposeOptions,
): { train: AdmittedTitle[]; test: Line[] } {
	const isTest = (title: AdmittedTitle) =>
		drawTicket(seed, formatTrainingLine(title)) < feedbackTestShare * TICKETS
	return {
		train: titles.filter((title) => !isTest(title)),
		test: titles.filter(isTest).map(({ subreddit, text }) => ({ subreddit, text })),
	}
}

function capPosts(
	posts: readonly Title[],
	{ maxPosts = null, maxShare = null }: ComposeOptions,
): readonly Title[] {
	const capped = maxPosts === null ? posts : keepNewest(posts, maxPosts)
	if (maxShare === null) return capped
	return keepNewest(capped, limitForShare([...countBy(capped).values()], maxShare))
}

/** Of what the limits left out, each subreddit's newest. */
function keepOlder(posts: readonly Title[], taken: readonly Title[], limit: number): Title[] {
	if (limit === 0) return []
	const trained = new Set(taken)
	return keepNewest(
		posts.filter((post) => !trained.has(post)),
		limit,
	)
}

function chooseLabels(
	posts: ReadonlyMap<string, number>,
	feedback: readonly AdmittedTitle[],
	minPosts: number,
): Set<string> {
	const counts = new Map(posts)
	for (const [name, count] of countBy(feedback)) counts.set(name, (counts.get(name) ?? 0) + count)
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
	posts: readonly Line[],
	train: readonly Line[],
): { test: Line[]; inTraining: number; repeats: number } {
	const asked = new Set(posts.map(({ text }) => text))
	// The test file is small, so its titles are kept in a map while the training file is read once.
	const trained = new Set<string>()
	for (const line of train) if (asked.has(line.text)) trained.add(formatTrainingLine(line))
	const counted = new Set<string>()
	let inTraining = 0
	const test = posts.filter((post) => {
		const text = formatTrainingLine(post)
		if (!trained.has(text)) return true
		inTraining += 1
		const isFirst = !counted.has(text)
		counted.add(text)
		return isFirst
	})
	return { test, inTraining, repeats: posts.length - test.length }
}

function countLabels(
	labels: ReadonlySet<string>,
	lines: Composed['lines'],
	known: KnownSubreddits,
): Snapshot['labels'] {
	const train = countBy(lines.train)
	const valid = countBy(lines.valid)
	const test = countBy(lines.test)
	const recent = countBy(keepRecent(lines.train))
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

function keepRecent(lines: readonly Line[]): Line[] {
	const newest = lines.reduce((latest, { created = 0 }) => Math.max(latest, created), 0)
	const from = newest - RECENT_DAYS * DAY_SECONDS
	return lines.filter(({ created }) => created !== undefined && created > from)
}

function countBy(lines: Iterable<Line>): Map<string, number> {
	const counts = new Map<string, number>()
	for (const { subreddit } of lines) counts.set(subreddit, (counts.get(subreddit) ?? 0) + 1)
	return counts
}

// By code unit: `localeCompare` differs from machine to machine.
function compareText(a: string, b: string): number {
	return a < b ? -1 : Number(a > b)
}
