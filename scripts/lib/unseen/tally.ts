// Counts how often unseen subreddits are found, and what would be shown at which threshold. Pure.
import { type Block, poolViolators } from '../../../src/model/calibration.ts'
import type { UnseenMatch } from '../../../src/model/unseen/search.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { UNSEEN_COUNT } from '../../../src/shared/unseen.ts'

/** Of those shown at least this share is right. */
export const LEAST_RIGHT = 0.25

/** Thresholds that are tried: 0.01 to 0.99. */
const THRESHOLDS = Array.from({ length: 99 }, (_, step) => (step + 1) / 100)

/** Of the titles that people ask about, this share is taken to belong to subreddits that the model has not learnt. */
export const UNSEEN_SHARE = 0.1

const BIN_EDGES = [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1]

export interface ThresholdFigures {
	readonly threshold: number
	/** Share of the titles of subreddits that were left out for which at least one is shown. */
	readonly shown: number
	/** Of those shown, the share that is right. */
	readonly right: number
	/** Share of the titles of known subreddits for which at least one is shown; these are wrong. */
	readonly shownForKnown: number
}

export interface UnseenFigures {
	/** Subreddits that were left out, and their test posts. */
	readonly leftOut: number
	readonly posts: number
	/** Subreddits that were searched. */
	readonly candidates: number
	readonly 'recall@1': number
	readonly 'recall@5': number
	readonly thresholds: readonly ThresholdFigures[]
	/** How often a subreddit with so much evidence is right: see `right` of the index's parameters. */
	readonly right: readonly (readonly [evidence: number, share: number])[]
}

type Match = Pick<UnseenMatch, 'subreddit' | 'evidence'>

interface Shown {
	readonly evidence: number
	readonly isRight: boolean
}

/** What was found for each title. */
export class UnseenTally {
	readonly unseen: Shown[][] = []
	readonly known: Shown[][] = []
	hits1 = 0
	hits5 = 0

	/** @param matches strongest first, at least five where there are so many */
	addUnseen(subreddit: string, matches: readonly Match[]): void {
		const wanted = subreddit.toLowerCase()
		const rank = matches.findIndex((match) => match.subreddit.toLowerCase() === wanted)
		if (rank === 0) this.hits1 += 1
		if (rank !== -1 && rank < 5) this.hits5 += 1
		this.unseen.push(
			matches
				.slice(0, UNSEEN_COUNT)
				.map(({ evidence }, place) => ({ evidence, isRight: place === rank })),
		)
	}

	/** A title of a subreddit that the model knows: whatever is shown beside it is wrong. */
	addKnown(matches: readonly Match[]): void {
		this.known.push(
			matches.slice(0, UNSEEN_COUNT).map(({ evidence }) => ({ evidence, isRight: false })),
		)
	}
}

/** @throws AppError `bad-input` where there are no posts */
export function tallyUnseen(tally: UnseenTally): Omit<UnseenFigures, 'leftOut' | 'candidates'> {
	const { unseen, known, hits1, hits5 } = tally
	const posts = unseen.length
	if (posts === 0)
		throw new AppError(
			'bad-input',
			'test posts of the subreddits that were left out: 0; take another --seed or leave out more',
		)
	return {
		posts,
		'recall@1': hits1 / posts,
		'recall@5': hits5 / posts,
		right: calibrate(tally),
		thresholds: THRESHOLDS.map((threshold) => {
			const isShown = ({ evidence }: Shown) => evidence >= threshold
			const shown = unseen.flat().filter(isShown)
			const right = shown.filter(({ isRight }) => isRight).length
			return {
				threshold,
				shown: shareOf(unseen, (matches) => matches.some(isShown)),
				right: shown.length === 0 ? 0 : right / shown.length,
				shownForKnown: shareOf(known, (matches) => matches.some(isShown)),
			}
		}),
	}
}

/**
 * How often a subreddit with so much evidence is right, where so many titles belong to subreddits that the model has not learnt.
 * Neighbouring bins are joined until their shares ascend.
 */
function calibrate({ unseen, known }: UnseenTally): [number, number][] {
	const weightUnseen = UNSEEN_SHARE / unseen.length
	const weightKnown = (1 - UNSEEN_SHARE) / Math.max(1, known.length)
	const all = [
		...unseen.flat().map((shown) => ({ ...shown, weight: weightUnseen })),
		...known.flat().map((shown) => ({ ...shown, weight: weightKnown })),
	]
	const bins = BIN_EDGES.slice(0, -1).map((from, at) => {
		const until = BIN_EDGES[at + 1] as number
		return all.filter(({ evidence }) => evidence >= from && (evidence < until || until === 1))
	})
	const blocks = bins
		.filter(({ length }) => length > 0)
		.map((bin): Block => {
			const sum = (figure: (shown: (typeof bin)[number]) => number) =>
				bin.reduce((total, shown) => total + shown.weight * figure(shown), 0)
			return {
				weight: sum(() => 1),
				hits: sum(({ isRight }) => Number(isRight)),
				scoreSum: sum(({ evidence }) => evidence),
			}
		})
	const round = (share: number) => Math.round(share * 1000) / 1000
	return poolViolators(blocks).map(({ weight, hits, scoreSum }) => [
		round(scoreSum / weight),
		round(hits / weight),
	])
}

/** The lowest threshold from which on at least a quarter of those shown are right; null where there is none. */
export function chooseThreshold(thresholds: readonly ThresholdFigures[]): number | null {
	const last = thresholds.findLastIndex(({ shown, right }) => shown > 0 && right < LEAST_RIGHT)
	return thresholds[last + 1]?.threshold ?? null
}

function shareOf<T>(items: readonly T[], test: (item: T) => boolean): number {
	return items.length === 0 ? 0 : items.filter(test).length / items.length
}

/** What holds at a threshold, or at the next one above that was tried. */
export function figuresAt({ thresholds }: UnseenFigures, threshold: number): ThresholdFigures {
	const found = thresholds.find((one) => one.threshold >= threshold) ?? thresholds.at(-1)
	if (!found) throw new Error('no thresholds were tried')
	return found
}
