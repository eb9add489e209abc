// From the engine's scores to probabilities that hold: isotonic regression, fitted on validation posts, one curve a rank.
import { type Calibration, type Curve, SUGGESTION_COUNT } from '../shared/calibration.ts'

const MAX_KNOTS = 64

/** What a suggestion at some rank scored, and whether it was the post's subreddit. */
export interface Outcome {
	readonly score: number
	readonly hit: boolean
}

/**
 * The probability that the suggestion at `rank` (1 is the first) with this score is right.
 *
 * @param score the engine's raw probability, in [0, 1]
 */
export function calibrate(calibration: Calibration, rank: number, score: number): number {
	const curve = calibration.ranks[rank - 1]
	if (!curve) throw new RangeError(`rank: ${rank}; expected 1 to ${calibration.ranks.length}`)
	return interpolate(curve, score)
}

/**
 * Fits one curve for each rank.
 *
 * Source: Zadrozny & Elkan 2002, "Transforming classifier scores into accurate multiclass probability estimates"
 * (isotonic regression by pool-adjacent-violators).
 *
 * @param outcomes by rank: `outcomes[0]` holds the first suggestion of each validation post
 */
export function fitCalibration(outcomes: readonly (readonly Outcome[])[]): Calibration {
	const posts = outcomes[0]?.length ?? 0
	if (posts === 0) throw new RangeError('no posts to fit a calibration on')
	const ranks = Array.from({ length: SUGGESTION_COUNT }, (_, index) =>
		fitCurve(outcomes[index] ?? []),
	)
	return { method: 'isotonic', posts, ranks }
}

interface Block {
	weight: number
	hits: number
	scoreSum: number
}

function fitCurve(outcomes: readonly Outcome[]): Curve {
	// A rank that no title reaches (fewer labels than ranks) is never asked for.
	if (outcomes.length === 0) return { scores: [0], probabilities: [0] }
	const sorted = [...outcomes].sort((a, b) => a.score - b.score)
	const blocks = thinBlocks(poolViolators(groupByScore(sorted)))
	const scores: number[] = []
	const probabilities: number[] = []
	for (const { weight, hits, scoreSum } of blocks) {
		const score = scoreSum / weight
		const before = scores.at(-1)
		// Means of neighbours can meet in floating point; a curve has one value at a score.
		if (before !== undefined && score <= before) continue
		scores.push(score)
		probabilities.push(hits / weight)
	}
	return { scores, probabilities }
}

function groupByScore(sorted: readonly Outcome[]): Block[] {
	const groups: Block[] = []
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

function poolViolators(blocks: readonly Block[]): Block[] {
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
