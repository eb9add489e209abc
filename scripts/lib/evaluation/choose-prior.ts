// Chooses the prior on validation posts, whose mixture of subreddits is close to that of today. Pure.

import { weighOrder } from '../../../src/model/prior.ts'
import { sortLabels } from '../../../src/model/sort-labels.ts'
import type { Prior } from '../../../src/shared/prior.ts'
import type { Snapshot } from '../snapshot/snapshot-schema.ts'
import type { RankedTitles } from './ranked-titles.ts'

const GAMMAS = Array.from({ length: 11 }, (_, step) => step / 10)
const BETAS = [
	0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
	1.75, 2, 2.5, 3,
]

/** Added to each label's number of subscribers, so that a label with few of them is not shut out. */
const SIZE_FLOOR = 100
/** Added to each label's number of recent posts, because a share measured on a few posts is unreliable. */
const RECENT_FLOOR = 5
/** If fewer labels have a known size, sizes are not used. */
const LEAST_SIZED_SHARE = 0.5
/** With fewer validation titles the choice would be random. */
const LEAST_TITLES = 500
/** Short titles: of at most so many known words, and more than the number before. */
const SHORT_TITLES = [1, 2, 4]
/**
 * What beta may cost of recall@5, in which each subreddit counts alike: people post where many are, and what it brings there is
 * several times as much.
 */
const BETA_COST = 0.045
/** What the order of the five may cost of the recall@1 without a prior: whoever reads one suggestion shall read one where people are. */
const ORDER_COST = 0.08
/** How many times as strong the prior may be for short titles. */
const TIMES = Array.from({ length: 9 }, (_, step) => 1 + step / 4)

/** The rule, as the help of `adjust` states it. */
export const PRIOR_RULE = `The prior ranks large and active subreddits higher: it adds
log(1 + beta · subscribers / mean subscribers) + gamma · log(share of recent posts) to the log-probability of each label,
so that a hit counts 1 + beta · subscribers / mean. It tries values on the validation posts. gamma is the smallest value
whose recall@5, with beta 0, is within one standard error of the best; beta is then the largest value that costs at most
4.5% of the recall@5 without a prior. Where gamma is 0, the five are put in order by a beta of their own, the largest that
costs at most 8% of the recall@1 without a prior. For titles of which 1, 2, or 3 to 4 words are known (most are beginnings of longer ones)
the prior may be up to ${TIMES.at(-1)} times as strong: the strongest whose recall@5 on such titles is at most one standard error
below that at normal strength, and never stronger than for shorter titles. With fewer than ${LEAST_TITLES} such titles it has
normal strength. The numbers of subscribers come from the snapshot, so run subreddits import or collect subreddits
before snapshot; a label without one gets the median. With fewer than ${LEAST_TITLES} validation posts there is no prior.`

type LabelCounts = Snapshot['labels'][number]

/**
 * By the rule of {@link PRIOR_RULE}: where the validation posts can't tell two values apart, the simpler one is taken.
 *
 * Source of the rule of one standard error: Breiman et al. 1984, "Classification and Regression Trees", 3.4.3.
 *
 * @param titles whole ones and those made of them @param counts of the labels, from the snapshot
 * @returns null where the snapshot says nothing about its labels, or no prior does any good
 */
export function choosePrior(titles: RankedTitles, counts: readonly LabelCounts[]): Prior | null {
	const whole = titles.filter(({ isWhole }) => isWhole)
	if (whole.count < LEAST_TITLES) return null
	const { sizes, recency, weigh } = describeLabels(titles.labels, counts)
	const plain = whole.countHits(weigh({ gamma: 0 }))
	const error = standardError(plain, whole.count)
	const hits = GAMMAS.map((value) => whole.countHits(weigh({ gamma: value })))
	const enough = Math.max(...hits) - error
	const gamma = recency ? (GAMMAS.find((_, index) => (hits[index] ?? 0) >= enough) ?? 0) : 0
	const least = Math.min(plain - error, plain * (1 - BETA_COST))
	const isWorthIt = (value: number) => whole.countHits(weigh({ beta: value, gamma })) >= least
	const beta = sizes ? (BETAS.findLast(isWorthIt) ?? 0) : 0
	if (beta === 0 && gamma === 0) return null
	const weights = center(weigh({ beta, gamma }))
	const order = gamma === 0 && beta > 0 ? { order: chooseOrder(whole, beta, weights) } : {}
	return { alpha: 0, beta, gamma, ...order, weights, short: chooseTimes(titles, weights) }
}

/** As beta, for the order of the five: it changes nothing of recall@5. */
function chooseOrder(titles: RankedTitles, beta: number, weights: readonly number[]): number {
	const countFirst = (order: number): number =>
		titles.countFirst(weights, weighOrder({ beta, order, weights }) ?? weights)
	const least = countFirst(0) * (1 - ORDER_COST)
	return BETAS.findLast((order) => countFirst(order) >= least) ?? beta
}

/** How many times as strong the prior is for short titles, of which a model says little. */
function chooseTimes(
	titles: RankedTitles,
	weights: readonly number[],
): NonNullable<Prior['short']> {
	let allowed = TIMES
	return SHORT_TITLES.map((knownWords, index) => {
		const least = SHORT_TITLES[index - 1] ?? 0
		const group = titles.filter(
			(title) => title.knownWords > least && title.knownWords <= knownWords,
		)
		// Too few titles say nothing, for the longer ones neither.
		if (group.count < LEAST_TITLES) return { knownWords, times: 1 }
		const countHits = (times: number) => group.countHits(weights.map((weight) => times * weight))
		const once = countHits(1)
		const enough = once - standardError(once, group.count)
		const times = allowed.findLast((value) => countHits(value) >= enough) ?? 1
		allowed = TIMES.filter((value) => value <= times)
		return { knownWords, times }
	})
}

/**
 * A prior of a given strength for the labels of another model.
 *
 * @param labels those of the model, in any order @param counts of the labels, from the model's snapshot
 */
export function makePrior(
	{ short, ...strengths }: Omit<Prior, 'weights'>,
	labels: readonly string[],
	counts: readonly LabelCounts[],
): Prior {
	const { weigh } = describeLabels(sortLabels(labels), counts)
	const weights = center(weigh(strengths))
	return { ...strengths, weights, ...(short ? { short } : {}) }
}

/** What is known of each label's size and recent posts, null where too little is, and the weights that come of both. */
function describeLabels(names: readonly string[], counts: readonly LabelCounts[]) {
	const byName = new Map(counts.map((label) => [label.name, label]))
	const labels = names.map((name) => byName.get(name))
	const sizes = readSizes(labels)
	const mean = (sizes ?? []).reduce((sum, size) => sum + size, 0) / labels.length
	const recency = logRecency(labels)
	const weigh = ({ alpha = 0, beta = 0, gamma }: Strengths) =>
		labels.map((_, index) => {
			const size = sizes?.[index]
			const bySize =
				size === undefined
					? 0
					: alpha * Math.log(size + SIZE_FLOOR) +
						(mean > 0 ? Math.log(1 + (beta * size) / mean) : 0)
			return bySize + gamma * (recency?.[index] ?? 0)
		})
	return { sizes, recency, weigh }
}

type Strengths = Partial<Pick<Prior, 'alpha' | 'beta'>> & Pick<Prior, 'gamma'>

/** Of a number of hits, as those of a share that was measured on so many titles. */
function standardError(hits: number, titles: number): number {
	return Math.sqrt((hits * (titles - hits)) / titles)
}

/** Subscribers; the median for a label without. */
function readSizes(labels: readonly (LabelCounts | undefined)[]): number[] | null {
	const known = labels.flatMap((label) => label?.subscribers ?? []).sort((a, b) => a - b)
	if (known.length < labels.length * LEAST_SIZED_SHARE) return null
	const median = known[Math.floor(known.length / 2)] ?? 0
	return labels.map((label) => label?.subscribers ?? median)
}

/** Of each label's training posts the share that is recent, drawn towards that of all. */
function logRecency(labels: readonly (LabelCounts | undefined)[]): number[] | null {
	if (labels.every((label) => label?.recent === undefined)) return null
	const sum = (figure: (label: LabelCounts) => number) =>
		labels.reduce((total, label) => total + (label ? figure(label) : 0), 0)
	const recent = sum((label) => label.recent ?? 0)
	if (recent === 0) return null
	const floorAll = (RECENT_FLOOR * sum(({ train }) => train)) / recent
	return labels.map((label) =>
		Math.log(((label?.recent ?? 0) + RECENT_FLOOR) / ((label?.train ?? 0) + floorAll)),
	)
}

/** A constant added to all changes nothing: around 0 the numbers stay small. Digits that nothing depends on are left out. */
function center(weights: readonly number[]): number[] {
	const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
	return weights.map((weight) => Math.round((weight - mean) * 1e4) / 1e4)
}
