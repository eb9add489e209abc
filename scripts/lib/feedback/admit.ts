// Decides how many lines of the training file each picked title becomes, as limits apply to what strangers send. Pure.
import { normalizeTitle } from '../../../src/model/normalize.ts'
import type { PickSource } from './choose.ts'
import { groupBy } from './group-by.ts'
import { groupNearIdentical } from './near-identical.ts'
import type { FeedbackLimits, Suspicion } from './parameters.ts'

/** What a person picks in a while. With few training posts, a share alone would leave nothing of it. */
export const MIN_FILE_LINES = 60

/** The rules, as help texts state them. */
export const LIMITS_RULE = `Anybody can send picks, so their weight is limited. The picks of a subreddit become at most --feedback-per-post training
lines for each of its posts. The picks of one imported file, or those that one address sent on one day (serve --collect),
become at most a share of --feedback-file-share of all training posts (but ${MIN_FILE_LINES} lines are always allowed), and all
picks together at most --feedback-share. A picked title that the posts have only under other subreddits is a contradiction,
and becomes one line, whatever --feedback-weight says.

Suspicious picks are listed and left out, unless --feedback-include names the suspicion:
  share           a subreddit has half as many picks as posts, and ten times more than its share of the posts
  near-identical  five or more titles of a subreddit share four fifths of their words; one of them is kept
  burst           one file, or one address on one day, has 60 or more picks within ten minutes`

const MIN_SUSPICIOUS_TITLES = 20
const SUSPICIOUS_PER_POST = 0.5
const SUSPICIOUS_SHARE_RATIO = 10
const MIN_COPIES = 5
const BURST_PICKS = 60
const BURST_MS = 10 * 60_000

/** A title whose label comes from a pick and not from a post. */
export interface FeedbackTitle {
	readonly subreddit: string
	/** As a person wrote it. */
	readonly title: string
	/** How many lines of the training file it becomes if no limit applies: a whole number from 1. */
	readonly weight: number
	/** All that brought it; none are known where it is left out. */
	readonly sources?: readonly PickSource[]
}

/** The same, ready to become lines. */
export interface AdmittedTitle {
	readonly subreddit: string
	/** Normalised. */
	readonly text: string
	/** How many lines of the training file it becomes: a whole number from 1. */
	readonly weight: number
}

/** Picks that were left out as suspicious, of one subreddit or one file. */
export interface HeldBack {
	readonly why: Suspicion
	/** The subreddit or, for a burst, the first of its sources. */
	readonly what: string
	readonly titles: number
}

export interface Admission {
	/** By subreddit, then text. */
	readonly titles: readonly AdmittedTitle[]
	/** Titles that stand in the posts, and only under other subreddits. */
	readonly contradictions: number
	/** Most titles first. */
	readonly heldBack: readonly HeldBack[]
	/** Titles left out because of the limits. */
	readonly overLimit: number
}

/** The posts that picks are compared with. */
export interface KnownPosts {
	/** Training posts by subreddit. */
	readonly counts: ReadonlyMap<string, number>
	/** The subreddits of the training posts with this normalised title. */
	readonly subredditsOf: (text: string) => ReadonlySet<string> | undefined
	/** A subreddit with fewer posts may become a label by its picks: they are let in up to this number of titles. */
	readonly labelsFromFeedback: number
}

type Candidate = AdmittedTitle & {
	readonly sources: readonly PickSource[]
	readonly contradicts: boolean
}

/**
 * Admits picked titles by the rules of {@link LIMITS_RULE}. Which titles are left out under a limit depends on their text
 * alone, so that nobody gains by being first or last.
 */
export function admitFeedback(
	titles: readonly FeedbackTitle[],
	posts: KnownPosts,
	limits: FeedbackLimits,
): Admission {
	const candidates = readCandidates(titles, posts)
	const { kept, heldBack } = leaveOutSuspicious(candidates, posts, limits)
	const total = [...posts.counts.values()].reduce((sum, count) => sum + count, 0)
	const fileLines = Math.max(MIN_FILE_LINES, Math.floor(limits.feedbackFileShare * total))
	const budgets = {
		bySubreddit: (name: string) => subredditLines(name, posts, limits, kept),
		byFile: fileLines,
		all: Math.max(fileLines, Math.floor(limits.feedbackShare * total)),
	}
	const admitted = spendBudgets(kept, budgets)
	return {
		titles: admitted.sort(
			(a, b) => compareText(a.subreddit, b.subreddit) || compareText(a.text, b.text),
		),
		contradictions: candidates.filter(({ contradicts }) => contradicts).length,
		heldBack,
		overLimit: kept.length - admitted.length,
	}
}

// People type names in any case: Reddit's names are the same in any.
function readCandidates(titles: readonly FeedbackTitle[], posts: KnownPosts): Candidate[] {
	const spelling = new Map(titles.toSorted(byTime).map(keyed))
	for (const name of posts.counts.keys()) spelling.set(name.toLowerCase(), name)
	return titles.flatMap(({ title, weight, sources = [], ...named }) => {
		const text = normalizeTitle(title)
		if (text === '') return []
		const subreddit = spelling.get(named.subreddit.toLowerCase()) ?? named.subreddit
		const known = posts.subredditsOf(text)
		const contradicts = known !== undefined && !known.has(subreddit)
		return [{ subreddit, text, weight: contradicts ? 1 : weight, sources, contradicts }]
	})
}

function keyed({ subreddit }: FeedbackTitle): [key: string, name: string] {
	return [subreddit.toLowerCase(), subreddit]
}

/** Where no post has the name, the newest pick says how it is written. */
function byTime(one: FeedbackTitle, other: FeedbackTitle): number {
	return lastTime(one) - lastTime(other) || compareText(one.subreddit, other.subreddit)
}

function lastTime({ sources = [] }: FeedbackTitle): number {
	return Math.max(0, ...sources.map(({ time }) => time))
}

function leaveOutSuspicious(
	candidates: readonly Candidate[],
	posts: KnownPosts,
	{ feedbackInclude: include }: FeedbackLimits,
): { kept: Candidate[]; heldBack: HeldBack[] } {
	const heldBack: HeldBack[] = []
	let kept = [...candidates]
	const leaveOut = (why: Suspicion, what: string, out: ReadonlySet<Candidate>) => {
		if (out.size === 0 || include.includes(why)) return
		heldBack.push({ why, what, titles: out.size })
		kept = kept.filter((candidate) => !out.has(candidate))
	}
	for (const [source, picks] of findBursts(kept)) leaveOut('burst', source, new Set(picks))
	for (const [name, picks] of groupBy(kept, ({ subreddit }) => subreddit))
		leaveOut('near-identical', name, findCopies(picks))
	const all = kept.length
	for (const [name, picks] of groupBy(kept, ({ subreddit }) => subreddit))
		if (isBeyondShare(picks.length, all, name, posts)) leaveOut('share', name, new Set(picks))
	return {
		kept,
		heldBack: heldBack.sort((a, b) => b.titles - a.titles || compareText(a.what, b.what)),
	}
}

/** Titles that are part of a burst in each of their sources, by the first of these: one that took its time vouches for them. */
function findBursts(candidates: readonly Candidate[]): Map<string, Candidate[]> {
	const picks = candidates.flatMap((candidate) =>
		candidate.sources.map((source) => ({ ...source, candidate })),
	)
	const bursts = new Map(
		[...groupBy(picks, ({ name }) => name)].map(([name, own]) => [name, findBurst(own)]),
	)
	// Picks from before sources were kept have an empty one.
	bursts.delete('')
	const inAll = candidates.filter(
		(candidate) =>
			candidate.sources.length > 0 &&
			candidate.sources.every(({ name }) => bursts.get(name)?.has(candidate)),
	)
	return groupBy(inAll, ({ sources }) => sources[0]?.name ?? '')
}

interface TimedPick {
	readonly time: number
	readonly candidate: Candidate
}

/** Picks of one source that a person can't have made: too many within ten minutes. */
function findBurst(picks: readonly TimedPick[]): Set<Candidate> {
	const timed = picks.toSorted((a, b) => a.time - b.time)
	const burst = new Set<Candidate>()
	let start = 0
	for (const [end, { time }] of timed.entries()) {
		while (time - (timed[start]?.time ?? time) > BURST_MS) start += 1
		if (end - start + 1 >= BURST_PICKS)
			for (const { candidate } of timed.slice(start, end + 1)) burst.add(candidate)
	}
	return burst
}

/** All but the first of each group of near-identical titles. */
function findCopies(picks: readonly Candidate[]): Set<Candidate> {
	const groups = groupNearIdentical(picks.map(({ text }) => text))
	const sizes = new Map<number, number>()
	for (const first of groups) sizes.set(first, (sizes.get(first) ?? 0) + 1)
	return new Set(
		picks.filter((_, index) => {
			const first = groups[index] ?? index
			return first !== index && (sizes.get(first) ?? 0) >= MIN_COPIES
		}),
	)
}

function isBeyondShare(titles: number, all: number, name: string, posts: KnownPosts): boolean {
	const own = posts.counts.get(name) ?? 0
	if (titles < MIN_SUSPICIOUS_TITLES || titles < SUSPICIOUS_PER_POST * own) return false
	const total = [...posts.counts.values()].reduce((sum, count) => sum + count, 0)
	const expected = (all * own) / total
	return titles > SUSPICIOUS_SHARE_RATIO * expected
}

function subredditLines(
	name: string,
	{ counts, labelsFromFeedback }: KnownPosts,
	{ feedbackPerPost }: FeedbackLimits,
	kept: readonly Candidate[],
): number {
	const lines = Math.floor(feedbackPerPost * (counts.get(name) ?? 0))
	if (labelsFromFeedback === 0) return lines
	// With --labels-from-feedback, the titles that make a subreddit a label must get in.
	const weights = kept.filter(({ subreddit }) => subreddit === name).map(({ weight }) => weight)
	return Math.max(lines, labelsFromFeedback * Math.max(1, ...weights))
}

interface Budgets {
	readonly bySubreddit: (name: string) => number
	readonly byFile: number
	readonly all: number
}

/**
 * Each title gets its first line before any gets a second one. A line that several sources brought is charged to the one
 * with most lines left: so naming the same titles gives two sources no more lines than naming different ones.
 */
function spendBudgets(candidates: readonly Candidate[], budgets: Budgets): AdmittedTitle[] {
	const left = {
		all: budgets.all,
		subreddits: new Map<string, number>(),
		files: new Map<string, number>(),
	}
	const lines = new Map<Candidate, number>()
	const order = candidates
		.map((candidate) => ({ candidate, key: scatter(`${candidate.subreddit} ${candidate.text}`) }))
		.sort((a, b) => a.key - b.key || compareText(a.candidate.text, b.candidate.text))
		.map(({ candidate }) => candidate)
	const heaviest = order.reduce((most, { weight }) => Math.max(most, weight), 0)
	for (let round = 1; round <= heaviest; round += 1)
		for (const candidate of order) {
			if (candidate.weight < round || (round > 1 && !lines.has(candidate))) continue
			const subreddit =
				left.subreddits.get(candidate.subreddit) ?? budgets.bySubreddit(candidate.subreddit)
			const file = richest(candidate.sources, left.files, budgets.byFile)
			if (left.all < 1 || subreddit < 1 || (file && file.lines < 1)) continue
			left.all -= 1
			left.subreddits.set(candidate.subreddit, subreddit - 1)
			if (file) left.files.set(file.name, file.lines - 1)
			lines.set(candidate, round)
		}
	return [...lines].map(([{ subreddit, text }, weight]) => ({ subreddit, text, weight }))
}

/** The source with most lines left; none where no source is known. */
function richest(
	sources: readonly PickSource[],
	left: ReadonlyMap<string, number>,
	budget: number,
): { readonly name: string; readonly lines: number } | undefined {
	return sources
		.map(({ name }) => ({ name, lines: left.get(name) ?? budget }))
		.sort((a, b) => b.lines - a.lines || compareText(a.name, b.name))[0]
}

/** A hash of the text, to order titles in a way that nobody can use (FNV-1a and MurmurHash3's last steps). */
function scatter(text: string): number {
	let state = 0x811c9dc5
	for (let index = 0; index < text.length; index += 1)
		state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
	state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
	state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
	return (state ^ (state >>> 16)) >>> 0
}

function compareText(a: string, b: string): number {
	return a < b ? -1 : Number(a > b)
}
