// Turns scores into calibrated probabilities: isotonic regression, fitted on validation posts. Titles with as many known words
// share curves: one for each rank and one for all five together.
import {
	type Calibration,
	type Curve,
	type Curves,
	SUGGESTION_COUNT,
} from '../shared/calibration.ts'
import type { Knowledge } from './engine.ts'

const MAX_KNOTS = 48

/** What a suggestion at some rank scored, and whether it was the post's subreddit. */
export interface Outcome {
	readonly score: number
	readonly hit: boolean
}

/** The suggestions for a title of which a model knows so much, first one first. */
export interface AnsweredTitle extends Knowledge {
	readonly outcomes: readonly Outcome[]
}

/**
 * The least of a title's words that are known, as a number and as a share, for each group of titles. The number says nearly
 * all; the share says something where several words are known. Among long titles the longer ones are right more often at the same
 * score, because a score is one of a mean over all words (measured: see docs/suggestions.md).
 */
const GROUPS = [
	{ knownWords: 1, knownShare: 0 },
	{ knownWords: 2, knownShare: 0 },
	{ knownWords: 3, knownShare: 0 },
	{ knownWords: 5, knownShare: 0 },
	{ knownWords: 5, knownShare: 0.75 },
	{ knownWords: 9, knownShare: 0 },
	{ knownWords: 9, knownShare: 0.75 },
	{ knownWords: 13, knownShare: 0 },
	{ knownWords: 19, knownShare: 0 },
] as const

/** A group with fewer titles is joined with the one before, because curves fitted on few titles are mostly noise. */
const MIN_GROUP_TITLES = 500

/** The curves for a title of which so much is known. */
export function curvesFor(calibration: Calibration, { knownWords, words }: Knowledge): Curves {
	if (calibration.method === 'isotonic') return calibration
	const group = findGroup(calibration.groups, { knownWords, words }) ?? calibration.groups[0]
	if (!group) throw new RangeError('a calibration without a group')
	return group
}

/**
 * The probability that the suggestion at `rank` (1 is the first) with this score is right.
 *
 * @param score in [0, 1]
 */
export function calibrate({ ranks }: Pick<Curves, 'ranks'>, rank: number, score: number): number {
	const curve = ranks[rank - 1]
	if (!curve) throw new RangeError(`rank: ${rank}; expected 1 to ${ranks.length}`)
	return interpolate(curve, score)
}

/**
 * The probabilities of one title's suggestions. Each rank has a curve of its own, so that they can contradict each other
 * for one title, and together they promise too much. The first one stands, because p@1 is what is measured; the others
 * never exceed the one before, and are scaled so that all of them add up to how often one of them is right.
 *
 * @param scores in [0, 1], first suggestion first
 */
export function calibrateAll(curves: Curves, scores: readonly number[]): number[] {
	const falling = makeFalling(curves, scores)
	const [first = 0, ...rest] = falling
	let left = Math.max(0, interpolate(curves.total, sumUpToOne(falling)) - first)
	let weight = rest.reduce((sum, probability) => sum + probability, 0)
	const scaled = rest.map((probability) => {
		// A probability that would exceed the first one is cut, and the excess goes to those after it.
		const share = weight > 0 ? Math.min(first, (left * probability) / weight) : 0
		left -= share
		weight -= probability
		return share
	})
	return [first, ...scaled].slice(0, scores.length)
}

/** Fits curves for each group of titles that is large enough. A title without suggestions has no part in it. */
export function fitCalibration(titles: readonly AnsweredTitle[]): Calibration {
	const answered = titles.filter(({ outcomes }) => outcomes.length > 0)
	if (answered.length === 0) throw new RangeError('no titles to fit a calibration on')
	const groups = groupTitles(answered).map(({ knownWords, knownShare, outcomes }) => ({
		knownWords,
		knownShare,
		posts: outcomes.length,
		...fitCurves(outcomes),
	}))
	return { method: 'isotonic-by-known-words', posts: answered.length, groups }
}

interface Group {
	readonly knownWords: number
	readonly knownShare: number
	readonly outcomes: (readonly Outcome[])[]
}

function groupTitles(titles: readonly AnsweredTitle[]): Group[] {
	const all: Group[] = GROUPS.map((bounds) => ({ ...bounds, outcomes: [] }))
	for (const title of titles) findGroup(all, title)?.outcomes.push(title.outcomes)
	const kept: Group[] = []
	for (const group of all) {
		const before = kept.at(-1)
		if (before && Math.min(before.outcomes.length, group.outcomes.length) < MIN_GROUP_TITLES)
			for (const outcomes of group.outcomes) before.outcomes.push(outcomes)
		else kept.push(group)
	}
	return kept
}

function findGroup<G extends { readonly knownWords: number; readonly knownShare: number }>(
	groups: readonly G[],
	{ knownWords, words }: Knowledge,
): G | undefined {
	const share = words === 0 ? 0 : knownWords / words
	return groups.findLast((group) => knownWords >= group.knownWords && share >= group.knownShare)
}

/**
 * Fits one curve for each rank, then the one for all of them together.
 *
 * Source: Zadrozny & Elkan 2002, "Transforming classifier scores into accurate multiclass probability estimates"
 * (isotonic regression by pool-adjacent-violators).
 *
 * @param titles the suggestions of each, first one first
 */
export function fitCurves(titles: readonly (readonly Outcome[])[]): Curves {
	const ranks = Array.from({ length: SUGGESTION_COUNT }, (_, rank) =>
		fitCurve(titles.flatMap((outcomes) => outcomes[rank] ?? [])),
	)
	const together = titles.map((outcomes) => {
		const scores = outcomes.map(({ score }) => score)
		const hit = outcomes.some((outcome) => outcome.hit)
		return { score: sumUpToOne(makeFalling({ ranks }, scores)), hit }
	})
	return { ranks, total: fitCurve(together) }
}

function makeFalling(curves: Pick<Curves, 'ranks'>, scores: readonly number[]): number[] {
	let limit = 1
	return scores.map((score, index) => {
		limit = Math.min(limit, calibrate(curves, index + 1, score))
		return limit
	})
}

function sumUpToOne(probabilities: readonly number[]): number {
	return Math.min(
		1,
		probabilities.reduce((sum, probability) => sum + probability, 0),
	)
}

/** Outcomes that share a value: their scores add up to `scoreSum`. */
export interface Block {
	readonly weight: number
	readonly hits: number
	readonly scoreSum: number
}

function fitCurve(outcomes: readonly Outcome[]): Curve {
	// A rank that no title reaches (fewer labels than ranks) is never asked for.
	if (outcomes.length === 0) return { scores: [0], probabilities: [0] }
	const sorted = [...outcomes].sort((a, b) => a.score - b.score)
	const blocks = thinBlocks(poolViolators(groupByScore(sorted)))
	const scores: number[] = []
	const probabilities: number[] = []
	for (const { weight, hits, scoreSum } of blocks) {
		const score = roundTo(scoreSum / weight, 1e6)
		const before = scores.at(-1)
		// Neighbouring scores may become equal when rounded; a curve has one value for each score.
		if (before !== undefined && score <= before) continue
		scores.push(score)
		probabilities.push(roundTo(hits / weight, 1e5))
	}
	return { scores, probabilities }
}

/** Rounded, because the manifest carries the curves and further digits mean nothing. */
function roundTo(number: number, parts: number): number {
	return Math.round(number * parts) / parts
}

function groupByScore(sorted: readonly Outcome[]): Block[] {
	const groups: { -readonly [Key in keyof Block]: Block[Key] }[] = []
	let last = Number.NaN
	for (const { score, hit } of sorted) {
		const group = score === last ? groups.at(-1) : undefined
		if (group) {
			group.weight += 1
			group.hits += hit ? 1 : 0
			group.scoreSum += score
		} else groups.push({ weight: 1, hits: hit ? 1 : 0, scoreSum: score })
		last = score
	}
	return groups
}

/**
 * Isotonic regression by pool-adjacent-violators: joins neighbours until their shares of hits ascend.
 *
 * @param blocks by ascending score
 */
export function poolViolators(blocks: readonly Block[]): Block[] {
	const pooled: Block[] = []
	for (const block of blocks) {
		let current = { ...block }
		for (
			let before = pooled.at(-1);
			before && mean(before) >= mean(current);
			before = pooled.at(-1)
		) {
			pooled.pop()
			current = merge(before, current)
		}
		pooled.push(current)
	}
	return pooled
}

// A curve goes into the manifest: neighbours are joined until few enough are left, evenly by weight. Pooling means of
// ascending blocks keeps them ascending.
function thinBlocks(blocks: readonly Block[]): Block[] {
	if (blocks.length <= MAX_KNOTS) return [...blocks]
	const total = blocks.reduce((sum, { weight }) => sum + weight, 0)
	const thinned: Block[] = []
	let current: Block | null = null
	for (const block of blocks) {
		current = current ? merge(current, block) : { ...block }
		if (current.weight >= total / MAX_KNOTS) {
			thinned.push(current)
			current = null
		}
	}
	if (current) thinned.push(current)
	return thinned
}

function merge(a: Block, b: Block): Block {
	return {
		weight: a.weight + b.weight,
		hits: a.hits + b.hits,
		scoreSum: a.scoreSum + b.scoreSum,
	}
}

function mean({ hits, weight }: Block): number {
	return hits / weight
}

function interpolate({ scores, probabilities }: Curve, score: number): number {
	const above = scores.findIndex((knot) => knot >= score)
	if (above === -1) return probabilities.at(-1) ?? 0
	const high = probabilities[above] ?? 0
	const lowScore = scores[above - 1]
	if (lowScore === undefined) return high
	const low = probabilities[above - 1] ?? 0
	const highScore = scores[above] ?? lowScore
	return low + ((high - low) * (score - lowScore)) / (highScore - lowScore)
}
